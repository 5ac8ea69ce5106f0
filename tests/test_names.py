"""What each name means to each command: one table, over a folder of three traces of two sessions.

A name stands for traces, called by their seconds; for sessions, called A and B; or for a complaint, which is a text.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from mitmproxy import io
from mitmproxy.test import tflow

from analysis.web import pages, server
from replay.run import inputs
from tests.support.analyzer import Analyzer
from tests.support.factories import SESSION, exchange
from traces.errors import ToolkitError
from traces.model import Ids
from traces.sessions import lookup
from traces.storage import codec, store

A, B = SESSION, "0ther0ne-0000-4000-8000-000000000002"

TRACES = {
    "00": exchange(0, "Hi", answer="hello"),
    "10": exchange(10, "Hi", "hello", "And?", answer="no"),
    "20": exchange(20, "Ho", answer="hum", ids=Ids(B)),
}


class Means(NamedTuple):
    """What a name means to the commands of each group."""

    analyze: list[str] | str
    compare: list[str] | str
    session: list[str] | str
    report: str
    view: list[str] | str
    sessions: list[str] | str
    replay: list[str] | str


NO_FOLDER = "is not a folder. Name the folder it is in, or use: trace-analyzer session"
NOTHING = "no such file, folder, trace or session in {root}. To see what is there: trace-analyzer list"
NO_FILE = "no such file or folder. To see what is there: trace-analyzer list"

NAMES: dict[str, Means] = {
    "latest": Means(["20"], ["20"], ["B"], "session", ["B"], NO_FOLDER, ["20"]),
    "last:2": Means(["10"], ["10"], ["A"], "trace", ["A"], NO_FOLDER, ["10"]),
    "2026-11-20T09-00-10-000": Means(["10"], ["10"], ["A"], "trace", ["A"], NO_FOLDER, ["10"]),
    "{root}/llamacpp/2026-11-20T09-00-20-000.json": Means(["20"], ["20"], ["B"], "trace", ["B"], NO_FOLDER, ["20"]),
    "{A}": Means(
        "is a session of 2 traces. Name one of them, or use: trace-analyzer session",
        ["00", "10"],
        ["A"],
        "session",
        ["A"],
        "no such folder. To see what is there",
        ["00", "10"],
    ),
    "0the": Means(["20"], ["20"], ["B"], "session", ["B"], "no such folder. To see what is there", ["20"]),
    "{root}": Means(
        "is a folder. Name one trace in it, or use: trace-analyzer compare",
        ["00", "10", "20"],
        ["A", "B"],
        "session",
        [],
        ["A", "B"],
        ["00", "10", "20"],
    ),
    "{flow}": Means(
        ["flow"], ["flow"], ["flow"], "session", "a .flow file is finished. To look at it", ["flow"], ["flow"]
    ),
    "nobody": Means(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, "no such folder. To see what is there", NOTHING),
    "nowhere.json": Means(NO_FILE, NO_FILE, NO_FILE, NO_FILE, NO_FILE, NO_FILE, NO_FILE),
}


@pytest.fixture
def analyzer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Analyzer:
    """With the traces in its folder, and a .flow file beside it."""
    made = Analyzer(tmp_path)
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(made.root))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for trace in TRACES.values():
        store.create(made.root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))
    flow = tflow.tflow(resp=True)
    flow.request.method, flow.request.path = "POST", "/v1/messages"
    flow.request.content = json.dumps(TRACES["00"].request.body).encode()
    with (tmp_path / "kept.flow").open("wb") as file:
        io.FlowWriter(file).add(flow)
    return made


def called(file: object) -> str:
    """A trace, by its seconds; `flow` where it is the .flow file's."""
    path = Path(str(file))
    return "flow" if path.suffix == ".flow" else path.stem[-6:-4]


def called_session(id: str | None) -> str:
    return {A: "A", B: "B"}.get(str(id), "flow")


def printed(analyzer: Analyzer, *arguments: str) -> Any:
    result = analyzer(*arguments, "--format", "json")
    if result.exit_code:
        raise ToolkitError(result.output)
    return json.loads(result.stdout)


def exported(analyzer: Analyzer, name: str) -> list[str]:
    output = analyzer.home / "table.csv"
    result = analyzer("export", name, "-o", str(output))
    if result.exit_code:
        raise ToolkitError(result.output)
    with output.open() as file:
        return [called(row["file"]) for row in csv.DictReader(file)]


def sessions_of(document: Any) -> list[str]:
    found = document if isinstance(document, list) else [document]
    return [called_session(one["session"]) for one in found]


COMMANDS: dict[str, tuple[str, Callable[[Analyzer, str], object]]] = {
    "analyze": ("analyze", lambda run, name: [called(printed(run, "analyze", name)["file"])]),
    "compare": ("compare", lambda run, name: [called(row["file"]) for row in printed(run, "compare", name)["traces"]]),
    "export": ("compare", exported),
    "session": ("session", lambda run, name: sessions_of(printed(run, "session", name))),
    "cache": ("session", lambda run, name: [called_session(one) for one in printed(run, "cache", name)["sessions"]]),
    "replay session": ("session", lambda run, name: [called_session(one.id) for one in lookup.find(name, [])]),
    "report": ("report", lambda run, name: pages.page_of(name, None, "o200k_base", None, []).bundle.name.lower()),
    "view": ("view", lambda run, name: [called_session(id) for id in [server.folder_and_session(name)[1]] if id]),
    "sessions": ("sessions", lambda run, name: sorted(sessions_of(printed(run, "sessions", name)))),
    "replay": ("replay", lambda run, name: [called(trace.source) for trace in inputs.traces(name, [])]),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_means_the_same_to_every_command(analyzer: Analyzer, command: str, name: str) -> None:
    group, run = COMMANDS[command]
    root, flow = str(analyzer.root), str(analyzer.home / "kept.flow")
    given, expected = name.format(root=root, flow=flow, A=A), getattr(NAMES[name], group)
    if (isinstance(expected, str) and command != "report") or expected in (NOTHING, NO_FILE):
        with pytest.raises(ToolkitError) as told:
            run(analyzer, given)
        assert f"{given}: {expected.format(root=root)}" in str(told.value)
    else:
        assert run(analyzer, given) == expected
