"""`python -m analysis`: the same as `trace-analyzer`."""

from analysis.cli import main

main()
