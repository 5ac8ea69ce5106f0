"""`trace-replayer replay --edit`, `--editor` and `--depth` as a user calls them, against a server of known answers."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from replay.results import files
from replay.variants import depth
from tests.support import answers, exams, scripted, synthetic
from tests.support.replayer import Replayer

SHORTER = [{"op": "replace", "path": "/tools/0/description", "value": "Reads."}]


@pytest.fixture
def replayer(tmp_path: Path) -> Replayer:
    found = Replayer(tmp_path)
    synthetic.write_all(exams.session(repeat=4).traces, found.traces)
    (tmp_path / "shorter.json").write_text(json.dumps(SHORTER))
    return found


def answering(request: scripted.Received) -> scripted.Answer:
    """Call Read only where its description is long; count a token for 10 bytes."""
    if request.method != "POST" or len(request.body) < 500:
        return scripted.whole({"error": {"message": "no such path"}}, status=404)
    if "count_tokens" in request.path:
        return scripted.whole({"input_tokens": len(request.body) // 10})
    says_much = len(request.json["tools"][0]["description"]) > 100
    blocks = [answers.tool("Read", file_path="/src/a.py")] if says_much else [answers.text("What shall I read?")]
    return scripted.stream(answers.events(*blocks, model=request.json["model"]))


def replay(replayer: Replayer, url: str, *more: Any, turn: int = 12) -> Result:
    trace = sorted(replayer.traces.rglob("*.json"))[turn]
    return replayer.replay(trace, "--target", url, *exams.ANTHROPIC, "--model", "m", *more)


def test_an_edit_is_sent_in_turns_with_the_recording_and_told_what_it_does(replayer: Replayer) -> None:
    with scripted.serving(answering) as server:
        said = replay(replayer, server.url, "--edit", replayer.home / "shorter.json", "--runs", 6)
        assert said.exit_code == 0, said.output
        lengths = [len(post.json["tools"][0]["description"]) for post in server.posts if b'"stream"' in post.body]
    assert sorted(lengths) == [6] * 6 + [max(lengths)] * 6
    assert "+tools[Read].description: Reads." in said.stdout
    words = (
        "Calls as recorded: in 0 of 6 [0%, 39%] runs with the change, in 6 of 6 [61%, 100%] without: less often with"
    )
    assert words in said.stdout

    compared = json.loads(replayer("compare", replayer.results, "--format", "json").stdout)
    [comparison] = compared["comparisons"]
    [changed] = comparison["variants"]
    assert (changed["model"], changed["other"]) == ("m [shorter]", "m")
    assert "+tools[Read].description: Reads." in changed["changes"]
    assert [(each["question"], each["worse"], each["p"], each["shown"]) for each in changed["effects"]] == [
        ("calls", 6, 0.0312, True),
        ("correct", 6, 0.0312, True),
    ]
    page = replayer.home / "page.html"
    replayer("report", replayer.results, "-o", page)
    assert "+tools[Read].description: Reads." in page.read_text()


def test_a_run_of_an_edit_is_known_by_what_it_changes(replayer: Replayer) -> None:
    file = replayer.home / "shorter.json"
    with scripted.serving(answering) as server:
        replay(replayer, server.url, "--edit", file)
        again = replay(replayer, server.url, "--edit", file, "--resume")
        assert "Nothing is left to do" in again.stdout
        file.write_text(json.dumps([{**SHORTER[0], "value": "Reads a file."}]))
        replay(replayer, server.url, "--edit", file, "--resume")
    variants = [run.run.variant for path in replayer.saved if (run := files.load(path))]
    assert len(variants) == 3
    assert len({variant and variant.digest for variant in variants}) == 3


def test_a_context_is_cut_and_grown_by_the_session_s_own_history(replayer: Replayer) -> None:
    with scripted.serving(answering) as server:
        said = replay(replayer, server.url, "--depth", "500,650,9k")
        assert said.exit_code == 0, said.output
        posts = [post for post in server.posts if b'"stream"' in post.body]
    by_messages = {len(post.json["messages"]): len(post.body) // 10 for post in posts}
    assert len(by_messages) == 3
    assert "messages left out, the earliest: " in said.stdout
    assert "messages of the session put in before: " in said.stdout
    assert "tokens by http" not in said.stdout
    assert "'s tokenizer" in said.stdout
    assert "Left out: 9k: the session has history for " in said.stdout
    for post in posts:
        conversation = post.json["messages"]
        calls = {b["id"] for m in conversation for b in m["content"] if b["type"] == "tool_use"}
        results = {b["tool_use_id"] for m in conversation for b in m["content"] if b["type"] == "tool_result"}
        assert results == calls
        assert conversation[-1] == posts[0].json["messages"][-1]


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (("--edit", "nosuch.json"), "nosuch.json: No such file"),
        (("--depth", "4x"), "'4x' is no depth: write 4k, or 4000."),
        (("--depth", "4k,4000"), "names a depth twice"),
        (("--depth", "10"), "what can't be cut is "),
        (("--editor",), "Which editor? Set VISUAL or EDITOR"),
    ],
)
def test_what_cannot_be_changed_is_one_line_before_anything_is_sent(
    replayer: Replayer, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], complaint: str
) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    with scripted.serving(answering) as server:
        said = replay(replayer, server.url, *more)
        assert not [post for post in server.posts if b'"stream"' in post.body]
    assert said.exit_code in (1, 2)
    assert complaint in said.stderr


def test_an_editor_is_for_one_request(replayer: Replayer) -> None:
    said = replayer.replay(replayer.traces, "--editor", "--target", "http://127.0.0.1:9", "--model", "m")
    assert "--editor edits one request: name one of these 24 traces." in said.stderr


def test_depths_are_written_as_people_write_them() -> None:
    assert depth.parse("4k, 500,1M") == [("4k", 4000), ("500", 500), ("1M", 1_000_000)]
