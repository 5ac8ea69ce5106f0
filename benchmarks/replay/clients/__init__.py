"""The clients that are measured, those with the smallest errors first: a module with a CLIENT, and a row here."""

from collections.abc import Mapping

from benchmarks.replay.client import Client
from benchmarks.replay.clients import aiperf, guidellm, llama_benchy, ours, scripted

CLIENTS: Mapping[str, Client] = {
    client.name: client
    for client in (
        ours.CLIENT,
        scripted.EPOLL,
        scripted.AIOHTTP,
        scripted.HTTPX,
        aiperf.CLIENT,
        guidellm.CLIENT,
        llama_benchy.CLIENT,
    )
}
