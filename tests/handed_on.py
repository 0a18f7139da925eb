"""Imported where processes are forked from, for what it does: they find the content that ships opened."""

from tests.opened import hand_on

hand_on()
