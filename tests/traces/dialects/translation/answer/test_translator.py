"""What a client of Anthropic's gets of other servers' streams says what traces' own reader reads of them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.perturbed import OTHER_TYPES, WAYS, events_of, perturb, places
from tests.support.streams import files, parse
from traces.dialects.sse import ServerEvent
from traces.dialects.translation.answer import AnswerTranslator, assemble

REQUEST = {"model": "m", "max_tokens": 99, "messages": [], "tools": [{"name": "Read"}, {"name": "Glob"}]}
CHAT = files("chat")


def translated(events: Iterable[ServerEvent]) -> tuple[list[tuple[str, Any]], AnswerTranslator]:
    translator = AnswerTranslator("chat", REQUEST, ident="1")
    sent = [each for event in events for each in translator.feed(event)]
    return [*sent, *translator.end()], translator


@pytest.mark.parametrize("file", CHAT, ids=lambda file: file.stem)
def test_a_stream_is_the_same_wherever_it_is_cut(file: Path) -> None:
    body = file.read_bytes()
    assert translated(parse([body]))[0] == translated(parse(body[at : at + 1] for at in range(len(body))))[0]


@given(data=st.data())
def test_no_stream_raises_and_each_ends_once(data: st.DataObject) -> None:
    events = events_of(data.draw(st.sampled_from(CHAT), label="file"))
    number = data.draw(st.integers(0, len(events) - 1), label="event")
    path = data.draw(st.sampled_from(list(places(events[number]))), label="path")
    way, other = data.draw(st.sampled_from(WAYS)), data.draw(st.sampled_from(OTHER_TYPES))
    changed = perturb(events, number, path, way, other)
    sent, translator = translated(ServerEvent(None, json.dumps(event)) for event in changed)
    names = [name for name, _ in sent]
    assert names[0] == "message_start"
    assert names[-1] in ("message_stop", "error")
    assert translator.ended
    assert translator.end() == translator.ping() == []
    if names[-1] == "message_stop":
        assert isinstance(assemble(sent), dict)
