"""The output of `trace-replayer` in the terminal."""
