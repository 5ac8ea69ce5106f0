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


def test_halves_of_a_character_are_replaced_and_counted_and_pairs_stay() -> None:
    for value, wanted, count in (
        ("a\ud83d b", "a\ufffd b", 1),
        (["\ude00", "\ud83d\ud83d"], ["\ufffd", "\ufffd\ufffd"], 3),
        ("😀 \ud83d", "😀 \ufffd", 1),
        ("\\ud83d", "\\ud83d", 0),
        ("\\\\ud83d\ud83d", "\\\\ud83d\ufffd", 1),
        ("plain", "plain", 0),
    ):
        data, found = jsonio.dumps_whole(value)
        assert (json.loads(data), found) == (wanted, count)
