"""Journeys: the whole site in processes of its own, over real HTTP, real SMTP, and in a browser."""
