"""Anthropic's rules, one by one. A word is a token, so the models' minimum sizes are reached by long texts."""

from typing import Any

import pytest

from analysis.prefix_cache.anthropic import Predicted, minimum, positions, predict
from tests.support import talks
from tests.support.talks import ANSWERED, Body, Talk, body, called, result, said
from traces.content.parts import Part

MODEL = "claude-sonnet-4-5"
MARK = {"cache_control": {"type": "ephemeral"}}
HOUR = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
SYSTEM = "Mind this. " * 1000


def block(text: str, mark: Body | None = None) -> Body:
    return {"type": "text", "text": text, **(mark or {})}


def asked(*messages: Body, system: Any = None, **changed: Any) -> Body:
    prompt = [block(SYSTEM, MARK)] if system is None else system
    return body(*messages, **{"model": MODEL, "system": prompt, "tools": [], **changed})


def user(text: str, mark: Body | None = MARK) -> Body:
    return {"role": "user", "content": [block(text, mark)]}


def read(talk: Talk) -> list[int]:
    return [one.read for one in predict(talk.turns, talks.words) if one is not None]


def both(first: Body, then: Body, step: float = 10.0) -> list[int]:
    return read(Talk("claude", step).ask(first, ANSWERED).ask(then, ANSWERED))


ONE = user("Fix the test.")
TWO = (user("Fix the test.", None), said("Done."), user("And the next."))


def test_what_was_marked_is_read() -> None:
    assert both(asked(ONE), asked(*TWO)) == [0, 2003]


def test_what_is_read_and_written_and_neither_is_all() -> None:
    turns = Talk("claude").ask(asked(ONE), ANSWERED).ask(asked(*TWO, user("Unmarked.", None)), ANSWERED).turns
    first, second = predict(turns, talks.words)
    assert first == Predicted(0, 2003, 0)
    assert second == Predicted(2003, 4, 1)


def test_the_servers_own_total_sets_the_scale() -> None:
    usage = {"input_tokens": 6, "cache_creation_input_tokens": 4000}
    [one] = predict(Talk("claude").ask(asked(ONE), ANSWERED, usage=usage).turns, talks.words)
    assert one == Predicted(0, 4006, 0)


@pytest.mark.parametrize(
    ("step", "mark", "found"), [(299, MARK, 2003), (301, MARK, 0), (3599, HOUR, 2003), (3601, HOUR, 0)]
)
def test_an_entry_lives_for_five_minutes_or_an_hour(step: float, mark: Body, found: int) -> None:
    assert both(
        asked(user("Fix the test.", mark), system=[block(SYSTEM)]), asked(*TWO, system=[block(SYSTEM)]), step
    ) == [0, found]


def test_an_entry_lives_on_when_it_is_read() -> None:
    again = asked(ONE)
    assert read(Talk("claude", 200).ask(again, ANSWERED).ask(again, ANSWERED).ask(again, ANSWERED)) == [0, 2003, 2003]


def test_what_would_have_been_read_sooner_is_reported() -> None:
    talk = Talk("claude", 301).ask(asked(ONE), ANSWERED).ask(asked(*TWO), ANSWERED)
    assert [one and one.expired for one in predict(talk.turns, talks.words)] == [0, 2003]
    other = Talk("claude", 301).ask(asked(ONE), ANSWERED).ask(asked(user("Something else.")), ANSWERED)
    assert [one and one.expired for one in predict(other.turns, talks.words)] == [0, 2000]


def test_a_short_prefix_is_not_cached() -> None:
    short = [block("Mind this. " * 500, MARK)]
    assert both(asked(ONE, system=short), asked(ONE, system=short)) == [0, 0]


