"""Gemini's streamed answers (`:streamGenerateContent`), put together from their chunks.

Each chunk is a whole answer (`GenerateContentResponse`) that holds what is new. Texts of one kind that follow one
another are one part, up to a thought's signature; a call comes as a whole.
"""

from collections.abc import Sequence
from typing import Any

from traces import jsonio
from traces.dialects import usage
from traces.dialects.base import MALFORMED, TOOL_END, ContentPiece, JsonStream
from traces.dialects.lenient import LenientReader
from traces.dialects.pieces import Piece
from traces.dialects.promised import GEMINI
from traces.model import Json

SIGNATURE = "thoughtSignature"

WRAPPED = "response"
"""Holds the answer where Google's service for the CLI's own login sends it."""

ENVELOPE = frozenset(("candidates", "promptFeedback", "usageMetadata", "modelVersion", "responseId", "createTime"))
"""The fields that make an object a chunk."""

_BESIDE = ("content", "finishReason", "index")


class _Call:
    """A call of a function, as `traces.dialects.pieces` knows it."""

    def __init__(self, ident: str, name: str) -> None:
        self.ident = ident
        self.name = name
        self.is_text = False


class _Part:
    """A part of an answer. `texts` are the pieces of its text; None where it is none."""

    def __init__(self, fields: dict[str, Any], text: str | None) -> None:
        self.fields = fields
        self.texts = None if text is None else [text]

    def continues_as(self, fields: dict[str, Any]) -> bool:
        """Return whether a text goes on here: one of the same kind, unless this one was signed off."""
        is_same = bool(self.fields.get("thought")) == bool(fields.get("thought"))
        return self.texts is not None and is_same and SIGNATURE not in self.fields

    def assemble(self) -> dict[str, Any]:
        return self.fields if self.texts is None else {**self.fields, "text": "".join(self.texts)}


class _Candidate:
    """One of the answers."""

    def __init__(self) -> None:
        self.parts: list[_Part] = []
        self.finish: Json = None
        self._role: Json = "model"
        self._beside: dict[str, Json] = {}

    def take(self, data: dict[str, Any], lenient: LenientReader, found: list[Piece]) -> list[ContentPiece]:
        """Add what a chunk holds of this answer; return its contents in order, and add its texts to `found`."""
        given = data.get("content")
        if isinstance(given, str):
            lenient.odd = True
            given = {"parts": [{"text": given}]}
        content = lenient.record(given)
        role = content.get("role")
        if isinstance(role, str):
            self._role = role
        contents = [
            piece for part in lenient.records(content.get("parts")) for piece in self._add(part, lenient, found)
        ]
        if (finish := data.get("finishReason")) is not None:
            lenient.odd = lenient.odd or not isinstance(finish, str)
            self.finish = finish
        self._beside |= {name: value for name, value in data.items() if name not in _BESIDE and value is not None}
        return contents

    def _add(self, part: dict[str, Any], lenient: LenientReader, found: list[Piece]) -> list[ContentPiece]:
        if "functionCall" in part:
            return self._add_call(part, lenient, found)
        if "text" not in part:
            lenient.odd = lenient.odd or not part
            self.parts.append(_Part(part, None))
            return []
        text = lenient.text(part["text"])
        fields = {name: value for name, value in part.items() if name != "text"}
        last = self.parts[-1] if self.parts else None
        if last is not None and last.texts is not None and last.continues_as(fields):
            last.texts.append(text)
            last.fields |= fields
        else:
            self.parts.append(_Part(fields, text))
        if not text:
            return []
        piece = Piece("thinking" if fields.get("thought") else "text", text)
        found.append(piece)
        return [ContentPiece(piece.content, piece.size)]

    def _add_call(self, part: dict[str, Any], lenient: LenientReader, found: list[Piece]) -> list[ContentPiece]:
        call = lenient.record(part["functionCall"])
        name, arguments = lenient.text(call.get("name")), call.get("args")
        lenient.odd = lenient.odd or not name or not isinstance(arguments, dict | None) or "partialArgs" in call
        self.parts.append(_Part({**part, "functionCall": call}, None))
        written = "{}" if arguments is None else jsonio.dumps(arguments).decode()
        piece = Piece("tool", written, _Call(lenient.text(call.get("id")), name), name)
        found.append(piece)
        return [ContentPiece("tool", piece.size), TOOL_END]

    def assemble(self, index: int) -> dict[str, Any]:
        """Return the candidate as it would be in an answer without streaming."""
        content = {"role": self._role, "parts": [part.assemble() for part in self.parts]}
        finish = {} if self.finish is None else {"finishReason": self.finish}
        return {"content": content, **finish, "index": index, **self._beside}


class GeminiStream(JsonStream):
    """A streamed answer of Gemini's API."""

    comes_as_list = True  # without `alt=sse`
    has_types = False
    promised = GEMINI

    def __init__(self) -> None:
        super().__init__()
        self._fields: dict[str, Any] = {}
        self._candidates: dict[int, _Candidate] = {}

    def message(self) -> Json:
        if not self._fields and not self._candidates:
            return None
        candidates = [candidate.assemble(index) for index, candidate in sorted(self._candidates.items())]
        return {"candidates": candidates, **self._fields}

    def _take(self, data: dict[str, Any]) -> tuple[str, Sequence[ContentPiece]]:
        if isinstance(held := data.get(WRAPPED), dict) and not ENVELOPE & data.keys():
            data = held
        if not ENVELOPE & data.keys():
            self.lenient.odd = True
            return MALFORMED, ()
        for name, value in data.items():
            if name == "usageMetadata":
                self._fields[name] = usage.update(self._fields.get(name) or {}, self.lenient.record(value))
            elif name != "candidates" and value is not None:
                self._fields[name] = value
        contents: list[ContentPiece] = []
        candidates = self.lenient.records(data.get("candidates"))
        for given in candidates:
            index = self.lenient.index(given.get("index")) or 0
            contents += self._candidates.setdefault(index, _Candidate()).take(given, self.lenient, self.pieces)
        finished = bool(self._candidates) and all(one.finish for one in self._candidates.values())
        self.ended = self.ended or finished or _is_refused(data)
        return _kind(contents, candidates, data), contents


def _is_refused(data: dict[str, Any]) -> bool:
    """Return whether the prompt itself was refused: no candidate will follow."""
    feedback = data.get("promptFeedback")
    return isinstance(feedback, dict) and bool(feedback.get("blockReason"))


def _kind(contents: list[ContentPiece], candidates: list[dict[str, Any]], data: dict[str, Any]) -> str:
    """Return the kind of a chunk: what it holds, as `chunk:text+finish`."""
    held = {piece.content for piece in contents}
    names: list[str] = [name for name in ("thinking", "text", "tool") if name in held]
    names += ["finish"] if any(one.get("finishReason") for one in candidates) else []
    names += ["refusal"] if _is_refused(data) else []
    return f"chunk:{'+'.join(names)}" if names else "chunk"
