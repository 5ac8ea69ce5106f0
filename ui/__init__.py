"""How things are shown and asked for on a command line, the same in every command.

Knows what a trace's errors are, but nothing of tokens, models and measures.
"""
