"""Whether the arguments of two calls of one tool agree: each kind of argument is compared by its own rule.

The kind follows from the argument's name and value, since schemas rarely tell it. A new kind is one function, and one
row in `_KINDS`.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit
from warnings import catch_warnings

from replay.meaning.edits import Edit, FileEdits, edits_in_patch, same_edit
from replay.meaning.paths import is_absolute, same_place
from replay.meaning.patterns import plain_filter, plain_glob, plain_regex
from replay.meaning.shell import same_command
from traces.model import Json


class Agreement(NamedTuple):
    """How far the arguments of two calls agree.

    agrees    None where nothing differs but texts that only a person could compare
    differs   the names of the arguments that differ
    open      the names of those that can't be compared
    """

    agrees: bool | None
    differs: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


def agreement(tool: str, recorded: Json, answered: Json, schema: Json = None, folder: str = "") -> Agreement:
    """Compare the arguments of a call with the recorded ones. `folder` is where the client works, "" if unknown."""
    if not isinstance(recorded, dict) or not isinstance(answered, dict):
        found = _same_value("input", recorded, answered, _Context(tool, folder))
        return _sum({"input": found})
    properties = _properties(schema)
    required = schema.get("required") if isinstance(schema, dict) else None
    names = frozenset((*recorded, *answered))
    return _sum(
        dict(
            _each(
                _Context(tool, folder, properties, tuple(required) if isinstance(required, list) else (), names),
                recorded,
                answered,
            )
        )
    )


def _sum(found: Mapping[str, bool | None]) -> Agreement:
    differs = tuple(name for name, same in found.items() if same is False)
    unsure = tuple(name for name, same in found.items() if same is None)
    return Agreement(False if differs else None if unsure else True, differs, unsure)


class _Context(NamedTuple):
    """What an argument is compared in.

    folder    where the client works; "" where that isn't known
    names     those of all arguments that either call has
    """

    tool: str
    folder: str
    properties: Mapping[str, Any] = {}
    required: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()


class _Absent:
    """Stands for an argument that isn't given."""


_ABSENT = _Absent()


def _properties(schema: Json) -> Mapping[str, Any]:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return properties if isinstance(properties, dict) else {}


def _each(context: _Context, recorded: dict[str, Any], answered: dict[str, Any]) -> Iterator[tuple[str, bool | None]]:
    """Yield each argument's name, and whether it agrees; those that are compared together have one name."""
    left = dict.fromkeys([*recorded, *answered])
    for together in (_edit_names, _glob_names):
        names, same = together(recorded, answered, context)
        if names:
            yield names[0], same
            left = {name: None for name in left if name not in names}
    acting = [name for name in left if not _NOTE.fullmatch(_snake(name))]
    for name in left:
        if acting and name not in acting:
            continue  # it tells a person about the call, and doesn't change what the call does
        ours = _given(name, recorded, context)
        theirs = _given(name, answered, context)
        yield name, _same_argument(name, ours, theirs, context)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).replace("-", "_").lower()


_NOTE = re.compile(
    r"description|explanation|reason(ing)?|justification|rationale|thoughts?|active_form|timeout(_?\w*)?"
)
"""Names of arguments that say something about a call, or how long to wait for it, beside what it does."""


def _given(name: str, arguments: Mapping[str, Any], context: _Context) -> Any:
    """Return an argument's value, or the default that stands for it where it is left out or null."""
    value = arguments.get(name)
    return _default(name, context) if value is None else value


_DEFAULT = re.compile(r"\b[Dd]efaults?(?: value)?(?: to| is|:|=)?\s*[`\"']?(-?\d+(?:\.\d+)?|[\w./-]+)[`\"']?")


def _default(name: str, context: _Context) -> Any:
    """Return what a tool takes for an argument that is left out, as its schema says, in a keyword or in words."""
    schema = context.properties.get(name)
    schema = schema if isinstance(schema, dict) else {}
    if schema.get("default") is not None:
        return schema["default"]
    told = _DEFAULT.search(str(schema.get("description", "")))
    kinds = schema.get("type")
    if told and kinds != "boolean":
        with suppress(ValueError):
            return json.loads(told[1])
        options = schema.get("enum")
        if isinstance(options, list) and told[1] in options:
            return told[1]
    if kinds == "boolean":
        return bool(told and told[1].lower() == "true")
    return _ABSENT


def _same_argument(name: str, ours: Any, theirs: Any, context: _Context) -> bool | None:
    if ours is _ABSENT or theirs is _ABSENT:
        value = theirs if ours is _ABSENT else ours
        if value is _ABSENT or value is False:
            return True
        is_folder = isinstance(value, str) and _PATH.fullmatch(_snake(name)) and name not in context.required
        return bool(is_folder and (value in (".", "./") or same_place(value, context.folder or ".", context.folder)))
    return _same_value(name, ours, theirs, context)


