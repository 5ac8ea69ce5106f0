"""Where the tokens of one exchange go, and of many side by side."""
