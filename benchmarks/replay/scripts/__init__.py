"""Small clients, each run as a process in an environment of its own; `wire` is what they share."""
