"""JSON as it was written: what a document says must survive reading and writing."""

import json
import pickle
from decimal import Decimal

import pytest

from traces import jsonio

LARGE = [
    b"18446744073709551615",
    b"18446744073709551616",
    b"-9223372036854775809",
    b"123456789012345678901234567890",
    b"1e400",
    b"-1.5E+400",
    b"[1e400,0.5,null]",
    b'{"a":{"b":[1e999,"large"]}}',
]


@pytest.mark.parametrize("data", LARGE)
def test_a_number_beyond_64_bits_comes_out_as_it_went_in(data: bytes) -> None:
    assert jsonio.dumps(jsonio.loads(data)) == data


def test_a_number_too_large_for_a_float_has_its_value() -> None:
    number = jsonio.loads(b"1.5e400")

    assert number == Decimal("1.5e400")
    assert jsonio.dumps(pickle.loads(pickle.dumps(number))) == b"1.5e400"


@pytest.mark.parametrize("data", [b"1e99999999", b"9" * 5000])
def test_a_number_too_large_for_python_is_named(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"large|digits"):
        jsonio.loads(data)


def test_what_is_no_number_in_json_is_null() -> None:
    assert jsonio.dumps(jsonio.loads(b"[NaN, Infinity, 18446744073709551616]")) == b"[null,null,18446744073709551616]"


def test_half_an_emoji_survives() -> None:
    assert json.loads(jsonio.dumps(jsonio.loads(b'["\\ud83d", "\xc3\xa4", 1e400]'))) == ["\ud83d", "ä", float("inf")]
