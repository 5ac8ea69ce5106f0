"""What `trace-analyzer cache` prints: golden files of a made-up session, and what its options change."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.support import synthetic, talks
from tests.support.analyzer import Analyzer
from tests.support.golden import golden
from tests.support.talks import Body, Talk, body, called, reminder, result, said, system, tool, user
from traces.model import Ids

DAY = talks.ENVIRONMENT + "\n\nToday's date: 2026-11-20\n" + "Be careful with what you write. " * 30
QUESTION = user(reminder("Contents of /src/CLAUDE.md (project instructions):\n\n" + "Use tabs. " * 60), "Fix the test.")


def story(mode: str = "lmstudio") -> Talk:
    """Return a talk with a changing header, a subagent in between, reordered tools and a new date."""
    talk = Talk(mode)
    history: list[Body] = [QUESTION]
    tools = [tool(name, f"{name}: " + "Prints what it did, line by line. " * 30) for name in talks.TOOLS]
    for number in range(7):
        header = f"cc_version=2.1.330; cch={number if number < 3 else 3:05x};"
        prompt = system(header, environment=DAY.replace("-20", "-21") if number > 5 else DAY)
        answer = called("Read", f"t{number}", file_path=f"/src/{number}.py")
        asked = body(*history, tools=tools if number < 5 else tools[::-1], system=prompt)
        talk.ask(asked, answer, ttft=None if number == 2 else 2.5)
        history += [answer, result(f"t{number}", f"def f{number}(): return {number}\n" * 20)]
        if number == 3:
            finder = [{"type": "text", "text": "You search. " * 150}]
            talk.ask(body(user("Find it."), tools=tools[2:], system=finder), said("Found."), agent="a1f3c0de", ttft=1.5)
    return talk


@pytest.fixture
def recorded(analyzer: Analyzer) -> Analyzer:
    synthetic.write_all(story().traces, analyzer.root)
    return analyzer


def shown(analyzer: Analyzer, *arguments: str) -> str:
    result = analyzer("cache", *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize(("style", "suffix"), [("table", "txt"), ("markdown", "md"), ("csv", "csv")])
def test_text_output_equals_the_golden_file(recorded: Analyzer, style: str, suffix: str) -> None:
    page = shown(recorded, "latest", "--format", style)
    assert page == golden(f"analysis/cache.{suffix}", page)


def test_json_output_equals_the_golden_file_and_names_each_cause(recorded: Analyzer) -> None:
    page = shown(recorded, "latest", "--format", "json")
    assert page == golden("analysis/cache.json", page)
    found = json.loads(page)
    assert [turn["culprit"] for turn in found["turns"]] == [
        *("", "billing-header", "billing-header", "billing-header"),
        *("", "other-agent", "tools-reordered", "date"),
    ]


def test_without_shows_what_leaving_out_a_tool_would_save(recorded: Analyzer) -> None:
    page = shown(recorded, talks.SESSION[:8], "--slots", "2", "--without", "Glob")
    assert page == golden("analysis/cache-without.txt", page)


def document(analyzer: Analyzer, *arguments: str) -> Any:
    return json.loads(shown(analyzer, *arguments, "--format", "json"))


def test_a_server_with_more_slots_wastes_less(recorded: Analyzer) -> None:
    wasted = [sum(turn["wasted"] for turn in document(recorded, "--slots", str(slots))["turns"]) for slots in (1, 2, 0)]
    assert wasted[0] > wasted[1] >= wasted[2] > 0


def test_ram_keeps_what_a_slot_loses(recorded: Analyzer) -> None:
    def kinds(*arguments: str) -> set[str]:
        return {turn["culprit"] for turn in document(recorded, *arguments)["turns"]}

    assert "other-agent" in kinds()
    assert "other-agent" not in kinds("--ram", "100000")


def test_llama_cpp_has_such_memory_and_rewrites_the_billing_header(analyzer: Analyzer) -> None:
    synthetic.write_all(story("llamacpp").traces, analyzer.root)
    found = document(analyzer)
    assert {turn["culprit"] for turn in found["turns"]} == {"", "tools-reordered", "date"}
    assert "other-agent" in {turn["culprit"] for turn in document(analyzer, "--ram", "0")["turns"]}


@pytest.mark.parametrize(
    ("cached", "message"),
    [
        (1190, "\n"),
        (600, ": it holds less than assumed"),
        (
            2,
            ": it reused nothing, though 2 turns carried on the one before; more slots don't help\n"
            "    Likely a model with",
        ),
    ],
)
def test_a_server_that_holds_less_than_predicted_is_reported(analyzer: Analyzer, cached: int, message: str) -> None:
    talk, history = Talk(), [user("Fix the test. " * 300)]
    for number in range(3):
        read = number and cached
        usage = {"input_tokens": 1200 - read, "cache_read_input_tokens": read}
        talk.ask(body(*history), said("Done."), usage=usage)
        history += [said("Done."), user("Go on.")]
    synthetic.write_all(talk.traces, analyzer.root)
    assert f"as the server reports{message}" in shown(analyzer)


def test_the_template_decides_what_comes_first(recorded: Analyzer) -> None:
    first = {name: document(recorded, "--template", name)["turns"][1]["token"] for name in ("chatml", "anthropic")}
    assert first["chatml"] < first["anthropic"]


def test_anthropics_own_cache_is_predicted(analyzer: Analyzer) -> None:
    talk = Talk("claude")
    prompt = [{"type": "text", "text": "Mind this. " * 2000, "cache_control": {"type": "ephemeral"}}]
    for number in range(3):
        cache = "cache_read_input_tokens" if number == 1 else "cache_creation_input_tokens"
        usage = {"input_tokens": 400, "cache_read_input_tokens": 0, cache: 6000}
        request = body(user("Go."), model="claude-sonnet-4-5", system=prompt)
        talk.ask(request, said("Done."), usage=usage)
    synthetic.write_all(talk.traces, analyzer.root)
    page = shown(analyzer)
    assert "ANTHROPIC'S CACHE" in page
    assert "Largest miss" in page
    found = document(analyzer)
    assert found["server"]["slots"] == 0
    assert [turn["anthropic"]["read"] > 0 for turn in found["turns"]] == [False, True, True]


def test_sessions_without_ids_are_kept_apart(analyzer: Analyzer) -> None:
    talk = Talk().ask(body(QUESTION), said("Done.")).ask(body(user("Else. " * 90), tools=[]), said("Done."))
    talk.ask(body(QUESTION, said("Done."), user("Go on.")), said("Done."))
    synthetic.write_all([replace(trace, ids=Ids()) for trace in talk.traces], analyzer.root)
    page = shown(analyzer, str(analyzer.root))
    assert "another agent's turn: turn 1 of session 2026-11-20T09-00-10-000, main" in page
    assert [line[:23] for line in page.splitlines()[2:5]] == [
        *("2026-11-20T09-00-00-000", "2026-11-20T09-00-10-000", "2026-11-20T09-00-00-000")
    ]


def test_without_a_break_the_sections_of_breaks_and_fixes_are_left_out(analyzer: Analyzer) -> None:
    talk = Talk().ask(body(QUESTION), said("Done.")).ask(body(QUESTION, said("Done."), user("Go on.")), said("Done."))
    synthetic.write_all(talk.traces, analyzer.root)
    page = shown(analyzer)
    assert "WHAT BROKE" not in page
    assert "WHAT TO DO" not in page
    assert "SUMS" in page


def test_control_characters_are_escaped(analyzer: Analyzer) -> None:
    talk = Talk().ask(body(QUESTION), said("Done."))
    talk.ask(body(QUESTION, tools=[tool("\x1b[2J"), *(tool(name) for name in talks.TOOLS)]), said("Done."))
    synthetic.write_all(talk.traces, analyzer.root)
    for style in ("table", "markdown", "csv", "json"):
        assert "\x1b" not in shown(analyzer, "--format", style)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--without", "Nothing"), "--without Nothing: no request has that. There are: Bash, Edit, Glob, Read"),
        (("nobody",), "nobody"),
        (("--tokenizer", "nobody"), "No tokenizer is called 'nobody'"),
    ],
)
def test_impossible_arguments_are_an_error_of_one_line(
    recorded: Analyzer, arguments: tuple[str, ...], message: str
) -> None:
    result = recorded("cache", *arguments)
    assert result.exit_code == 1
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_session_whose_requests_were_all_refused_is_an_error(analyzer: Analyzer) -> None:
    synthetic.write_all(Talk().ask(body(QUESTION), said(""), status=529).traces, analyzer.root)
    result = analyzer("cache")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
