"""Reading a page's data as its scripts do."""

from collections.abc import Sequence
from typing import Any


def expanded(lists: Sequence[Sequence[Sequence[int]]], place: int) -> list[int]:
    """Return the numbers of a list that refers to earlier ones."""
    return [
        number
        for begin, end, *earlier in lists[place]
        for number in (expanded(lists, earlier[0])[begin:end] if earlier else range(begin, end))
    ]


def parts(page: dict[str, Any], place: int) -> list[dict[str, Any]]:
    return [page["parts"][number] for number in expanded(page["lists"], place)]
