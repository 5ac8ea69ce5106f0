"""Thinking that a model writes before its answer."""

import pytest

from traces.dialects.translation.written import THINKING

CASES: dict[str, tuple[str, str, str, str]] = {
    "between tags": ("tags", "<think>\nHm. \n</think>\n\nYes. ", "Hm.", "Yes. "),
    "white space before": ("tags", "\n<think>Hm.</think>Yes.", "Hm.", "Yes."),
    "other tags": ("tags", "[THINK]Hm </think>[/THINK]Yes.", "Hm </think>", "Yes."),
    "none": ("tags", " Yes. <think>no</think>", "", " Yes. <think>no</think>"),
    "nothing between the tags": ("tags", "<think>\n\n</think>\n\nYes.", "", "Yes."),
    "no end": ("tags", "<think>Hm. ", "Hm. ", ""),
    "tags further on": ("tags", "<think>a</think>b <think>c</think>", "a", "b <think>c</think>"),
    "half a tag": ("tags", "<thi", "", "<thi"),
    "begun by the prompt": ("open", "\nHm. < 3 \n</think>\nYes.", "Hm. < 3", "Yes."),
    "begun by the prompt, and by the model": ("open", "<think>Hm.</think>Yes.", "Hm.", "Yes."),
    "only thinking": ("open", "Hm.", "Hm.", ""),
}


@pytest.mark.parametrize("name", CASES)
def test_thinking_is_told_from_the_answer(name: str) -> None:
    way, text, thinking, answer = CASES[name]
    for chunks in ([text], list(text), [text[:9], text[9:]]):
        reader = THINKING[way]()
        pieces = [piece for chunk in chunks for piece in reader.feed(chunk)] + reader.end()
        joined = ["".join(piece.text for piece in pieces if piece.content == kind) for kind in ("thinking", "text")]
        assert joined == [thinking, answer]
