"""OpenAI's streamed chat completions (`/v1/chat/completions`), with the variations of model servers.

Servers differ in how they name reasoning, in whether a tool call carries an index, in where the usage comes, and in
whether they close with `[DONE]`. All of these are read, and fields that a server adds are kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from traces.dialects import usage
from traces.dialects.base import MALFORMED, TOOL_END, ContentPiece, JsonStream
from traces.dialects.lenient import LenientReader, text_in
from traces.dialects.merge import Growing, merge_closing
from traces.dialects.openai_calls import Call, Calls, Part, part_of
from traces.dialects.pieces import Piece
from traces.dialects.promised import CHAT
from traces.dialects.repeated import OnlyText
from traces.model import Content, Json

REASONING_TEXTS = ("reasoning_content", "reasoning", "reasoning_text", "thinking", "thought", "thoughts")
REASONING = (*REASONING_TEXTS, "reasoning_details", "thinking_blocks")
"""The names that servers give to thinking. Some send the same text under several: it counts once."""

TEXTS = ("content", "refusal", *REASONING_TEXTS)
"""The fields of a delta that are text."""

HOLDS = ("role", "content", *REASONING, "refusal", "tool_calls", "function_call", "audio", "finish", "usage")
"""The fields of a chunk, in the order in which its kind names them."""

KNOWN = frozenset((*HOLDS, "name", "annotations", "images", "provider_specific_fields", "extra_content"))
"""The known fields of a delta: one that has none of them can't be read."""

ENVELOPE = frozenset(("id", "object", "created", "model", "usage", "timings", "x_groq", "system_fingerprint", "error"))
"""The fields that make an object a chunk, even without choices."""

ALONE = ("usage", "timings", "x_groq", "error")
"""The fields of a chunk without choices."""

BESIDE_USAGE = ("timings", "x_groq", "metrics")
"""Other fields of a chunk that may hold counts: a later one without them wipes none."""

_CONTENTS: tuple[Content, ...] = ("thinking", "text", "tool")


