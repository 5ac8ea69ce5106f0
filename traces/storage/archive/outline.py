"""A trace's file without what other files repeat, and how that is put back: as bytes, or, faster, as parsed JSON."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from traces.model import Json
from traces.storage.archive import zstd
from traces.storage.archive.blocks import Blocks
from traces.storage.archive.layout import Item, Step
from traces.storage.archive.pieces import LISTS

_MARK = "\u0001items of the archive:"
_IN_JSON = json.dumps(_MARK)[:-1].encode()


class UnfitError(Exception):
    """What is repeated isn't where it can be put back as JSON: only the bytes can be put together."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The file of a trace, as far as it is its own, with a mark in each place of what it shares.

    data    the file with the marks, or all of it where it has none
    steps   those that end with items; the mark of each holds its number
    """

    data: bytes
    steps: Sequence[Step] = ()
    blocks: Blocks | None = None

    def fill(self, document: Json) -> None:
        """Put what is shared into the parsed file. Raises UnfitError where the marks aren't all in the right places."""
        if not self.steps:
            return
        assert self.blocks
        body = _body(document)
        by_mark = {f"{_MARK}{number}": step for number, step in enumerate(self.steps)}
        for name in LISTS:
            items = body.get(name)
            if not isinstance(items, list):
                continue
            whole: list[Json] = []
            for item in items:
                if not isinstance(item, str) or not item.startswith(_MARK):
                    whole.append(item)
                elif step := by_mark.pop(item, None):
                    whole += self.blocks.values(*step.first, step.items)
                else:
                    raise UnfitError
            body[name] = whole
        if by_mark:
            raise UnfitError


def outline(path: str, size: int, description: bytes, blocks: Blocks) -> Outline:
    """Return the outline of a trace. Raises DamagedError where this is no description of it."""
    steps, own = _parsed(path, description)
    shared = [step for step in steps if step.items]
    if len(own) + sum(blocks.size(*step.first, step.items) for step in shared) != size:
        raise zstd.DamagedError("it isn't what was put there")
    if _IN_JSON in own:
        return Outline(b"".join(_joined(steps, own, blocks)))
    return Outline(b"".join(_marked(steps, own)), shared, blocks)


def put_together(path: str, description: bytes, blocks: Blocks) -> bytes:
    """Return the file of a trace. Raises DamagedError where this is no description of it."""
    return b"".join(_joined(*_parsed(path, description), blocks))


def _parsed(path: str, description: bytes) -> tuple[list[Step], bytes]:
    line, _, own = description.partition(b"\n")
    try:
        named, rows = json.loads(line)
        steps = [Step(length, Item(block, first), items) for length, block, first, items in rows]
    except (ValueError, TypeError) as error:
        raise zstd.DamagedError("its description can't be read") from error
    if named != path:
        raise zstd.DamagedError("its description is another one's")
    return steps, own


def _joined(steps: Sequence[Step], own: bytes, blocks: Blocks) -> Iterator[bytes]:
    start = 0
    for step in steps:
        yield own[start : start + step.own]
        start += step.own
        if step.items:
            yield b",".join(blocks.items(*step.first, step.items))


def _marked(steps: Sequence[Step], own: bytes) -> Iterator[bytes]:
    start, number = 0, 0
    for step in steps:
        yield own[start : start + step.own]
        start += step.own
        if step.items:
            yield b'%b%d"' % (_IN_JSON, number)
            number += 1


def _body(document: Json) -> dict[str, Json]:
    request = document.get("request") if isinstance(document, dict) else None
    body = request.get("body") if isinstance(request, dict) else None
    if not isinstance(body, dict):
        raise UnfitError
    return body
