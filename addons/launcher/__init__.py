"""The command `anyclaude`: starts a proxy, then the client behind it."""
