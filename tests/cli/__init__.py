"""Tests of the commands, as an operator types them."""
