"""What a search finds in sessions as clients record them, and what it says of where that was."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.factories import PROMPT, READ, SESSION, call, exchange, message, result, trace
from traces import moments
from traces.errors import ToolkitError
from traces.model import Ids, Trace
from traces.search import fill
from traces.search.history import search
from traces.search.question import END, START, Hit, Question, as_fts
from traces.storage import codec, store
from traces.storage.index import database

OTHER = f"{SESSION[:8]}-0000-4000-8000-00000000beef"
WHERE = "Primary working directory: /home/ana/shop\nPlatform: linux"


def body(*messages: object, system: str = f"{PROMPT}\n{WHERE}") -> dict[str, object]:
    return {"model": "qwen3-coder", "tools": [READ], "system": [{"type": "text", "text": system}], "messages": messages}


def user(content: object) -> dict[str, object]:
    return {"role": "user", "content": content}


ASKED = user("Please fix the login form, it says Grüße twice")
CALLED = message([call("Read", "t1", file_path="/home/ana/shop/login.py")])
GIVEN = user([result("def login(user): raise NotImplementedError", "t1")])
ANSWERED = message("The login form is repaired.")

SESSION_TRACES = [
    trace(body(ASKED), CALLED, at=0),
    trace(body(ASKED, CALLED, GIVEN), ANSWERED, at=10),
    trace(body(ASKED, CALLED, GIVEN, ANSWERED, user("Thanks! And the zebra?")), message("Which zebra?"), at=20),
]
OTHERS = [
    trace(body(user("Paint a zebra"), system=PROMPT), message("Done"), at=100, ids=Ids(OTHER), timestamp=None),
    exchange(200, "Without an id, a giraffe", answer="so", ids=Ids()),
    exchange(210, "Without an id, a giraffe", "so", "And an okapi?", ids=Ids()),
]


def write(trace: Trace, root: Path) -> Path:
    return store.create(root / trace.mode, store.stem_of(trace.timestamp), codec.encode(trace))


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def files(root: Path) -> Sequence[Path]:
    return [write(trace, root) for trace in (*SESSION_TRACES, *OTHERS)]


def ask(words: str, **asked: object) -> list[Hit]:
    skipped: list[str] = []
    hits = search(Question(words, **asked), -1, skipped)  # type: ignore[arg-type]
    assert skipped == []
    return hits


def places(words: str, **asked: object) -> list[tuple[str | None, int | None, str]]:
    return [(hit.session, hit.turn, hit.role) for hit in ask(words, **asked)]


PAINTED, WONDERED = (OTHER, 1, "user"), (SESSION, 3, "user")

FOUND = {
    "one word, in whichever case": ("LOGIN form", {}, [(SESSION, 2, "assistant"), (SESSION, 1, "user")]),
    "each text in the turn in which it was said first": (
        "zebra",
        {"role": "user"},
        [PAINTED, WONDERED],
    ),
    "a tool's input and result": ("login", {"tool": "read"}, [(SESSION, 2, "tool"), (SESSION, 1, "tool")]),
    "a role": ("login", {"role": "assistant"}, [(SESSION, 2, "assistant")]),
    "a definition is the system's": ("Reads a file", {}, [(None, 1, "system")]),
    "words in this order": ('"form login"', {}, []),
    "words in any order": ("form login", {"role": "user"}, [(SESSION, 1, "user")]),
    "the beginning of a word": ("repair*", {}, [(SESSION, 2, "assistant")]),
    "no half of a word": ("repair", {}, []),
    "accents or none": ("grusse", {}, []),
    "with the accent left out": ("Gruße", {}, [(SESSION, 1, "user")]),
    "a part of the model's name": (
        "zebra",
        {"model": "QWEN3", "role": "user"},
        [PAINTED, WONDERED],
    ),
    "another model": ("zebra", {"model": "opus"}, []),
    "a folder": ("zebra", {"project": "/home/ana/shop", "role": "user"}, [(SESSION, 3, "user")]),
    "a folder above": ("zebra", {"project": "/home/ana", "role": "user"}, [(SESSION, 3, "user")]),
    "no folder that only begins alike": ("zebra", {"project": "/home/an"}, []),
    "since": ("zebra", {"since": "2026-11-20T09:01:00.000Z"}, [(OTHER, 1, "user")]),
    "an expression": (r"NotImpl\w+$", {"regex": True}, [(SESSION, 2, "tool")]),
    "an expression's case counts": (r"notimpl", {"regex": True}, []),
    "without an id": ("okapi", {}, [(None, 2, "user")]),
    "operators mean nothing": ("login OR zebra", {}, []),
    "nor do signs": ("login* ^ -form: (", {"role": "user"}, [(SESSION, 1, "user")]),
}


@pytest.mark.parametrize(("words", "asked", "expected"), FOUND.values(), ids=FOUND.keys())
def test_what_is_found(
    files: Sequence[Path], words: str, asked: dict[str, object], expected: list[tuple[str | None, int, str]]
) -> None:
    assert places(words, **asked) == expected


def test_a_hit_says_where_it_is(files: Sequence[Path]) -> None:
    [hit] = ask("NotImplementedError")
    assert hit == Hit(
        timestamp=SESSION_TRACES[1].timestamp,
        path=files[1],
        place=1,
        session=SESSION,
        short=SESSION,  # the other one begins with the same eight characters
        turn=2,
        title="Please fix the login form, it says Grüße twice",
        model="qwen3-coder",
        project="/home/ana/shop",
        role="tool",
        tool="Read",
        sessions=1,
        snippet=f"def login(user): raise {START}NotImplementedError{END}",
    )


def test_what_sessions_repeat_is_one_hit_in_the_newest(files: Sequence[Path]) -> None:
    [hit] = ask("Reads a file")
    assert (hit.session, hit.path, hit.sessions) == (None, files[4], 3)


def test_the_answer_to_a_request_for_a_title_names_the_session(files: Sequence[Path], root: Path) -> None:
    asks = {"output_config": {"format": {"schema": {"properties": {"title": {}}}}}, "messages": [ASKED]}
    client = {"x-app": "cli", "user-agent": "claude-cli/2.1.332 (external, cli)"}
    write(trace(asks, message('{"title": "Login form"}'), at=1, headers=client), root)
    assert {hit.title for hit in ask("NotImplementedError")} == {"Login form"}


@pytest.mark.parametrize(
    "words",
    [
        "Working directory: /home/ana/shop\nIs directory a git repo: no",
        "<environment_context>\n  <cwd>/home/ana/shop</cwd>\n  <shell>bash</shell>",
        "I'm currently working in the directory: /home/ana/shop\nHere is the folder structure",
        "I'm currently working in the following directories:\n  - /home/ana/shop\n  - /home/ana/lib\nHere",
        "- **Workspace Directories:**\n  - /home/ana/shop\n- **Directory Structure:**",
    ],
)
def test_the_folder_is_known_however_a_client_names_it(words: str, root: Path) -> None:
    write(trace(body(user("A narwhal"), system=words), message("so"), ids=Ids()), root)
    assert {hit.project for hit in ask("narwhal", project="/home/ana/shop")} == {"/home/ana/shop"}


def test_without_ids_a_subagent_is_found_in_the_session_that_called_for_it(root: Path) -> None:
    worker = "You are a general-purpose subagent working for a parent agent."
    calls = [call("agent", "t1", prompt="Find the ocelot. ")]
    talk = [
        exchange(0, "Where is it?", answer=calls, ids=Ids()),
        exchange(5, "Find the ocelot.", prompt=worker, answer=[call("agent", "t2", prompt="Look here.")], ids=Ids()),
        exchange(6, "Look here.", prompt=worker, answer="The ocelot sleeps.", ids=Ids()),
        exchange(9, "Where is it?", calls, [result("The ocelot sleeps.", "t1")], answer="Here.", ids=Ids()),
        exchange(20, "Nobody called for this.", prompt=worker, answer="No ocelot.", ids=Ids()),
    ]
    for one in talk[:2]:
        write(one, root)
    assert {hit.title for hit in ask("ocelot")} == {"Where is it?"}
    for one in talk[2:]:  # the index is carried on
        write(one, root)
    assert [(hit.title, hit.turn, hit.sessions) for hit in ask("sleeps")] == [("Where is it?", 3, 1)]
    assert [hit.title for hit in ask('"No ocelot"')] == ["Nobody called for this."]


def test_a_new_trace_is_found_at_once(files: Sequence[Path], root: Path) -> None:
    assert ask("aardvark") == []
    write(exchange(300, "An aardvark", ids=Ids(SESSION)), root)
    assert places("aardvark") == [(SESSION, 4, "user")]


def test_what_a_deleted_trace_said_first_is_found_where_it_was_repeated(files: Sequence[Path]) -> None:
    assert places("login form", role="user") == [(SESSION, 1, "user")]
    files[0].unlink()
    assert places("login form", role="user") == [(SESSION, 1, "user")]  # of those that are left
    assert ask("login form", role="user")[0].path == files[1]


def test_what_is_deleted_is_gone_from_the_index(files: Sequence[Path], root: Path) -> None:
    ask("giraffe")
    for file in files[4:]:
        file.unlink()
    assert ask("giraffe") == []
    with sqlite3.connect(database.path_of(root)) as index:
        assert index.execute("SELECT count(*) FROM texts WHERE text LIKE '%giraffe%'").fetchone() == (0,)
        index.execute("INSERT INTO words (words) VALUES ('integrity-check')")  # raises where a word is left over
    index.close()


def test_a_trace_that_was_completed_is_read_again(root: Path) -> None:
    begun = replace(SESSION_TRACES[0], response=None)
    file = write(begun, root)
    assert [hit.role for hit in ask("login")] == ["user"]
    store.replace(file, codec.encode(SESSION_TRACES[0]))
    assert sorted(hit.role for hit in ask("login")) == ["tool", "user"]


def test_an_index_in_the_making_is_carried_on(
    files: Sequence[Path], root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is interrupted loses the last batch."""
    monkeypatch.setattr(fill, "BATCH", 2)

    def interrupted(ids: Sequence[int]) -> object:
        yield from ids[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(Question("zebra"), -1, [], interrupted)  # type: ignore[arg-type]
    read: list[int] = []
    search(Question("zebra"), -1, [], lambda ids: read.extend(ids) or ids)  # type: ignore[func-returns-value]
    assert len(read) == 4
    assert places("zebra", role="user") == [PAINTED, WONDERED]


def test_texts_are_kept_once(files: Sequence[Path], root: Path) -> None:
    ask("zebra")
    with sqlite3.connect(database.path_of(root)) as index:
        texts = [text for (text,) in index.execute("SELECT text FROM texts")]
    index.close()
    assert len(texts) == len(set(texts))
    assert sum("fix the login form" in text for text in texts) == 1


def test_odd_texts_are_kept(root: Path) -> None:
    write(exchange(0, "half a pair \ud800 and a \0 zero aardvark", ids=Ids("id \ud800")), root)
    [hit] = ask("aardvark")
    assert hit.session == "id \ud800"


WRONG = {
    "no word": (Question("- *"), "- *: there is no word in it to search for; --regex searches for signs."),
    "no expression": (Question("(", regex=True), "(: no regular expression: missing )"),
}


@pytest.mark.parametrize(("question", "complaint"), WRONG.values(), ids=WRONG.keys())
def test_a_question_that_makes_no_sense_is_an_error(files: Sequence[Path], question: Question, complaint: str) -> None:
    with pytest.raises(ToolkitError) as reported:
        search(question, -1, [])
    assert str(reported.value).startswith(complaint)


def test_without_fts5_the_error_says_so(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(SESSION_TRACES[0], root)
    monkeypatch.setattr(database, "_WORDS", "CREATE VIRTUAL TABLE words USING unknown_module (text)")
    with pytest.raises(ToolkitError, match="needs FTS5"):
        search(Question("zebra"), -1, [])


def test_without_a_folder_nothing_is_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANYCLAUDE_TRACE_DIR", str(root / "none"))
    assert search(Question("zebra"), -1, []) == []


def test_quotes_without_an_end_are_none() -> None:
    assert as_fts('"fix login') == '"fix" AND "login"'


NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("90m", "2026-11-20T07:30:00.000Z"),
        ("12h", "2026-11-19T21:00:00.000Z"),
        ("7d", "2026-11-13T09:00:00.000Z"),
        ("2w", "2026-11-06T09:00:00.000Z"),
        ("2026-11-01T10:00+01:00", "2026-11-01T09:00:00.000Z"),
    ],
)
def test_a_moment_is_an_age_or_a_date(words: str, expected: str) -> None:
    assert moments.timestamp(moments.moment(words, NOW)) == expected


@pytest.mark.parametrize("words", ["", "d", "7y", "yesterday", "999999w", "2026-13-01"])
def test_anything_else_is_no_moment(words: str) -> None:
    with pytest.raises(ToolkitError, match="neither an age"):
        moments.moment(words, NOW)
