"""A body that was kept can be written again byte for byte, or is known not to be."""

import hashlib
import json

import pytest

from traces import jsonio, raw_body, redact
from traces.model import Json, Raw

CLEAN = redact.cleaner(frozenset(["geheim-0123456789"]))
VALUE = {"a": [1, 2.5, True, None, "ä\n\u2028"], "k": 123456789012345678901234567890}

SENT: dict[str, tuple[bytes, str | None]] = {
    "as JavaScript writes it": (json.dumps(VALUE, separators=(",", ":"), ensure_ascii=False).encode(), "compact"),
    "as Python writes it": (json.dumps(VALUE).encode(), "spaced"),
    "with spaces, in UTF-8": (json.dumps(VALUE, ensure_ascii=False).encode(), "spaced_utf8"),
    "in ASCII, without spaces": (json.dumps(VALUE, separators=(",", ":")).encode(), "compact_ascii"),
    "indented": (json.dumps(VALUE, indent=2).encode(), "text"),
    "a large integer": (b'{"maximum":123456789012345678901234567890}', "compact"),
    "an integer of 65 bits": (b"[18446744073709551616,-9223372036854775809]", "compact"),
    "a large number": (b'{"maximum":1e400,"minimum":-1.5E+400}', "compact"),
    "minus zero": (b'{"x":-0}', "text"),
    "minus zero with a point": (b'{"x":-0.0}', "compact"),
    "many digits": (b'{"x":0.12345678901234567890123}', "text"),
    "a zero behind the point": (b'{"x":1.50}', "text"),
    "a key twice": (b'{"a":1,"a":2}', "text"),
    "an escaped slash": (b'{"a":"\\/"}', "text"),
    "half an emoji": (b'{"a":"\\ud83d"}', "compact"),
    "NaN": (b'{"a":NaN}', "text"),
    "spaces around": (b' {"a":1}\n', "text"),
    "no JSON": (b"hello", "plain"),
    "half a document": (b'{"a": 1', "plain"),
    "a JSON text": (b'"hello"', "compact"),
    "no UTF-8": (b"\xff\xfe", None),
}


def parse(data: bytes) -> Json:
    try:
        return jsonio.loads(data)
    except ValueError:
        return data.decode("utf-8", "replace")


@pytest.mark.parametrize("case", SENT)
def test_a_body_is_written_again_byte_for_byte(case: str) -> None:
    data, form = SENT[case]
    value = parse(data)

    raw = raw_body.describe(data, value, value, CLEAN)

    kept = parse(jsonio.dumps(value))  # as a trace's file keeps it
    assert (raw.form, raw.sha256) == (form, hashlib.sha256(data).hexdigest())
    assert raw_body.rebuild(kept, raw) == (data if form else None)
    assert raw_body.is_as_sent(kept, raw) == (form is not None)


def test_secrets_stay_out_of_the_text_and_of_the_hash() -> None:
    data = b'{ "key" : "geheim-0123456789" }'
    value = parse(data)

    raw = raw_body.describe(data, value, CLEAN.value(value), CLEAN)

    clean = '{ "key" : "[redacted]" }'
    assert raw == Raw(hashlib.sha256(clean.encode()).hexdigest(), "text", clean)


@pytest.mark.parametrize(
    "data",
    [
        rb'{ "key" : "g\u0065heim-0123456789" }',
        b'{"key":"geheim-0123456789","key":1}',
        rb'{"k":"g\u0065heim-0123456789","k":1}',
    ],
)
def test_a_secret_behind_an_escape_or_a_second_key_costs_the_text(data: bytes) -> None:
    value = parse(data)

    raw = raw_body.describe(data, value, CLEAN.value(value), CLEAN)

    assert (raw.form, raw.text) == (None, None)
    assert raw_body.is_as_sent(CLEAN.value(value), raw) is False


def test_a_body_that_was_changed_is_known_to_be() -> None:
    raw = raw_body.describe(b'{"a":1}', {"a": 1}, {"a": 1}, CLEAN)

    assert raw_body.is_as_sent({"a": 2}, raw) is False
    assert raw_body.is_as_sent({"a": 1}, None) is None
