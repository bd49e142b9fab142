"""Tests of what is done beside the requests."""
