"""The clients that make load, ours first. benchmarks/README.md says which ones are missing, and why."""

from collections.abc import Mapping

from benchmarks.load import ours
from benchmarks.replay.client import Client
from benchmarks.replay.clients import aiperf, guidellm, scripted

CLIENTS: Mapping[str, Client] = {
    client.name: client for client in (ours.CLIENT, scripted.EPOLL, aiperf.CLIENT, guidellm.CLIENT)
}
