"""The prefix cache: what a server can reuse, what breaks it, and what that costs."""