@pytest.mark.parametrize(
    ("model", "tokens"),
    [
        ("claude-opus-5-5", 512),
        ("claude-fable-5", 512),
        ("claude-opus-4-8", 1024),
        ("claude-opus-4-7", 2048),
        ("claude-opus-4-6", 4096),
        ("claude-opus-4-1-20250805", 1024),
        ("claude-sonnet-5", 1024),
        ("claude-sonnet-4-5", 1024),
        ("claude-haiku-4-5", 4096),
        ("claude-3-5-haiku-20241022", 2048),
        (None, 1024),
    ],
)
def test_a_model_has_a_minimum(model: str | None, tokens: int) -> None:
    assert minimum(model) == tokens


def test_entries_are_looked_for_at_twenty_positions_only() -> None:
    texts = [block("Go on.") for _ in range(19)]
    near, far = ({"role": "user", "content": [*more, block("End.", MARK)]} for more in (texts[:-1], texts))
    bare = [block(SYSTEM)]
    assert both(asked(ONE, system=bare), asked(TWO[0], near, system=bare)) == [0, 2003]
    assert both(asked(ONE, system=bare), asked(TWO[0], far, system=bare)) == [0, 0]


def test_a_run_of_tool_calls_is_one_position_and_so_is_one_of_results() -> None:
    calls = [part for number in range(30) for part in called("Read", f"t{number}", path="/a")["content"]]
    results = [part for number in range(30) for part in result(f"t{number}", "It.")["content"]]
    results[-1] |= MARK
    then = asked(
        TWO[0], {"role": "assistant", "content": calls}, {"role": "user", "content": results}, system=[block(SYSTEM)]
    )
    assert both(asked(ONE, system=[block(SYSTEM)]), then) == [0, 2003]


def test_only_what_was_marked_can_be_read() -> None:
    """What stays the same before a mark is no entry: nobody wrote one there."""
    header = [block("cch=1"), block(SYSTEM, MARK)]
    other = [block("cch=2"), block(SYSTEM, MARK)]
    assert both(asked(ONE, system=header), asked(ONE, system=other)) == [0, 0]


def test_a_change_behind_the_first_mark_leaves_its_entry() -> None:
    assert both(asked(ONE), asked(user("Something else."))) == [0, 2000]


CHANGES: dict[str, tuple[Body, Body, int]] = {
    "another tool": (asked(ONE), asked(ONE, tools=[talks.tool("Bash")]), 0),
    "another model": (asked(ONE), asked(ONE, model="claude-opus-4-8"), 0),
    "an image": (
        asked(ONE),
        asked(
            TWO[0],
            {
                "role": "user",
                "content": [
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}, **MARK}
                ],
            },
        ),
        2000,
    ),
}


@pytest.mark.parametrize(("first", "then", "found"), CHANGES.values(), ids=CHANGES)
def test_a_change_drops_what_is_behind_it(first: Body, then: Body, found: int) -> None:
    assert both(first, then) == [0, found]


def test_an_entry_can_be_read_once_its_answer_has_begun() -> None:
    assert both(asked(ONE), asked(ONE), step=0.5) == [0, 0]
    assert both(asked(ONE), asked(ONE), step=1.5) == [0, 2003]


def test_a_mark_for_the_whole_request_is_at_its_end() -> None:
    bare = [block(SYSTEM)]
    first, then = (asked(user("Go.", None), system=bare, **MARK) for _ in range(2))
    assert both(first, then) == [0, 2001]


def test_what_was_refused_is_no_prediction() -> None:
    turns = Talk("claude").ask(asked(ONE), ANSWERED, status=529).ask(asked(ONE), ANSWERED).turns
    assert [one and one.read for one in predict(turns, talks.words)] == [None, 0]


def test_a_reminder_that_was_cut_is_one_position() -> None:
    kinds = ("reminder", "claude_md", "reminder", "user", "tool_input", "tool_input", "tool_result")
    texts = ("<system-reminder>", "Contents", "</system-reminder>", "Go", "{}", "{}", "It")
    parts = [Part("messages", kind, text) for kind, text in zip(kinds, texts, strict=True)]  # type: ignore[arg-type]
    assert positions(parts) == [0, 0, 0, 1, 2, 2, 3]
