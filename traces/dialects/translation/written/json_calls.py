"""Calls that models write as JSON: Hermes' and Qwen's, Mistral's, and Llama's."""

import ast
import json
import re
from collections.abc import Container
from typing import Any

from traces import jsonio
from traces.dialects.translation.written.calls import Call, Calls, NeedsMore, NoCall

_LENIENT = json.JSONDecoder(strict=False)  # models write line breaks within strings
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|"|[{}\[\]]', re.S)
_ARGUMENTS = ("arguments", "parameters", "input", "args")


class Hermes:
    """`<tool_call>{"name": …, "arguments": {…}}</tool_call>`; the last one may lack its end."""

    starts = ("<tool_call>",)
    bare = ()
    _end = "</tool_call>"

    def read(self, text: str, start: str, is_whole: bool) -> Calls:
        at, calls = len(start), list[Call]()
        while True:
            at = _skip(text, at, " \t\r\n,")
            if text.startswith(self._end, at):
                return _some(calls, at + len(self._end))
            if self._end.startswith(text[at:]) and not is_whole:
                raise NeedsMore
            if text[at : at + 1] not in ("{", "["):
                return _some(calls, at)
            value, at = _value(text, at)
            calls += _calls(value)


class Mistral:
    """`[TOOL_CALLS][{"name": …, "arguments": {…}}, …]`, or `[TOOL_CALLS]NAME[ARGS]{…}` for each call."""

    starts = ("[TOOL_CALLS]",)
    bare = ()
    _head = re.compile(r"\s*([\w.-]{1,128})\s*(?:\[CALL_ID\]\s*([\w-]{1,64})\s*)?(?:\[ARGS\]\s*)?(?=\{)")
    _longest_head = 300

    def read(self, text: str, start: str, is_whole: bool) -> Calls:
        at = _skip(text, len(start), " \t\r\n")
        if text[at : at + 1] == "[":
            value, at = _value(text, at)
            return _some(_calls(value), at)
        head = self._head.match(text, at)
        if head is None:
            if "{" in text[at:] or len(text) - at > self._longest_head:
                raise NoCall
            raise NeedsMore
        arguments, at = _value(text, head.end())
        return Calls([Call(head[1], _dumps(arguments), head[2] or "")], at)


class Llama:
    """`{"name": …, "parameters": {…}}` or `[NAME(key=value, …)]` as the whole answer; `<function=NAME>{…}</function>`.

    What is no answer's beginning needs a tag, `<|python_tag|>`; without one, a call must be of a tool that is offered.
    """

    starts = ("<|python_tag|>", "<function=")
    bare = ("{", "[")
    _head = re.compile(r"<function=([\w.-]{1,128})>\s*")
    _longest_head = 300
    _end = "</function>"

    def __init__(self, tools: Container[str]) -> None:
        self._tools = tools

    def read(self, text: str, start: str, is_whole: bool) -> Calls:
        if start == "<function=":
            return self._function(text, is_whole)
        is_bare = start in self.bare
        at = 0 if is_bare else _skip(text, len(start), " \t\r\n")
        if text[at : at + 1] == "{":
            found = self._objects(text, at, is_whole)
        elif text[at : at + 1] == "[":
            end = _end_of(text, at)
            found = Calls(_python_calls(text[at:end]), end)
        elif is_whole:
            found = Calls(_python_calls(text[at:]), len(text))  # code for a tool of the server's own: `name.call(…)`
        else:
            raise NeedsMore
        if is_bare and not all(call.name in self._tools for call in found.calls):
            raise NoCall
        return found

    def _objects(self, text: str, at: int, is_whole: bool) -> Calls:
        """Read calls, between which there may be semicolons."""
        calls: list[Call] = []
        while text[at : at + 1] == "{":
            value, at = _value(text, at)
            calls += _calls(value)
            end = at
            at = _skip(text, at, " \t\r\n;")
            if at == len(text) and not is_whole:
                raise NeedsMore
        return _some(calls, end)

    def _function(self, text: str, is_whole: bool) -> Calls:
        head = self._head.match(text)
        if head is None or head.end() == len(text):
            if is_whole or len(text) > self._longest_head or (head is None and ">" in text):
                raise NoCall
            raise NeedsMore
        if text[head.end()] != "{":
            raise NoCall
        arguments, at = _value(text, head.end())
        at = _skip(text, at, " \t\r\n")
        if text.startswith(self._end, at):
            at += len(self._end)
        elif self._end.startswith(text[at:]) and not is_whole:
            raise NeedsMore
        return Calls([Call(head[1], _dumps(arguments))], at)


def _skip(text: str, at: int, what: str) -> int:
    while at < len(text) and text[at] in what:
        at += 1
    return at


def _some(calls: list[Call], end: int) -> Calls:
    if not calls:
        raise NoCall
    return Calls(calls, end)


def _end_of(text: str, at: int) -> int:
    """Return where the brackets are closed that open here. Raises NeedsMore."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        if token[0] in "{[":
            depth += 1
        elif token[0] in "}]":
            depth -= 1
            if depth == 0:
                return token.end()
        elif token[0] == '"':
            break  # a string that isn't closed
    raise NeedsMore


def _value(text: str, at: int) -> tuple[Any, int]:
    """Return the JSON value here, and where it ends. Raises NeedsMore and NoCall."""
    end = _end_of(text, at)
    try:
        value, real_end = _LENIENT.raw_decode(text[at:end])
    except (ValueError, RecursionError) as error:
        raise NoCall from error
    return value, at + real_end


def _calls(value: Any) -> list[Call]:
    """Return the calls that a value describes. Raises NoCall."""
    if isinstance(value, list):
        return [call for item in value for call in _calls(item)]
    if not isinstance(value, dict):
        raise NoCall
    within = value.get("function")
    fields = within if isinstance(within, dict) else value
    name = fields.get("name") or (within if isinstance(within, str) else None)
    given = next((fields[key] for key in _ARGUMENTS if key in fields), None)
    if isinstance(given, str):
        try:
            given = _LENIENT.decode(given)
        except ValueError:
            raise NoCall from None
    if not isinstance(name, str) or not name or not isinstance(given, dict | None):
        raise NoCall
    ident = value.get("id")
    return [Call(name, _dumps(given or {}), ident if isinstance(ident, str) else "")]


def _dumps(value: Any) -> str:
    if not isinstance(value, dict):
        raise NoCall
    return jsonio.dumps(value).decode()


def _python_calls(text: str) -> list[Call]:
    """Return the calls in a Python expression: `[a(x=1), b()]` or `a.call(x=1)`. Raises NoCall."""
    try:
        tree = ast.parse(text.partition("<|e")[0].strip(), mode="eval").body  # <|eom_id|>, <|eot_id|>
        return [_python_call(each) for each in (tree.elts if isinstance(tree, ast.List) else [tree])]
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise NoCall from error


def _python_call(tree: ast.expr) -> Call:
    if not isinstance(tree, ast.Call) or tree.args:
        raise NoCall
    name = ast.unparse(tree.func).removesuffix(".call")
    arguments = {}
    for keyword in tree.keywords:
        if keyword.arg is None:
            raise NoCall
        arguments[keyword.arg] = ast.literal_eval(keyword.value)
    return Call(name, _dumps(arguments))
