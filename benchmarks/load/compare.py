"""What the server recorded against what a client reports and was asked for: pure functions, times in milliseconds.

A request's size tells a load's requests from questions that a client asks beside it, to warm up or to see who is there.
"""

from collections.abc import Iterable, Sequence

from benchmarks.replay.client import PROMPT, Answer
from benchmarks.replay.measure import Failed
from replay.calibrate.server import Answered, truth_in

SMALLEST = len(PROMPT) // 2
"""Bytes from which on a request is one of the load's: not every tokenizer's words are as long as ours."""


def of_load(answered: Iterable[Answered]) -> list[Answered]:
    """Return the load's requests among all that the server had."""
    return [each for each in answered if each.size >= SMALLEST]


def ttft_errors(reported: Sequence[Answer], answered: Iterable[Answered], requests: int) -> tuple[float, ...]:
    """Return how far each reported TTFT is from the server's, without its sign.

    An answer is found by its number, else by the times in its text. Raises Failed where requests are missing.
    """
    firsts = {each.number: (each.first - each.received) / 1e9 for each in answered}
    known = [answer for answer in reported if answer.ttft is not None and (answer.text or answer.number in firsts)]
    if len(known) != requests:
        raise Failed(f"it reports {len(known)} of {requests} requests")
    true = [truth_in(answer.text).sent[0] if answer.text else firsts[answer.number or 0] for answer in known]
    return tuple(abs((answer.ttft or 0.0) - first) * 1000 for answer, first in zip(known, true, strict=True))


def lateness(received: Iterable[int], rate: float) -> tuple[float, ...]:
    """Return how late each request arrived: its times are evenly spaced, and the most punctual one was on time.

    `received` are nanoseconds, `rate` is requests a second.
    """
    offsets = [moment / 1e6 - number * 1000 / rate for number, moment in enumerate(sorted(received))]
    return tuple(offset - min(offsets) for offset in offsets)


def delivered(received: Sequence[int], requests: int, rate: float) -> float:
    """Return the percentage of the requests that had arrived when the last one was due, counted from the first."""
    if not received:
        return 0.0
    over = min(received) + (requests - 0.5) / rate * 1e9
    return 100 * sum(moment <= over for moment in received) / requests


def server_lateness(answered: Iterable[Answered]) -> tuple[float, ...]:
    """Return how late the server itself sent each first chunk."""
    return tuple((each.first - each.due) / 1e6 for each in answered if each.first)
