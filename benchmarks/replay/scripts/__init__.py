"""Small clients, each run as a process, in the environment of what it measures; `wire` is what they share."""
