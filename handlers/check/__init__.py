"""Checks as a conversation."""
