"""Sessions, turn by turn: tokens, agents, and where the time went."""