class _Choice:
    """One of the answers. `texts` are pieces of generated text, by field; `beside` are fields beside the message."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.calls = Calls()
        self.finish: Json = None
        self._function: Call | None = None  # the deprecated `function_call`
        self._fields: dict[str, Growing] = {"role": Growing("assistant", "role"), "content": Growing()}
        self._beside: dict[str, Json] = {}
        self._growing: dict[str, Growing] = {}  # of `beside`
        self._sizes: dict[Content, int] = dict.fromkeys(_CONTENTS, 0)  # of what was found so far, calls aside

    def take(self, delta: dict[str, Any], lenient: LenientReader, found: list[Piece]) -> Iterator[ContentPiece]:
        """Add a delta, and what is new to `found`. Yields an event for each call that is now complete."""
        thoughts = [""]
        texts: list[Piece] = []
        for name, value in delta.items():
            if value is None or name == "tool_calls":
                continue
            if name == "role" and not isinstance(value, str):
                lenient.odd = True
            if name == "content" and isinstance(value, list):
                self._take_parts(value, lenient, texts)
            elif name in TEXTS:
                text = lenient.text(value)
                if value and not text and not isinstance(value, bool):
                    self._grow(name, value)  # what it means isn't known
                self.texts.setdefault(name, []).append(text)
                if name in REASONING:
                    thoughts.append(text)
                else:
                    texts.append(Piece("text", text))
            else:
                self._take_other(name, value, texts, thoughts)
        new = [piece for piece in (Piece("thinking", max(thoughts, key=len)), *texts) if piece.size]
        for piece in new:
            self._sizes[piece.content] += piece.size
        found += new
        for part in _parts(delta, lenient):
            yield from self.calls.take(part, lenient, found)

    def add_text(self, name: str, piece: Piece) -> None:
        """Add a text to a field that has held some."""
        self.texts[name].append(piece.text)
        self._sizes[piece.content] += piece.size

    def _take_other(self, name: str, value: Json, found: list[Piece], thoughts: list[str]) -> None:
        """Add a field that is no text, but may hold some."""
        if name in ("reasoning_details", "thinking_blocks"):
            thoughts.append(text_in(value))
        elif isinstance(value, dict) and name == "audio":
            found.append(Piece("text", text_in(value.get("transcript"))))
        elif isinstance(value, dict) and name == "function_call":
            self._function = self._function or Call({}, None)
            new_name = "" if self._function.name else text_in(value.get("name"))
            self._function.name += new_name
            self._function.pieces.append(text_in(value.get("arguments")))
            found.append(Piece("tool", self._function.pieces[-1], self._function, new_name))
        self._grow(name, value)

    def end(self) -> Iterator[ContentPiece]:
        """Yield an event for each call that is complete now that the answer has ended."""
        yield from self.calls.end()
        function = self._function
        if function is not None and not function.reported and (not function.arguments or function.is_complete):
            function.reported = True
            yield TOOL_END

    def _grow(self, name: str, value: Json) -> None:
        self._fields.setdefault(name, Growing(name=name)).add(value)

    def _take_parts(self, parts: list[Json], lenient: LenientReader, found: list[Piece]) -> None:
        """Add a content that is a list of parts: thinking goes to the field that other servers use."""
        lenient.odd = True
        for part in parts:
            text = text_in(part)
            fields = part if isinstance(part, dict) else {}
            thinks = "thinking" in fields or fields.get("type") in ("thinking", "reasoning")
            if text:
                self.texts.setdefault("reasoning_content" if thinks else "content", []).append(text)
                found.append(Piece("thinking" if thinks else "text", text))
            else:
                self._grow("content_parts", [part])

    def complete(self, message: dict[str, Any], lenient: LenientReader, found: list[Piece]) -> Iterator[ContentPiece]:
        """Take a whole message: pieces stay where they are longer, and only additional text is new."""
        whole = _Choice()
        all_pieces: list[Piece] = []
        list(whole.take({**message, "tool_calls": None}, lenient, all_pieces))
        for name, pieces in whole.texts.items():
            if len(text := "".join(pieces)) > len("".join(self.texts.get(name, ()))):
                self.texts[name] = [text]
        for content in _CONTENTS[:2]:
            text = "".join(piece.text for piece in all_pieces if piece.content == content)
            if new := text[self._sizes[content] :]:
                self._sizes[content] = len(text)
                found.append(Piece(content, new))
        if self._function is None and whole._function is not None:
            self._function = whole._function
            found += [piece for piece in all_pieces if piece.call]
        for name, field in whole._fields.items():
            before = self._fields.get(name, Growing()).value()
            self._fields[name] = Growing(merge_closing(before, field.value(), name), name)
        yield from self.calls.take_whole(_parts(message, lenient), lenient, found)

    def take_beside(self, name: str, value: Json, lenient: LenientReader) -> None:
        """Take a field beside the delta: `finish_reason`, `logprobs`, what a server adds."""
        if name == "finish_reason":
            lenient.odd = lenient.odd or not isinstance(value, str | None)
            if isinstance(value, dict) and isinstance(value.get("type"), str):
                value = value["type"]  # as SGLang has it within
            self.finish = value or self.finish
        elif name == "usage":
            self._beside[name] = usage.update(self._beside.get(name) or {}, lenient.record(value))
        elif isinstance(value, dict | list):
            self._growing.setdefault(name, Growing(name=name)).add(value)
        elif value is not None:
            self._beside[name] = value

    def assemble(self, index: int) -> dict[str, Any]:
        """Return the choice as it would be in an answer without streaming."""
        message = {name: field.value() for name, field in self._fields.items()}
        for name, pieces in self.texts.items():
            message[name] = "".join(pieces) or message.get(name) or ""
        if self.calls:
            message["tool_calls"] = self.calls.assemble()
        grown = {name: field.value() for name, field in self._growing.items()}
        return {"index": index, "message": message, "finish_reason": self.finish, **self._beside, **grown}


def _parts(message: dict[str, Any], lenient: LenientReader) -> list[Part]:
    return [part_of(part, lenient) for part in lenient.records(message.get("tool_calls"))]


class ChatStream(JsonStream):
    """A streamed chat completion."""

    has_types = False
    promised = CHAT

    def __init__(self) -> None:
        super().__init__()
        self._fields: dict[str, Any] = {}
        self._choices: dict[int, _Choice] = {}

    def message(self) -> Json:
        if not self._fields and not self._choices:
            return None
        choices = [choice.assemble(index) for index, choice in sorted(self._choices.items())]
        return {**self._fields, "object": "chat.completion", "choices": choices}

    def _done(self) -> Sequence[ContentPiece]:
        self.ended = True
        if not all(choice.finish for choice in self._choices.values()):
            self.lenient.odd = True  # a client waits for it
        return [end for choice in self._choices.values() for end in choice.end()]

    def _take(self, data: dict[str, Any]) -> tuple[str, Sequence[ContentPiece]]:
        choices = self.lenient.records(data.get("choices"))
        if not choices and any(isinstance(data.get(name), dict) for name in ("delta", "message")):
            self.lenient.odd = True
            choices = [data]
            data = {name: value for name, value in data.items() if name not in ("delta", "message", "index")}
        if not choices and not ENVELOPE & set(data):
            self.lenient.odd = True
            return MALFORMED, ()
        if data.get("choices") is None and not any(data.get(name) for name in ALONE):
            self.lenient.odd = True
        for name, value in data.items():
            if name == "usage":
                self._fields[name] = usage.update(self._fields.get(name) or {}, self.lenient.record(value))
            elif name in BESIDE_USAGE and value is not None:
                self._fields[name] = usage.update(self._fields.get(name), value)
            elif name != "choices" and value is not None:
                self._fields[name] = value
        before = len(self.pieces)
        ends = [end for choice in choices for end in self._take_choice(choice, self.pieces)]
        if self._choices and all(choice.finish for choice in self._choices.values()):
            self.ended = True  # some servers send no [DONE]
        if len(self.pieces) == 1 and (found := _only_delta(data)):
            self.only = self._only(*found, self.pieces[0])
        names = "+".join(_fields_of(data, choices))
        return f"chunk:{names}" if names else "chunk", [*_contents(self.pieces[before:]), *ends]

    def _only(self, index: int, delta: dict[str, Any], piece: Piece) -> OnlyText | None:
        """Return the text in a delta that added this piece; None where more in it counts each time it is said."""
        choice, call = self._choices[index], piece.call
        texts = [name for name in TEXTS if delta.get(name) and isinstance(delta[name], str)]

        def add_text(text: str) -> None:
            self.pieces = [Piece(piece.content, text)]
            choice.add_text(texts[0], self.pieces[0])

        def add_arguments(text: str) -> None:
            assert isinstance(call, Call)
            self.pieces = [call.go_on(text)]

        if isinstance(call, Call):
            goes_on = not texts and call.is_only_continued_by(delta.get("tool_calls"))
            return OnlyText("arguments", piece.text, "tool", add_arguments) if goes_on else None
        return OnlyText(texts[0], piece.text, piece.content, add_text) if len(texts) == 1 else None

    def _take_choice(self, data: dict[str, Any], found: list[Piece]) -> Iterator[ContentPiece]:
        index = self.lenient.index(data.get("index"))
        choice = self._choices.setdefault(index or 0, _Choice())
        delta = data.get("delta")
        if index is None:
            self.lenient.odd = True
        if isinstance(delta, str | list) or (delta is None and isinstance(data.get("text"), str)):
            self.lenient.odd = True
            delta = {"content": data["text"] if delta is None else delta}
        if isinstance(message := data.get("message"), dict):
            self.lenient.odd = True
            yield from choice.complete(message, self.lenient, found)
        elif not isinstance(delta, dict):
            self.lenient.odd = True
        if isinstance(delta, dict):
            before = sum(piece.size for piece in found)
            yield from choice.take(delta, self.lenient, found)
            if sum(piece.size for piece in found) == before and _has_unknown_content(delta):
                self.lenient.odd = True
            if isinstance(finish := delta.get("finish_reason"), str):
                self.lenient.odd = True
                data = {"finish_reason": finish, **{name: value for name, value in data.items() if value is not None}}
        for name, value in data.items():
            if name not in ("index", "delta", "message", "text"):
                choice.take_beside(name, value, self.lenient)
        if data.get("finish_reason"):
            yield from choice.end()


def _only_delta(data: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
    """Return the index and the delta of a chunk's only choice.

    None where the chunk may say something beside texts and calls that counts each time it is said.
    """
    match data:
        case {"choices": [{"index": int(index), "delta": dict(delta), **beside}]}:
            others = [*beside.values(), *(data.get(name) for name in (*ALONE, *BESIDE_USAGE))]
            read = (*TEXTS, "tool_calls")
            is_plain = not any(others) and all(name in read or value is None for name, value in delta.items())
            return (index, delta) if is_plain else None
    return None


def _contents(pieces: Iterable[Piece]) -> Iterator[ContentPiece]:
    """Yield one content for each kind that these pieces hold."""
    for content in _CONTENTS:
        if size := sum(piece.size for piece in pieces if piece.content == content):
            yield ContentPiece(content, size)


def _has_unknown_content(delta: dict[str, Any]) -> bool:
    """Return whether a delta's content is in an unknown field."""
    return any(value and name not in KNOWN and isinstance(value, str | list | dict) for name, value in delta.items())


def _fields_of(data: dict[str, Any], choices: Iterable[dict[str, Any]]) -> list[str]:
    """Yield the fields of a chunk, in the order in which its kind names them."""
    held = {"usage"} if data.get("usage") else set()
    for choice in choices:
        for holder in (choice.get("delta"), choice.get("message")):
            held |= {name for name in HOLDS if isinstance(holder, dict) and holder.get(name)}
            held |= {"content"} if isinstance(holder, str) and holder else set()
        held |= {"finish"} if choice.get("finish_reason") else set()
    return [name for name in HOLDS if name in held]
