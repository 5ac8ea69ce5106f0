"""Replays of a whole session, turn by turn."""
