"""Who is measured, the nearest to the truth first. A new client is a module with a CLIENT, and its row here."""

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
