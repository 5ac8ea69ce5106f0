"""Which clients a command measures: ours, and those that `--peers` names."""

import argparse
from collections.abc import Mapping, Sequence

from benchmarks.replay.client import Client
from benchmarks.replay.table import OURS


def peers(clients: Mapping[str, Client]) -> Sequence[str]:
    return [name for name in clients if name != OURS]


def chosen(parser: argparse.ArgumentParser, given: str | None, clients: Mapping[str, Client]) -> Sequence[Client]:
    """Return ours, then the named ones, or all. Ends the command where a name is unknown."""
    names = peers(clients) if given is None else given.split(",")
    if unknown := set(names) - set(clients):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(peers(clients))}")
    return [clients[name] for name in dict.fromkeys([OURS, *names])]
