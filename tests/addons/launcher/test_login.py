"""A user name and password in the backend's address."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from addons.launcher import login
from addons.launcher.settings import SettingsError, resolve
from tests.support import answers
from tests.support.machine import Machine
from tests.support.scripted import ScriptedServer, serving, whole

SHOWS_PROCESSES = """
import glob
for path in glob.glob("/proc/[0-9]*/cmdline"):
    try:
        words = open(path).read().split(chr(0))
    except OSError:
        continue
    if any("mitmdump" in word or "writer_process" in word for word in words):
        print("process", words)
print(ask())
"""


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with serving([whole(answers.message(answers.text("Hello")))]) as started:
        yield started


@pytest.mark.parametrize("by", ["flag", "environment"])
def test_the_backend_gets_them_and_nothing_shows_them(
    tmp_path: Path, server: ScriptedServer, by: str, machine: Machine
) -> None:
    machine.claude(SHOWS_PROCESSES)
    url = server.url.replace("//", "//some-user:geheim%2Fword@")
    given = ["--backend", url] if by == "flag" else []

    code, stdout, stderr = machine.run(*given, "-p", "x", env={} if given else {"ANYCLAUDE_BACKEND": url})

    assert code == 0
    assert stdout.startswith("process")
    assert stdout.endswith("Hello\n")
    assert [post.header("authorization") for post in server.posts] == ["Basic c29tZS11c2VyOmdlaGVpbS93b3Jk"]
    assert f"recording local at {server.url}\n" in stderr
    written = "".join(file.read_text() for file in (tmp_path / ".anyclaude").rglob("2*.json"))
    assert "Hello" in written
    for shown in (stdout, stderr, written, str(machine.ran["argv"])):
        assert not any(word in shown for word in ("geheim", "some-user", "c29tZS11c2Vy"))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize(
    ("url", "without", "header"),
    [
        ("http://host:1/v1", "http://host:1/v1", ""),
        ("http://u:p@host:1", "http://host:1", "Basic dTpw"),
        ("https://u@host/path", "https://host/path", "Basic dTo="),
        ("http://u:a%40b%3Ac@[::1]:8080", "http://[::1]:8080", "Basic dTphQGI6Yw=="),
        ("http://u:p@q@host", "http://host", "Basic dTpwQHE="),
    ],
)
def test_they_are_taken_out_of_the_address(url: str, without: str, header: str) -> None:
    assert login.split(url) == (without, header)


@pytest.mark.parametrize(
    "url", ["http://u:geheim@host:port", "u:geheim@host:80", "ftp://u:geheim@host", "http://u:geheim@"]
)
def test_an_address_that_can_not_be_used_is_shown_without_them(url: str) -> None:
    with pytest.raises(SettingsError, match="URL such as") as caught:
        resolve({"backend": url}, {})

    assert "geheim" not in str(caught.value)


def test_settings_never_print_them() -> None:
    settings = resolve({"backend": "http://u:geheim@host:1"}, {"LOCAL_API_KEY": "k"})

    assert settings.authorization.startswith("Basic ")
    assert "geheim" not in repr(settings)
    assert "Basic" not in repr(settings)
