"""Faults at random instants, over real processes and servers: nothing acknowledged is lost."""
