"""A whole session again, turn by turn."""