def _same_value(name: str, ours: Any, theirs: Any, context: _Context) -> bool | None:
    """Return whether two values of one argument mean the same; None where only a person could tell."""
    if ours == theirs and isinstance(ours, bool) == isinstance(theirs, bool):
        return True
    if isinstance(ours, bool | int | float) or isinstance(theirs, bool | int | float):
        return bool(_scalar(ours) == _scalar(theirs))
    if _COMMAND.fullmatch(_snake(name)) and isinstance(ours, str | list) and isinstance(theirs, str | list):
        return same_command(ours, theirs, context.folder)
    if isinstance(ours, list) and isinstance(theirs, list):
        return _same_lists(name, ours, theirs, context)
    if isinstance(ours, dict) and isinstance(theirs, dict):
        inner = agreement(context.tool, ours, theirs, _items_schema(context.properties.get(name)), context.folder)
        return inner.agrees
    if isinstance(ours, str) and isinstance(theirs, str):
        return _same_texts(name, ours, theirs, context)
    return bool(_from_json(ours) == _from_json(theirs))


def _scalar(value: Any) -> Any:
    """Return a number or a boolean, also of a text that says one: whether that may be a text, the schema decides."""
    if isinstance(value, str):
        with suppress(ValueError):
            value = json.loads(value.strip().lower())
    return (isinstance(value, bool), value)


def _from_json(value: Any) -> Any:
    if isinstance(value, str):
        with suppress(ValueError):
            return json.loads(value)
    return value


def _items_schema(schema: Any) -> Json:
    items = schema.get("items") if isinstance(schema, dict) else None
    return items if isinstance(items, dict) else schema


def _same_lists(name: str, ours: list[Any], theirs: list[Any], context: _Context) -> bool | None:
    if len(ours) != len(theirs):
        return False
    schema = context.properties.get(name)
    if isinstance(schema, dict) and schema.get("uniqueItems") is True:  # a set: its order says nothing
        ours, theirs = sorted(ours, key=str), sorted(theirs, key=str)
    found = [_same_value(name, one, other, context) for one, other in zip(ours, theirs, strict=True)]
    return False if False in found else None if None in found else True


def _same_texts(name: str, ours: str, theirs: str, context: _Context) -> bool | None:
    if ours.strip() == theirs.strip():
        return True
    snake = _snake(name)
    for applies, same in _KINDS:
        if applies(snake, ours, theirs, context):
            return same(ours, theirs, context)
    return False


_Applies = Callable[[str, str, str, _Context], object]
_Same = Callable[[str, str, _Context], bool | None]

_COMMAND = re.compile(r"(?:bash_|shell_)?(?:command|cmd|script)s?|command_line")
_PATH = re.compile(r"(?:\w+_)?(?:path|file|filename|filepath|dir|directory|folder|cwd|workdir|root)s?")
_URL = re.compile(r"(?:\w+_)?(?:url|uri)s?")
_GLOB = re.compile(r"(?:\w+_)?(?:glob|include|exclude)s?(?:_pattern)?s?")
_REGEX = re.compile(r"(?:\w+_)?(?:regex|regexp|pattern)s?")
_CONTENT = re.compile(r"(?:new_|file_)?(?:contents?|text|source|code|body|str|string)")
_PROSE = re.compile(
    r"(?:\w+_)?(?:prompt|query|queries|question|message|task|instructions?|summary|plan|subject|header|label|title|note"
    r"|answer|text|body|description|explanation|reason|thoughts?|content)s?"
)


def _is_url(name: str, ours: str, theirs: str, context: _Context) -> object:
    return _URL.fullmatch(name) or all(text.startswith(("http://", "https://")) for text in (ours, theirs))


def _is_path(name: str, ours: str, theirs: str, context: _Context) -> object:
    looks = all(is_absolute(text) and "\n" not in text and len(text) > 1 for text in (ours, theirs))
    return _PATH.fullmatch(name) or looks


def _is_file_content(name: str, ours: str, theirs: str, context: _Context) -> object:
    return _CONTENT.fullmatch(name) and any(_PATH.fullmatch(_snake(other)) for other in context.names)


def _is_prose(name: str, ours: str, theirs: str, context: _Context) -> object:
    schema = context.properties.get(name)
    is_choice = isinstance(schema, dict) and ("enum" in schema or "const" in schema)
    return not is_choice and (_PROSE.fullmatch(name) or min(len(ours.split()), len(theirs.split())) >= _SENTENCE)


_SENTENCE = 4
"""Words from which on a text is one for people, whatever its name."""


def _same_paths(ours: str, theirs: str, context: _Context) -> bool | None:
    return same_place(ours.strip(), theirs.strip(), context.folder)


