"""What is in deploy/ and docs/deploying: run as it stands where a machine allows it."""
