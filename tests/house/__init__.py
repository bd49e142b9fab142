"""The rules of the house as tests. A failure says what to do."""
