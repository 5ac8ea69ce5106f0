"""The user's own prices: `prices` in `.anyclauderc.json`, in the working folder and in the user's home.

    "prices": {
      "claude-sonnet-4-5*": {"input": 3, "output": 15, "cacheRead": 0.3, "cacheWrite": 3.75, "cacheWrite1h": 6,
                             "above": {"200000": {"input": 6, "output": 22.5}}},
      "vllm/*":             {"perHour": 2.49},
      "llamacpp/*":         {"watts": 350, "perKwh": 0.32}
    }

A name is a model's, or a server kind's and a model's; `*` stands for anything. Of several that fit, the first counts.
"""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

from traces.errors import ToolkitError
from traces.money.rates import OwnPrice, Rates

NAME = ".anyclauderc.json"
KEY = "prices"

_TOKENS = ("input", "output", "cacheRead", "cacheWrite", "cacheWrite1h")
_POWER = ("watts", "perKwh")
_KEYS = (*_TOKENS, "above", "perHour", *_POWER)

_MOST = 10**9


class PriceError(ToolkitError):
    """A price can't be used. The message says where it is written, and what is allowed there."""


def read_all(folder: Path, home: Path) -> list[OwnPrice]:
    """Return the prices in the files that exist, the nearest first. Raises PriceError."""
    paths = dict.fromkeys((folder / NAME, home / NAME))
    return [price for path in paths if path.is_file() for price in read(path)]


def read(path: Path) -> list[OwnPrice]:
    """Return the prices in a file. Raises PriceError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PriceError(f"{path}: can't be read as JSON: {error}") from None
    return list(prices(path, document.get(KEY, {}))) if isinstance(document, dict) else []


def prices(path: Path, raw: object) -> Iterator[OwnPrice]:
    """Yield the prices that a file has under its key. A key that begins with `//` is a comment. Raises PriceError."""
    for pattern, value in _items(f"{path}: {KEY}", raw):
        where = f"{path}: {KEY}.{pattern}"
        fields = dict(_items(where, value, _KEYS))
        rates = list(_rates(where, fields))
        if not rates and not {"perHour", *_POWER} & fields.keys():
            raise PriceError(f"{where}: must have input and output, or perHour, or watts and perKwh")
        yield OwnPrice(pattern, where, rates, _per_hour(where, fields))


def _rates(where: str, fields: Mapping[str, object]) -> Iterator[Rates]:
    """Yield the rates for requests of any size, then those for larger ones."""
    if not {*_TOKENS, "above"} & fields.keys():
        return
    base = _numbers(where, fields)
    for name in ("input", "output"):
        if name not in base:
            raise PriceError(f"{where}: {name} is missing: dollars for a million tokens")
    yield _made(base)
    above = dict(_items(f"{where}.above", fields.get("above", {})))
    for size in sorted(above, key=lambda size: _tokens(f"{where}.above", size)):
        place = f"{where}.above.{size}"
        larger = _numbers(place, dict(_items(place, above[size], _TOKENS)))
        yield _made(base | larger, int(size))


def _made(numbers: Mapping[str, Decimal], above: int = 0) -> Rates:
    """Return the rates. What isn't given has the price of what it is a kind of."""
    input = numbers["input"]
    written = numbers.get("cacheWrite", input)
    return Rates(
        input=input,
        output=numbers["output"],
        read=numbers.get("cacheRead", input),
        written=written,
        written_1h=numbers.get("cacheWrite1h", written),
        above=above,
    )


def _per_hour(where: str, fields: Mapping[str, object]) -> Decimal | None:
    """Return the dollars for an hour: those that are given, and those of the power."""
    given = [_number(where, "perHour", fields["perHour"])] if "perHour" in fields else []
    if power := [name for name in _POWER if name in fields]:
        if len(power) < len(_POWER):
            raise PriceError(f"{where}: watts and perKwh (dollars) belong together")
        watts, price = (_number(where, name, fields[name]) for name in _POWER)
        given.append(watts / 1000 * price)
    return sum(given, Decimal(0)) if given else None


def _numbers(where: str, fields: Mapping[str, object]) -> dict[str, Decimal]:
    return {name: _number(where, name, fields[name]) for name in _TOKENS if name in fields}


def _number(where: str, name: str, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _MOST:
        raise PriceError(f"{where}.{name}: {json.dumps(value)[:40]} can't be used: it must be a number, not below 0")
    return Decimal(str(value))


def _tokens(where: str, size: str) -> int:
    if not (size.isascii() and size.isdigit()) or not 0 < int(size) < _MOST:
        raise PriceError(f'{where}: {size!r} can\'t be used: it must be a number of input tokens, as "200000"')
    return int(size)


def _items(where: str, raw: object, allowed: tuple[str, ...] = ()) -> list[tuple[str, object]]:
    """Return the items of an object, without comments; where keys are `allowed`, no others may be there."""
    if not isinstance(raw, dict):
        raise PriceError(f"{where}: must be an object, {{…}}, not {json.dumps(raw)[:40]}")
    items = [(key, value) for key, value in raw.items() if not key.startswith("//")]
    for key, _ in items if allowed else ():
        if key not in allowed:
            raise PriceError(f"{where}: unknown key {key!r}: allowed are {', '.join(allowed)}")
    return items