def _same_urls(ours: str, theirs: str, context: _Context) -> bool:
    return _plain_url(ours) == _plain_url(theirs)


def _plain_url(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url
    host = (parts.hostname or "") + (
        f":{port}" if port and port != {"http": 80, "https": 443}.get(parts.scheme) else ""
    )
    return urlunsplit((parts.scheme.lower(), host, parts.path.rstrip("/"), parts.query, ""))


def _same_globs(ours: str, theirs: str, context: _Context) -> bool:
    return plain_filter(ours) == plain_filter(theirs)


def _same_patterns(ours: str, theirs: str, context: _Context) -> bool:
    """Compare regular expressions; of a tool that finds files, globs."""
    plain = plain_glob if _finds_files(context.tool) else plain_regex
    return plain(ours) == plain(theirs)


def _same_patches(ours: str, theirs: str, context: _Context) -> bool | None:
    one, other = edits_in_patch(ours), edits_in_patch(theirs)
    if one is None or other is None or len(one) != len(other):
        return False
    found = [_same_file_edits(*pair, context) for pair in zip(_by_path(one), _by_path(other), strict=True)]
    return False if False in found else None if None in found else True


def _by_path(edits: list[FileEdits]) -> list[FileEdits]:
    return sorted(edits, key=lambda each: each.path.rpartition("/")[2])


def _same_file_edits(one: FileEdits, other: FileEdits, context: _Context) -> bool | None:
    if one.action != other.action or len(one.edits) != len(other.edits):
        return False
    if not all(same_edit(*pair) for pair in zip(one.edits, other.edits, strict=True)):
        return False
    return same_place(one.path, other.path, context.folder)


def _same_contents(ours: str, theirs: str, context: _Context) -> bool:
    """Compare what is written into a file, without spaces at the ends of lines; code and JSON by their meaning."""
    one, other = ([line.rstrip() for line in text.strip().splitlines()] for text in (ours, theirs))
    if one == other:
        return True
    with suppress(ValueError):
        return bool(json.loads(ours) == json.loads(theirs))
    with suppress(SyntaxError, ValueError, RecursionError, MemoryError), catch_warnings(action="ignore"):
        return ast.dump(ast.parse(ours)) == ast.dump(ast.parse(theirs))
    return False


def _same_prose(ours: str, theirs: str, context: _Context) -> bool | None:
    one, other = (re.findall(r"\w+", text.casefold()) for text in (ours, theirs))
    return True if one == other else None


_KINDS: tuple[tuple[_Applies, _Same], ...] = (
    (lambda name, ours, theirs, context: edits_in_patch(ours) and edits_in_patch(theirs), _same_patches),
    (_is_url, _same_urls),
    (lambda name, *_: _GLOB.fullmatch(name), _same_globs),
    (lambda name, *_: _REGEX.fullmatch(name), _same_patterns),
    (_is_path, _same_paths),
    (_is_file_content, _same_contents),
    (_is_prose, _same_prose),
)
"""When a text is of a kind, and how two such texts are compared; the first that applies."""


_OLD_AND_NEW = (("old_string", "new_string"), ("old_str", "new_str"), ("old_text", "new_text"), ("search", "replace"))


def _edit_names(ours: dict[str, Any], theirs: dict[str, Any], context: _Context) -> tuple[tuple[str, ...], bool]:
    """Return the arguments that are an edit, and whether both edits do the same; no names where there is none."""
    for old, new in _OLD_AND_NEW:
        names = {_snake(name): name for name in (*ours, *theirs)}
        if old in names and new in names:
            held = (names[old], names[new])
            everywhere = names.get("replace_all", "")
            edits = [
                Edit(str(given.get(held[0], "")), str(given.get(held[1], "")), given.get(everywhere) is True)
                for given in (ours, theirs)
            ]
            is_whole = all(isinstance(given.get(name), str) for given in (ours, theirs) for name in held)
            return (*held, *([everywhere] if everywhere else [])), is_whole and same_edit(*edits)
    return (), False


def _finds_files(tool: str) -> bool:
    return re.search(r"glob|find|list|ls\b", tool, re.I) is not None


def _glob_names(ours: dict[str, Any], theirs: dict[str, Any], context: _Context) -> tuple[tuple[str, ...], bool]:
    """Return the arguments of a search for files, the pattern and the folder that it is below, which are one path."""
    if not _finds_files(context.tool) or not all(isinstance(given.get("pattern"), str) for given in (ours, theirs)):
        return (), False
    patterns = []
    for given in (ours, theirs):
        below = given.get("path") or ""
        inside = below if isinstance(below, str) and is_absolute(below) else f"{context.folder}/{below or '.'}"
        patterns.append(plain_glob(given["pattern"], inside if context.folder or below else "."))
    return ("pattern", "path"), patterns[0] == patterns[1]
