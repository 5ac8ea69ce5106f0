"""Which file a name means, and the message where there is none."""

from pathlib import Path

import pytest

from tests.support import synthetic
from traces.storage import resolve


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path))
    synthetic.write_all(synthetic.all_kinds(), tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "number"),
    [("latest", 1), ("last:1", 1), ("last:20", 20)]
    + [(name, None) for name in ("last:0", "last:-1", "last:", "last:x", "last:1 ", "latest.json", "2025-10-26")],
)
def test_the_newest_are_counted_back_from_the_latest(name: str, number: int | None) -> None:
    assert resolve.place_from_end(name) == number


def test_the_traces_of_a_folder_are_in_the_order_of_time_whatever_their_mode(root: Path) -> None:
    (root / "ollama").mkdir()
    (root / "lmstudio" / "2025-10-26T14-23-50-000.json").rename(root / "ollama" / "2025-10-26T14-23-50-000.json")
    assert [file.stem[-6:] for file in resolve.traces_in(root)] == ["45-123", "50-000", "01-007"]


def test_where_no_trace_is_it_says_how_to_make_one(root: Path) -> None:
    with pytest.raises(resolve.NoTrace, match=r"No traces found in .*nowhere\. To make one, run Claude Code"):
        resolve.traces_in(root / "nowhere")


FIRST, SECOND, LAST = (f"2025-10-26T14-{moment}" for moment in ("23-45-123", "23-50-000", "24-01-007"))

MEANINGS: dict[str, tuple[str, str, str]] = {
    "latest": ("latest", "trace", f"lmstudio/{LAST}.json"),
    "last:N": ("last:2", "trace", f"lmstudio/{SECOND}.json"),
    "a trace as it is listed": (FIRST, "trace", f"lmstudio/{FIRST}.json"),
    "a file": (f"{{root}}/lmstudio/{FIRST}.json", "trace", f"lmstudio/{FIRST}.json"),
    "a flow file": ("{root}/all.flow", "flow", "all.flow"),
    "a flow file as it is listed": ("all", "flow", "all.flow"),
    "a folder": ("{root}/lmstudio", "folder", "lmstudio"),
    "the beginning of an id": ("1111", "session", ""),
    "the beginning of a trace's name, which a session may have": ("2025-10-26", "session", ""),
    "no number": ("last:0", "session", ""),
}


@pytest.mark.parametrize(("name", "kind", "path"), MEANINGS.values(), ids=MEANINGS.keys())
def test_a_name_means_one_thing(root: Path, name: str, kind: str, path: str) -> None:
    (root / "all.flow").touch()
    if name in ("latest", "last:2"):
        (root / "all.flow").unlink()
    found = resolve.resolve(name.format(root=root))
    assert (found.kind, found.path) == (kind, root / path)


def test_a_path_comes_before_a_trace_of_that_name(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    (root / FIRST).mkdir()
    assert resolve.resolve(FIRST).kind == "folder"


def test_the_home_folder_has_its_short_name(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(root))
    assert resolve.resolve("~/lmstudio").path == root / "lmstudio"


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("nowhere.json", "nowhere.json: no such file or folder. To see what is there: trace-analyzer list, or:"),
        ("no/where", "no/where: no such file or folder. To see"),
        ("gone.flow", "gone.flow: no such file or folder. To see"),
        ("last:9", "last:9: there are only 3 traces in "),
    ],
)
def test_a_name_of_nothing_is_reported(root: Path, name: str, complaint: str) -> None:
    with pytest.raises(resolve.NoTrace) as reported:
        resolve.resolve(name)
    assert str(reported.value).startswith(complaint)


def test_a_folder_is_all_traces_where_none_is_named(root: Path) -> None:
    assert resolve.folder(None) == root
    assert resolve.folder(str(root / "lmstudio")) == root / "lmstudio"


@pytest.mark.parametrize(
    ("name", "complaint"), [("latest", "latest: is not a folder."), ("abc", "abc: no such folder.")]
)
def test_what_is_no_folder_is_reported(root: Path, name: str, complaint: str) -> None:
    with pytest.raises(resolve.NoTrace, match=complaint):
        resolve.folder(name)
