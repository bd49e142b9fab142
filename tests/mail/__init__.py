"""Tests of what mails say, and how they leave."""
