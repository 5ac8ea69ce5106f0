"""Calls that a model writes as text: found wherever the text is cut, and what only looks like one stays text."""

import json
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.dialects.pieces import Piece
from traces.dialects.translation.written import TOOL_PARSERS

TOOLS: dict[str, Any] = {
    "Read": {
        "type": "object",
        "properties": {
            "path": {"type": "string"},
            "limit": {"type": "integer"},
            "deep": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
            "names": {"type": ["array", "null"]},
        },
    },
    "Write": {"type": "object", "properties": {"path": {"type": "string"}, "text": {"type": "string"}}},
}

Read = list[tuple[str, Any]]


def contents(found_pieces: list[Piece]) -> Read:
    """Return what was found, in order: texts and thinking joined, and calls with their arguments."""
    found: list[tuple[str, Any, Any]] = []
    for piece in found_pieces:
        if found and found[-1][2] is piece.call and found[-1][0] in (piece.content, getattr(piece.call, "name", "")):
            found[-1] = (found[-1][0], found[-1][1] + piece.text, piece.call)
        else:
            found.append((piece.call.name if piece.call else piece.content, piece.text, piece.call))
    return [(name, json.loads(text or "{}") if call else text) for name, text, call in found]


def pieces(parser: str, chunks: list[str]) -> list[Piece]:
    reader = TOOL_PARSERS[parser](TOOLS)
    return [piece for chunk in chunks for piece in reader.feed(chunk)] + reader.end()


def read(parser: str, chunks: list[str]) -> Read:
    return contents(pieces(parser, chunks))


A, B = ("Read", {"path": "a"}), ("Write", {"path": "b", "text": "x </tool_call> {\n"})
IN_JSON = [json.dumps({"name": name, "arguments": given}) for name, given in (A, B)]
HARMONY = "<|channel|>commentary to=functions.{} <|constrain|>json<|message|>{}<|call|>"

