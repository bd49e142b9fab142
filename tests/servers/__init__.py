"""Real servers for tests: PostgreSQL, Valkey, SMTP, a browser, and the site's own processes."""
