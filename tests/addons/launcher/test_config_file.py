"""What `.anyclauderc.json` may hold, and what a broken one is answered with."""

import json
from pathlib import Path

import pytest

from addons.launcher import config_file
from addons.launcher.settings import resolve
from traces.errors import ToolkitError


def write(folder: Path, document: object) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / config_file.NAME
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def test_a_file_says_all_that_flags_can_say_and_what_belongs_to_one_mode(tmp_path: Path) -> None:
    document = {
        "// note": "comments are keys that begin so",
        "backend": "ollama",
        "port": 8099,
        "debug": {"level": 1},
        "proxyOnly": True,
        "web": True,
        "traceDir": "/t",
        "backends": {
            "lmstudio": {"enabled": False, "baseUrl": "http://unused:1"},
            "ollama": {"enabled": True, "baseUrl": "http://box:5/v1", "model": "qwen", "apiKey": "k"},
        },
    }
    settings = resolve({}, {}, [config_file.read(write(tmp_path, document))])
    assert (settings.mode, settings.backend, settings.model, settings.api_key) == (
        "ollama",
        "http://box:5",
        "qwen",
        "k",
    )
    assert (settings.port, settings.debug, settings.proxy_only, settings.web) == (8099, 1, True, True)
    assert settings.trace_dir == "/t"


def test_a_backend_that_is_a_url_is_an_address(tmp_path: Path) -> None:
    assert (
        resolve({}, {}, [config_file.read(write(tmp_path, {"backend": "http://box:8000/v1"}))]).backend
        == "http://box:8000"
    )


def test_the_file_in_the_working_folder_comes_before_the_one_at_home(tmp_path: Path) -> None:
    write(tmp_path / "work", {"mode": "vllm"})
    write(tmp_path / "home", {"mode": "ollama", "port": 5})
    settings = resolve({}, {}, config_file.read_all(tmp_path / "work", tmp_path / "home"))
    assert (settings.mode, settings.port) == ("vllm", 5)


def test_a_missing_file_says_nothing_and_one_that_is_both_is_read_once(tmp_path: Path) -> None:
    assert config_file.read_all(tmp_path, tmp_path) == []
    write(tmp_path, {"port": 5})
    assert len(config_file.read_all(tmp_path, tmp_path)) == 1


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{broken", "can't be read as JSON: Expecting property name"),
        ([], "must be an object"),
        ({"moed": "vllm"}, "unknown key 'moed': allowed are backends, mode, backend, port"),
        ({"claude": "/tmp/evil"}, "unknown key 'claude'"),
        ({"backends": {"olama": {}}}, "backends: unknown key 'olama': allowed are lmstudio, ollama"),
        (
            {"backends": {"ollama": {"url": "x"}}},
            "backends.ollama: unknown key 'url': allowed are baseUrl, model, apiKey",
        ),
        ({"prices": {"m": {"input": 3}}}, "prices.m: output is missing"),
        ({"budget": "a lot"}, "budget: 'a lot' can't be used: it must be dollars, as 5"),
        ({"backends": {"ollama": "http://x"}}, 'backends.ollama: must be an object, {…}, not "http://x"'),
        ({"mode": "olama"}, "mode: 'olama' can't be used: it must be one of lmstudio, ollama"),
        ({"backend": "olama"}, "backend: 'olama' can't be used: it must be one of lmstudio, ollama"),
    ],
)
def test_what_is_wrong_is_named_in_one_line_with_the_file(tmp_path: Path, document: object, message: str) -> None:
    path = write(tmp_path, document)
    with pytest.raises(ToolkitError) as raised:
        resolve({}, {}, config_file.read_all(tmp_path, tmp_path))
    assert str(raised.value).startswith(f"{path}: {message}")
    assert "\n" not in str(raised.value)