CASES: dict[str, tuple[str, str, Read]] = {
    # Hermes
    "a call after text": (
        "hermes",
        f"I'll look.\n<tool_call>\n{IN_JSON[0]}\n</tool_call>",
        [("text", "I'll look.\n"), A],
    ),
    "parallel calls": (
        "hermes",
        f"<tool_call>{IN_JSON[0]}</tool_call>\n<tool_call>\n{IN_JSON[1]}</tool_call>\n",
        [A, B],
    ),
    "a call without its end": ("hermes", f"\n<tool_call>{IN_JSON[0]}", [A]),
    "two calls in one tag": ("hermes", f"<tool_call>{IN_JSON[0]}\n{IN_JSON[1]}</tool_call>", [A, B]),
    "a list of calls": (
        "hermes",
        f"<tool_call>[{IN_JSON[0]}, {IN_JSON[1]}]</tool_call> Done.",
        [A, B, ("text", " Done.")],
    ),
    "arguments as a text": (
        "hermes",
        '<tool_call>{"name": "Read", "arguments": "{\\"path\\": \\"a\\"}"}</tool_call>',
        [A],
    ),
    "no arguments": ("hermes", '<tool_call>{"name": "Read"}</tool_call>', [("Read", {})]),
    "a line break within a string": (
        "hermes",
        '<tool_call>{"name": "Read", "arguments": {"path": "a\nb"}}</tool_call>',
        [("Read", {"path": "a\nb"})],
    ),
    "a tag that is talked about": (
        "hermes",
        "Write <tool_call> around it, then </tool_call>.",
        [("text", "Write <tool_call> around it, then </tool_call>.")],
    ),
    "JSON that is no call": (
        "hermes",
        '<tool_call>{"a": 1}</tool_call>',
        [("text", '<tool_call>{"a": 1}</tool_call>')],
    ),
    "broken JSON, then a call": (
        "hermes",
        f"<tool_call>{{'a'}}</tool_call><tool_call>{IN_JSON[0]}</tool_call>",
        [("text", "<tool_call>{'a'}</tool_call>"), A],
    ),
    "JSON that was cut": (
        "hermes",
        '<tool_call>{"name": "Read", "arg',
        [("text", '<tool_call>{"name": "Read", "arg')],
    ),
    "a beginning of a tag at the end": ("hermes", "a <tool", [("text", "a <tool")]),
    "only white space": ("hermes", " \n", [("text", " \n")]),
    # Qwen's coders
    "parameters of their types": (
        "qwen-xml",
        "Yes.<tool_call>\n<function=Read>\n<parameter=path>\n7\n</parameter>\n<parameter=limit>\n7\n</parameter>\n"
        '<parameter=deep>True</parameter>\n<parameter=names>\n["a"]\n</parameter>\n</function>\n</tool_call>',
        [("text", "Yes."), ("Read", {"path": "7", "limit": 7, "deep": True, "names": ["a"]})],
    ),
    "values with tags in them": (
        "qwen-xml",
        "<function=Write>\n<parameter=path>\nb\n</parameter>\n<parameter=text>\n\nx </parameter> or </function> <a>\n\n"
        "</parameter>\n</function>",
        [("Write", {"path": "b", "text": "\nx </parameter> or </function> <a>\n"})],
    ),
    "two functions, the tag around them once": (
        "qwen-xml",
        "<tool_call><function=Read><parameter=path>a</parameter></function>\n<function=Nope>\n</function></tool_call>ok",
        [A, ("Nope", {}), ("text", "ok")],
    ),
    "a null, and a number that is none": (
        "qwen-xml",
        "<tool_call><function=Read><parameter=names>null</parameter><parameter=limit>few</parameter></function></tool_call>",
        [("Read", {"names": None, "limit": "few"})],
    ),
    "a call whose outer tag isn't closed": (
        "qwen-xml",
        "<tool_call><function=Read><parameter=path>a</parameter></function>",
        [A],
    ),
    "a function that is talked about": (
        "qwen-xml",
        "Use <function=Read> or <tool_call>.",
        [("text", "Use <function=Read> or <tool_call>.")],
    ),
    "a call that was cut": (
        "qwen-xml",
        "<tool_call><function=Read><parameter=path>a",
        [("text", "<tool_call><function=Read><parameter=path>a")],
    ),
    # Mistral
    "a list": ("mistral", f"[TOOL_CALLS] [{IN_JSON[0]}, {IN_JSON[1]}]", [A, B]),
    "a name and its arguments": (
        "mistral",
        'Hm.[TOOL_CALLS]Read[ARGS]{"path": "a"}[TOOL_CALLS]Read{"path": "a"}',
        [("text", "Hm."), A, A],
    ),
    "a name, an id and arguments": ("mistral", '[TOOL_CALLS]Read[CALL_ID]abcdefghi[ARGS]{"path": "a"}', [A]),
    "a tag without a call": ("mistral", "[TOOL_CALLS] is a tag", [("text", "[TOOL_CALLS] is a tag")]),
    # Llama
    "a bare call": ("llama", '{"name": "Read", "parameters": {"path": "a"}}', [A]),
    "several with semicolons": (
        "llama",
        f'{{"name": "Read", "parameters": {{"path": "a"}}}}; {IN_JSON[1]}',
        [A, B],
    ),
    "a tag before it": ("llama", f"<|python_tag|>{IN_JSON[0]}", [A]),
    "a tag within the text": ("llama", f"Well. <|python_tag|>{IN_JSON[0]}", [("text", "Well. "), A]),
    "code for a tool of the server": ("llama", '<|python_tag|>Read.call(path="a")<|eom_id|>', [A]),
    "code": ("llama", "<|python_tag|>print(1)", [("text", "<|python_tag|>print(1)")]),
    "Python's calls": ("llama", "[Read(path='a'), Read(path='a')]", [A, A]),
    "a function's tag": ("llama", '<function=Read>{"path": "a"}</function> ok', [A, ("text", " ok")]),
    "an answer in JSON": ("llama", '{"name": "Peter", "age": 7}', [("text", '{"name": "Peter", "age": 7}')]),
    "a list that is text": ("llama", "[1] is a source", [("text", "[1] is a source")]),
    "a call within the text": ("llama", f"See {IN_JSON[0]}", [("text", f"See {IN_JSON[0]}")]),
    # Harmony
    "thinking, a call and an answer": (
        "harmony",
        "<|channel|>analysis<|message|>Hm <b>.<|end|><|start|>assistant<|channel|>commentary<|message|>I look.<|end|>"
        "<|start|>assistant" + HARMONY.format("Read", '{"path": "a"}'),
        [("thinking", "Hm <b>."), ("text", "I look."), A],
    ),
    "an answer": ("harmony", "<|channel|>final<|message|>It <|is.<|return|>", [("text", "It <|is.")]),
    "a recipient before the channel": (
        "harmony",
        '<|start|>assistant to=functions.Read<|channel|>commentary json<|message|>{"path": "a"}<|call|>',
        [A],
    ),
    "no tags at all": ("harmony", "Just text.", [("text", "Just text.")]),
    "a header that never ends": ("harmony", "<|channel|>final and no more", [("text", "<|channel|>final and no more")]),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_model_writes_is_read_whole_and_in_pieces(name: str) -> None:
    parser, text, found = CASES[name]
    assert read(parser, [text]) == found
    assert read(parser, list(text)) == found
    cuts = random.Random(name)
    for _ in range(20):
        at = sorted(cuts.sample(range(len(text) + 1), min(3, len(text))))
        assert read(parser, [text[a:b] for a, b in zip([0, *at], [*at, len(text)], strict=True)]) == found


@pytest.mark.parametrize("parser", TOOL_PARSERS)
def test_a_text_without_tags_is_passed_on_at_once(parser: str) -> None:
    reader = TOOL_PARSERS[parser](TOOLS)
    assert contents(reader.feed("It is ")) == [("text", "It is ")]
    assert contents(reader.feed("1 < 2.")) == [("text", "1 < 2.")]


TAGS = (
    *("<tool_call>", "</tool_call>", "<function=Read>", "<function=", "</function>", "<parameter=path>"),
    *("</parameter>", "[TOOL_CALLS]", "[ARGS]", "<|python_tag|>"),
    *("<|channel|>", "<|message|>", "<|end|>", "<|start|>", "<|call|>"),
)
WORDS = (*["Read", "{", "}", "[", "]", '"', "\\", ";", "final", "analysis", "to=functions.Read", "é"], " ", "\n")
PARTS = st.sampled_from([*TAGS, *WORDS, *IN_JSON])


@given(parts=st.lists(PARTS, max_size=12), parser=st.sampled_from(sorted(TOOL_PARSERS)), data=st.data())
def test_no_text_is_read_differently_where_it_is_cut(parts: list[str], parser: str, data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole, bytewise, cut = (as_texts(pieces(parser, way)) for way in ([text], list(text), chunks))
    assert whole == bytewise == cut


def as_texts(found_pieces: list[Piece]) -> list[tuple[str, str]]:
    """Return what was found, joined, with calls' arguments as the texts that they are."""
    found: list[tuple[str, str, Any]] = []
    for piece in found_pieces:
        name = piece.call.name if piece.call else piece.content
        if found and (found[-1][0], found[-1][2]) == (name, piece.call):
            found[-1] = (name, found[-1][1] + piece.text, piece.call)
        else:
            found.append((name, piece.text, piece.call))
    return [(name, text) for name, text, _ in found]
