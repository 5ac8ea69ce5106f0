"""The proxy's process: its start, its log, its end. Small programs take the place of a proxy that misbehaves."""

import json
import sys

import pytest

from addons.launcher.proxy import Proxy, ProxyError, proxy_command
from addons.launcher.settings import Settings

pytestmark = pytest.mark.io

LISTENING = json.dumps(["LISTENING", {"port": 5, "web_url": ""}])


def program(source: str) -> list[str]:
    return [sys.executable, "-c", source]


@pytest.mark.parametrize(
    ("settings", "mode"),
    [
        (Settings("openrouter", "https://openrouter.ai/api"), "reverse:https://openrouter.ai:443"),
        (Settings("local", "http://[::1]:99"), "reverse:http://[::1]:99"),
        (Settings("claude", "https://api.anthropic.com", forward=True), "regular"),
    ],
)
def test_the_proxy_leads_to_the_backends_host(settings: Settings, mode: str) -> None:
    line = proxy_command(settings)
    assert line[line.index("--mode") + 1] == mode
    assert line[line.index("--listen-host") + 1] == "127.0.0.1"


def test_a_proxy_that_ends_while_starting_is_quoted() -> None:
    with pytest.raises(ProxyError, match="the proxy ended while starting: no such option: anyclaude_dri"):
        Proxy(program("print('no such option: anyclaude_dri')"), lambda *_: None).start()


def test_what_the_proxy_logs_before_it_listens_is_passed_on_too() -> None:
    messages: list[tuple[str, str]] = []
    early = json.dumps(["WARNING", "old certificate"])
    proxy = Proxy(
        program(f"print({early!r}); print({LISTENING!r}); print('plain'); input()"), lambda *n: messages.append(n)
    )
    proxy.start()
    proxy.stop()
    assert proxy.port == 5
    assert messages[:2] == [("WARNING", "old certificate"), ("", "plain")]


def test_a_proxy_that_does_not_stop_is_killed() -> None:
    proxy = Proxy(
        program(f"import time; print({LISTENING!r}, flush=True); time.sleep(600)"), lambda *_: None, stop_timeout=0.2
    )
    proxy.start()
    proxy.stop()
    assert proxy.wait() == -9
