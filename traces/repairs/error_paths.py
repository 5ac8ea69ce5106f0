"""Finds the fields of a request that a server's refusal names, in whatever way it writes them.

Validators write a path in many ways, and the ways nest (a gateway quotes a server's JSON in a text):

    {"loc": ["body", "messages", 3, "role"]}          FastAPI, in JSON or as Python prints it
    {"path": ["tools", 0], "keys": ["strict"]}        zod
    messages.3.content.1.tool_use.caller: Extra …     Anthropic, pydantic; the type of a block may stand in it
    messages[3].role, "param": "tools[0].strict"      OpenAI, serde, Go
    unknown field "context_management"                a name alone

So every text that may be a path is tried on the request itself, and counts if it leads to something there.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from traces import jsonio
from traces.model import Json

Path = tuple[str | int, ...]

_NOWHERE = object()

_LOCATION = re.compile(r"""['"]?\b(?:loc|path)['"]?\s*[:=]\s*[(\[]([^()\[\]]*)[)\]]""")
"""A path as Python or JSON writes it, within a text."""

_DOTTED = re.compile(r"""(?<![\w./])[A-Za-z_$#][\w-]*(?:\.[\w$-]+|\[(?:\d+|["'][\w$-]+["'])\])+""")
_NAME = re.compile(
    r"""["'`\[(]([A-Za-z_][\w-]*)["'`\])]"""  # quoted, or in brackets
    r"""|(?:^|(?<=[\n"'`]))([A-Za-z_]\w*)(?=:\s|\n|$)"""  # before a colon, or on a line of its own
    r"""|(?<![\w.])([a-z]+(?:_[a-z]+)+)(?![\w.])"""  # with underscores, as no word of prose has
)
_FREE = ("input", "input_schema", "parameters", "schema")
"""Fields whose names are the user's, not the API's."""

