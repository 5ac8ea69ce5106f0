"""What a client of Anthropic's gets of other servers' streams says what traces' own reader reads of them.

The `anthropic` package's accumulator reads it without a complaint, also of streams in which one field is odd.
ANYCLAUDE_TEST_EXAMPLES sets the number of these.
"""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.packages import ask, python_with
from tests.support.perturbed import ORDER, OTHER_TYPES, WAYS, Case, events_of, perturb, places, read_events, sample
from tests.support.streams import files, parse
from tests.support.translating import (
    contents_at_server,
    contents_of,
    is_same,
    server_events,
    translate,
    without_error,
)
from traces.dialects import Dialect
from traces.dialects.translation.answer import assemble

PACKAGE = "anthropic==2.12.0"
EXAMPLES = int(os.environ.get("ANYCLAUDE_TEST_EXAMPLES", "1000"))
DIALECTS: tuple[Dialect, ...] = ("chat", "responses")
FILES = [file for dialect in DIALECTS for file in files(dialect)]
ONE_ANSWER = [file for file in FILES if file.stem != "chat-two-choices"]


def dialect_of(file: Path) -> Dialect:
    return file.stem.partition("-")[0]


@pytest.fixture(scope="module")
def anthropic_package() -> Path:
    """Return the Python that has the package."""
    return python_with(PACKAGE)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_stream_is_the_same_wherever_it_is_cut(file: Path) -> None:
    body = file.read_bytes()
    whole, _ = translate(dialect_of(file), parse([body]))
    bytewise, _ = translate(dialect_of(file), parse(body[at : at + 1] for at in range(len(body))))
    assert whole == bytewise


@pytest.mark.parametrize("file", ONE_ANSWER, ids=lambda file: file.stem)
def test_a_recorded_stream_keeps_its_contents(file: Path) -> None:
    sent, translator = translate(dialect_of(file), server_events(events_of(file)))
    theirs = read_events(dialect_of(file), events_of(file)).message()
    ours = assemble([each for each in sent if each[0] != "error"])
    assert is_same(contents_of(ours), contents_at_server(dialect_of(file), theirs)), translator.notes


@given(data=st.data())
@pytest.mark.parametrize("dialect", DIALECTS)
def test_no_stream_raises_and_each_ends_once(dialect: Dialect, data: st.DataObject) -> None:
    events = events_of(data.draw(st.sampled_from(files(dialect)), label="file"))
    number = data.draw(st.integers(0, len(events) - 1), label="event")
    path = data.draw(st.sampled_from(list(places(events[number]))), label="path")
    way, other = data.draw(st.sampled_from(WAYS)), data.draw(st.sampled_from(OTHER_TYPES))
    sent, translator = translate(dialect, server_events(perturb(events, number, path, way, other)))
    names = [name for name, _ in sent]
    assert names[0] == "message_start"
    assert [name for name in names if name in ("message_stop", "error")] == names[-1:]
    assert translator.ended
    assert translator.end() == translator.ping() == []


def differs_for_a_reason(case: Case, notes: tuple[str, ...], sent: list[tuple[str, Any]]) -> bool:
    """Return whether a perturbed stream can't be passed on as its reader reads it in the end.

    What was sent can't be taken back: where a part came wrong and right later, or after the answer's end, it is noted.
    An error ends the stream for the client. Answers beside the first are joined in the order in which they came.
    """
    choices = {choice.get("index") for event in case.changed for choice in _choices(event)}
    corrected = case.dialect == "responses" and (case.way in ORDER or any("aren't as their format" in n for n in notes))
    return corrected or len(choices) > 1 or sent[-1][0] == "error" or "content after the answer's end: dropped" in notes


def _choices(event: Any) -> list[Any]:
    found = event.get("choices") if isinstance(event, dict) else None
    return (
        [each for each in found if isinstance(each, dict) and isinstance(each.get("index"), int)]
        if isinstance(found, list)
        else []
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_anthropic_package_reads_what_the_server_sent(dialect: Dialect, anthropic_package: Path) -> None:
    cases = sample([dialect], EXAMPLES)
    answers = [translate(dialect, server_events(case.changed)) for case in cases]
    theirs = ask(anthropic_package, "anthropic_assemble.py", [without_error(sent) for sent, _ in answers])
    assert [their["error"] for their in theirs if their["error"]] == []
    same = 0
    for case, (sent, translator), their in zip(cases, answers, theirs, strict=True):
        ours = contents_of(their["message"])
        server = contents_at_server(dialect, read_events(dialect, case.changed).message())
        same += is_same(ours, server)
        reasoned = is_same(ours, server) or differs_for_a_reason(case, translator.notes, sent)
        assert reasoned, (case.field, case.way, case.other, ours, server, translator.notes)
    assert same > len(cases) * 0.8
