"""Spans of time and rates as a user writes them: `100ms`, `5s`, `2m`, `1h`; `6/min`."""

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}

_SPAN = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(ms|s|min|m|h)?")
_RATE = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*/\s*(s|min|m|h)")


def parse_span(text: str) -> float:
    """Return the seconds; a number alone is of seconds. Raises ValueError."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no span of time; it is written as in 100ms, 5s, 2m, 1h")
    return round(float(found[1]) * _UNITS[found[2] or "s"], 6)


def parse_rate(text: str) -> float:
    """Return how many a minute. Raises ValueError."""
    found = _RATE.fullmatch(text.strip())
    if found is None or not float(found[1]):
        raise ValueError(f"{text!r} is no rate; it is written as in 6/min, 0.5/s, 30/h")
    return float(found[1]) * 60 / _UNITS[found[2]]


def show_span(seconds: float) -> str:
    """Return it in the largest unit that suits: `90 ms`, `5 s`, `1.5 min`."""
    if seconds < 1:
        return f"{seconds * 1000:g} ms"
    if seconds < 120:
        return f"{seconds:g} s"
    return f"{seconds / 60:g} min" if seconds < 3600 else f"{seconds / 3600:g} h"