_MOST = 200
"""How many texts are tried at most: an error may quote the whole request."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place in a request that a refusal names.

    steps    the way to it: names of fields and places in lists
    values   what is there, from the request itself to the place
    missing  a field that the server wants there, and that isn't; "" where it exists
    """

    steps: Path
    values: tuple[Any, ...]
    missing: str = ""

    @property
    def name(self) -> str:
        """The name of the last field; "" for an element of a list."""
        return self.steps[-1] if self.steps and isinstance(self.steps[-1], str) else ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names on the way, without places in lists."""
        return tuple(step for step in self.steps if isinstance(step, str))


def places(refusal: Json, body: Mapping[str, Any]) -> tuple[list[Found], list[list[Found]]]:
    """Return the places that a refusal names by its structure, and those that only its words name; both in order.

    A name alone may be in several places. Words may also name what would be allowed: only their first is surely meant.
    """
    by_structure: list[Found] = []
    by_words: list[list[Found]] = []
    for path, is_sure in islice(_candidates(refusal), _MOST):
        found = _resolve(body, _without_root(path))
        if found is not None and is_sure:
            by_structure.append(found)
        elif found is not None:
            by_words.append([found])
        elif len(path) == 1 and "_" in (name := str(path[0])) and (nested := list(_anywhere(body, name))):
            by_words.append(nested)  # a name without an underscore may be any word
    return by_structure, by_words


def _candidates(refusal: Json) -> Iterator[tuple[Path, bool]]:
    """Yield what may be a path, and whether it is written as one by a validator."""
    for value in _parts(refusal):
        if isinstance(value, dict):
            yield from ((path, True) for path in _structured(value))
    for value in _parts(refusal):
        if isinstance(value, str):
            yield from _in_text(value)


def _parts(value: Json) -> Iterator[Json]:
    """Yield the objects and the texts of an error, also of JSON that is quoted in a text.

    What a validator quotes of the request isn't what it says about it.
    """
    if isinstance(value, dict):
        yield value
        for name, each in value.items():
            if name not in ("input", "ctx", "url"):
                yield from _parts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _parts(each)
    elif isinstance(value, str):
        before, inner = _split_json(value)
        yield before
        yield from _parts(inner)


def _split_json(text: str) -> tuple[str, Json]:
    """Return the text before the JSON in it, and that JSON, from its first bracket to its last; None without any."""
    end = max(text.rfind("}"), text.rfind("]")) + 1
    for start in sorted(at for at in (text.find("{"), text.find("[")) if 0 <= at < end):
        try:
            inner = jsonio.loads(text[start:end].encode(errors="replace"))
        except (ValueError, RecursionError):
            continue
        if isinstance(inner, dict) or (isinstance(inner, list) and any(isinstance(each, dict) for each in inner)):
            return text[:start], inner
    return text, None


def _structured(error: Mapping[str, Any]) -> Iterator[Path]:
    """Yield the paths in one error of a validator."""
    for field in ("loc", "path"):
        path = error.get(field)
        if isinstance(path, list) and all(isinstance(step, str | int) for step in path):
            keys = error.get("keys")
            yield from ((*path, str(key)) for key in keys) if isinstance(keys, list) else [tuple(path)]
    for field in ("param", "field"):
        if isinstance(name := error.get(field), str):
            yield _split(name)


def _in_text(text: str) -> Iterator[tuple[Path, bool]]:
    for match in _LOCATION.finditer(text):
        yield _split(re.sub(r"[\s'\"]", "", match[1]).strip(",").replace(",", ".")), True
    found = [(match.start(), _split(match[0])) for match in _DOTTED.finditer(text)]
    found += [(match.start(), (next(filter(None, match.groups())),)) for match in _NAME.finditer(text)]
    yield from ((path, False) for _, path in sorted(found, key=lambda each: each[0]))


def _anywhere(body: Mapping[str, Any], name: str) -> Iterator[Found]:
    """Yield each kind of place of a field in the request, but not within what the model or a user wrote."""
    found: dict[tuple[str, ...], Found] = {}
    for each in _fields(body, name, (), (body,)):
        found.setdefault(each.names, each)
    yield from found.values()


def _fields(value: Any, name: str, steps: Path, values: tuple[Any, ...]) -> Iterator[Found]:
    if isinstance(value, list):
        for at, each in enumerate(value):
            yield from _fields(each, name, (*steps, at), (*values, each))
    elif isinstance(value, dict):
        for key, each in value.items():
            if key == name:
                yield Found((*steps, key), (*values, each))
            elif key not in _FREE:
                yield from _fields(each, name, (*steps, key), (*values, each))


def _split(path: str) -> Path:
    """Return the steps of `messages[3].content.1`."""
    names = re.findall(r"[^.\[\]\"']+", path)
    return tuple(int(name) if name.isdecimal() else name for name in names)


def _without_root(path: Path) -> Path:
    """Return a path without the words by which validators call the request itself."""
    return path[1:] if len(path) > 1 and path[0] in ("body", "$", "#", "request", "params") else path


def _resolve(body: Mapping[str, Any], path: Path) -> Found | None:
    """Return where a path leads in the request; None where its first name isn't there."""
    steps, values, missing = _walk(body, path)
    return Found(steps, (body, *values), missing) if steps else None


def _walk(value: Any, path: Sequence[str | int]) -> tuple[Path, tuple[Any, ...], str]:
    """Return the steps that are there, the values at them, and the name behind them that isn't there.

    Names of types may stand between the steps.
    """
    if not path:
        return (), (), ""
    step, *rest = path
    inner = _at(value, step)
    if inner is not _NOWHERE:
        steps, values, missing = _walk(inner, rest)
        return (step, *steps), (inner, *values), missing
    if isinstance(value, dict | list) and rest and (beyond := _walk(value, rest))[0]:
        return beyond
    return (), (), _missing(value, step, rest)


def _at(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step, _NOWHERE)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else _NOWHERE


def _missing(value: Any, step: str | int, rest: Sequence[str | int]) -> str:
    """Return the name of a field that isn't in this object: the last of the path, behind names of types."""
    last = rest[-1] if rest else step
    return last if isinstance(value, dict) and isinstance(last, str) and last != value.get("type") else ""
