"""The tests. Their servers are in servers/, set-up in setup/, house rules in house/."""
