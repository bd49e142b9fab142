"""Verbs: the rules. Domain functions know no request; they take `now`, and never commit."""
