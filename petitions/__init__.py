"""Petitions: the roof is built in create_app(); nothing else lives here."""
