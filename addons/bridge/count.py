"""Counts of tokens for a client of Anthropic's, where the server speaks another API format."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from addons.bridge.upstream import NoAnswer
from addons.contentview.sizes import BEST
from traces.dialects import Dialect
from traces.dialects.translation import counting
from traces.dialects.translation.request import translate_request
from traces.model import Json

Ask = Callable[[str, Mapping[str, Any]], Awaitable[Json]]
"""Posts JSON to a path and returns the JSON that was answered; None where that is an error, or no JSON."""

BYTES_PER_TOKEN = 4
"""For an estimate where nothing here can count tokens."""


async def count(body: Mapping[str, Any], to: Dialect, ask: Ask) -> tuple[int, str]:
    """Return the tokens of a request, and a note on who counted them. Raises TranslationError."""
    translated = translate_request(body, to=to)
    try:
        for way in counting.WAYS[to]:
            if (tokens := await _run(way(translated.body), ask)) is not None:
                return tokens, "tokens counted by the server's own tokenizer"
    except NoAnswer:
        pass  # then an estimate is the best there is
    estimate = counting.estimate(translated.body, tokens_in)
    return estimate, f"tokens estimated ({BEST.vocabulary or 'by size'}): the server has no endpoint that counts them"


def tokens_in(text: str) -> int:
    """Return the tokens of a text: counted where a tokenizer is installed, else estimated."""
    size = BEST.sizes([text])[0]
    return size if BEST.vocabulary else -(-size // BYTES_PER_TOKEN)


async def _run(counting_way: counting.Counting, ask: Ask) -> int | None:
    """Ask what this way of counting asks, and return what it returns."""
    try:
        question = next(counting_way)
        while True:
            question = counting_way.send(await ask(question.path, question.body))
    except StopIteration as result:
        found: int | None = result.value
        return found
