import base64
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import keys
from traces.redact import REDACTED, Cleaner

CLEAN = Cleaner()

LINES = ["MIIEpAIBAAKCAQEA7bq2" + "Zq3+/" * 8, "Xk9vQw" * 10, "c2hvcnQ="]
BLOCK = "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *LINES, "-----END RSA PRIVATE KEY-----"])

WRITTEN = {
    "as it is": BLOCK,
    "with \\n": BLOCK.replace("\n", r"\n"),
    "with \\n in JSON within JSON": BLOCK.replace("\n", r"\\n"),
    "with \\r\\n": BLOCK.replace("\n", "\r\n"),
    "on one line": BLOCK.replace("\n", " "),
    "quoted in a mail": textwrap.indent(BLOCK, "> "),
    "quoted twice": textwrap.indent(BLOCK, "> > "),
    "indented": textwrap.indent(BLOCK, "    "),
    "in a comment": textwrap.indent(BLOCK, "# "),
    "in a comment of C": textwrap.indent(BLOCK, " * "),
    "with numbers of lines": "\n".join(f"{number:6}\t{line}" for number, line in enumerate(BLOCK.splitlines(), 9)),
    "with numbers and arrows": "\n".join(f"{number:6}→{line}" for number, line in enumerate(BLOCK.splitlines(), 9)),
    "as added lines": textwrap.indent(BLOCK, "+"),
    "as strings of a program": "\n".join(f'    "{line}\\n" +' for line in BLOCK.splitlines()),
    "as a list of strings": ",\n".join(f"'{line}'" for line in BLOCK.splitlines()),
    "in a table": "\n".join(f"| {line} |" for line in BLOCK.splitlines()),
    "wrapped anew": "\n".join(textwrap.wrap(BLOCK.replace("\n", " "), 40)),
    "in a URL": BLOCK.replace(" ", "%20").replace("\n", "%0A"),
    "encrypted": BLOCK.replace(
        "KEY-----\nMII", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B2C\n\nMII", 1
    ),
    "of OpenSSH": BLOCK.replace("RSA", "OPENSSH"),
    "of PKCS 8": BLOCK.replace("RSA ", ""),
    "of PGP": BLOCK.replace("RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"),
    "cut off": BLOCK.partition("-----END")[0],
    "cut off, with \\n": BLOCK.partition("-----END")[0].replace("\n", r"\n"),
    "cut off, quoted": textwrap.indent(BLOCK.partition("-----END")[0], "> "),
}


@pytest.mark.parametrize("how", WRITTEN)
def test_a_private_key_vanishes_however_it_is_written(how: str) -> None:
    text = CLEAN.text(f"before\n{WRITTEN[how]}\nafter the key")

    assert REDACTED in text
    assert not [line for line in LINES if keys.pieces_left(line, text, 7)]
    assert text.startswith("before")
    assert text.endswith("after the key")


HARMLESS = [
    "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END CERTIFICATE-----",
    "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA\n-----END PUBLIC KEY-----",
    'if line == "-----BEGIN PRIVATE KEY-----":\n    inside = True\n',
    "A block begins with `-----BEGIN PRIVATE KEY-----` and ends with `-----END PRIVATE KEY-----`.",
]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_private_key_stays(text: str) -> None:
    assert CLEAN.text(text) == text


@pytest.mark.parametrize("kind", ["Anthropic", "GitHub", "AWS", "Slack", "JWT"])
@settings(max_examples=40)
@given(
    data=st.data(),
    before=st.sampled_from(["", " ", "a=", "ab ", "the key: ", "{", '{"k": "', "export KEY="]),
    after=st.sampled_from(["", "\n", '"}', " and more"]),
    around=st.sampled_from(["{}", "data:text/plain;base64,{}", r"\u0022{}\u0022", "x={} ", "%22{}%22"]),
    url_safe=st.booleans(),
    twice=st.booleans(),
)
def test_a_key_in_base64_vanishes(
    kind: str, data: st.DataObject, before: str, after: str, around: str, url_safe: bool, twice: bool
) -> None:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    coded = encode((before + data.draw(keys.of_kind(kind)) + after).encode())
    if twice:
        coded = encode(coded)

    text = CLEAN.text(around.format(coded.decode()))

    assert REDACTED in text
    assert text.startswith(around.partition("{")[0])


def test_a_key_across_lines_of_base64_vanishes() -> None:
    key = "sk-ant-api03-" + "AbCdEf0123456789" * 8
    lines = base64.encodebytes(f"{'some words and more ' * 4}\nkey = {key}\nmore words\n".encode()).decode()

    cleaned = CLEAN.text(f"$ base64 .env\n{lines}$ ")

    assert REDACTED in cleaned
    assert cleaned.startswith("$ base64 .env\n" + lines[:80])
    assert cleaned.endswith("\n$ ")
    assert not [line for line in lines.splitlines()[2:4] if line in cleaned]


def test_a_secret_of_the_request_vanishes_in_base64() -> None:
    clean = Cleaner({"my-own-local-key"})

    assert clean.text(f"x: {base64.b64encode(b'you sent my-own-local-key').decode()}").startswith("x: ")
    assert REDACTED in clean.text(f"x: {base64.b64encode(b'you sent my-own-local-key').decode()}")


def test_base64_of_a_harmless_text_and_of_an_image_stay() -> None:
    for data in (b"nothing to hide, but rather long" * 9, bytes(range(256)) * 40):
        text = f'"data": "{base64.b64encode(data).decode()}"'
        assert CLEAN.text(text) == text
