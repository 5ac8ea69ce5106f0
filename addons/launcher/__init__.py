"""The command `anyclaude`: starts a proxy, then a client behind it."""
