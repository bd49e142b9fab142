"""What runs before the tests, by `make test`: tools that pip cannot bring."""
