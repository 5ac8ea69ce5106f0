"""How many agents a server can carry: recorded sessions, played by many agents at once."""
