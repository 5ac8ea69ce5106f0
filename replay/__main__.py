"""`python -m replay`: the same as `trace-replayer`."""

from replay.cli import main

main()
