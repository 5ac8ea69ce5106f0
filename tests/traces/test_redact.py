import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces import redact
from traces.model import Json

HEADERS = [
    ("authorization", "Bearer sk-ant-oat01-abcdefghijklmnop", True),
    ("x-api-key", "dummy", True),
    ("X-Goog-Api-Key", "AIzaSyA", True),
    ("cookie", "session=1", True),
    ("set-cookie", "__cf_bm=1; path=/", True),
    ("proxy-authorization", "Basic dTpw", True),
    ("x-amz-security-token", "FwoG", True),
    ("ocp-apim-subscription-key", "0123", True),
    ("anthropic-ratelimit-tokens-remaining", "79000", False),
    ("anthropic-ratelimit-tokens-reset", "2025-10-26T14:23:45Z", False),
    ("x-ratelimit-limit-tokens", "200000", False),
    ("idempotency-key", "6a1f", False),
    ("x-claude-code-session-id", "0b9e", False),
    ("anthropic-version", "2023-06-01", False),
    ("content-type", "application/json", False),
    ("x-auth", "letmein", True),
    ("x-auth-mode", "none", False),
]


@pytest.mark.parametrize(("name", "value", "secret"), HEADERS)
def test_headers_that_hold_secrets_lose_their_value_and_only_those(name: str, value: str, secret: bool) -> None:
    assert redact.headers({name: value}) == {name: "[redacted]" if secret else value}


URLS = [
    ("https://h/v1/messages?beta=true", "https://h/v1/messages?beta=true"),
    ("https://h/v1/messages?key=AIzaSy123&alt=sse", "https://h/v1/messages?key=[redacted]&alt=sse"),
    (
        "https://h/p?api_key=a&apikey=b&access_token=c",
        "https://h/p?api_key=[redacted]&apikey=[redacted]&access_token=[redacted]",
    ),
    ("https://h/p?max_tokens=5", "https://h/p?max_tokens=5"),
    ("https://user:pass@h/p", "https://[redacted]@h/p"),
    ("see https://h/p?token=abc#top", "see https://h/p?token=[redacted]#top"),
]


@pytest.mark.parametrize(("before", "after"), URLS)
def test_urls_lose_user_info_and_the_values_of_secret_parameters(before: str, after: str) -> None:
    assert redact.url(before) == after


KEYS = [
    "sk-ant-api03-AbCdEf0123456789AbCdEf0123456789-_x",
    "sk-proj-abcdefghij0123456789",
    "sk-or-v1-0123456789abcdef0123456789abcdef",
    "sk_live_abcdefghij0123456789",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    "github_pat_11ABCDEFG0123456789_abcdef",
    "glpat-abcdefghij0123456789",
    "xoxb-123456789012-abcdefghij",
    "AKIAIOSFODNN7EXAMPLE",
    "AIzaSyA0123456789abcdefghijklmnopqrstuv",
    "hf_abcdefghijklmnopqrstuvwxyz",
    "npm_abcdefghijklmnopqrstuvwxyz0123456789",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    "Bearer abcdefghij0123456789",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7\n+/0=\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\\nMIIEpAIBAAKCAQEA7\\n+/0=\\n-----END PRIVATE KEY-----",
    "-----BEGIN EC PRIVATE KEY-----\n     2→MIIEpAIBAAKCAQEA7\n     3→+/0=\n     4→-----END EC PRIVATE KEY-----",
    "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQVYBGQAAAA\n-----END PGP PRIVATE KEY BLOCK-----",
]


CLEAN = redact.Cleaner(frozenset())


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("around", ["{}", "token: {}.", "line one\n{}\nline three", '"{}"', "\t{}", "={}", r"A=1\n{}"])
def test_key_shaped_strings_vanish_wherever_they_are(key: str, around: str) -> None:
    text = CLEAN.text(around.format(key))

    assert "[redacted]" in text
    assert not any(part in text for part in (key[8:20], key[-8:]))


@pytest.mark.parametrize(
    "text",
    [
        "task-list-management-for-2025-and-later",
        "disk-usage-of-0123456789-bytes",
        "sk-loading-indicator-wrapper-large",
        "the AKIA prefix",
        "Bearer authentication",
        "signature: EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds",
        "xoxo-kisses",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    ],
)
def test_what_only_looks_a_little_like_a_key_stays(text: str) -> None:
    assert CLEAN.text(text) == text


def test_a_private_key_that_was_cut_off_vanishes() -> None:
    assert CLEAN.text("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADAN") == "[redacted]"


def test_every_string_in_json_is_cleaned_keys_included() -> None:
    key = KEYS[0]
    value = {"a": [key, 1, None, {key: True}], "b": "clean and long enough"}

    assert CLEAN.value(value) == {
        "a": ["[redacted]", 1, None, {"[redacted]": True}],
        "b": "clean and long enough",
    }


def test_a_body_that_repeats_a_secret_header_loses_it() -> None:
    headers = {"x-api-key": "my-own-local-key", "Authorization": "Bearer other-local-key"}
    clean = redact.Cleaner(redact.secrets_in(headers, "/v1?key=third-local-key"))

    text = clean.text("my-own-local-key, other-local-key and third-local-key are invalid")

    assert text == "[redacted], [redacted] and [redacted] are invalid"


def test_a_body_that_repeats_one_of_several_cookies_loses_it() -> None:
    clean = redact.Cleaner(redact.secrets_in({"cookie": "sid=geheim-cookie-0001; theme=dark"}, "/"))

    assert clean.text("session geheim-cookie-0001 is over, theme dark") == "session [redacted] is over, theme dark"


def test_a_key_behind_a_harmless_name_vanishes() -> None:
    assert CLEAN.headers({"x-echo": f"you sent {KEYS[0]}", "x-count": "3"}) == {
        "x-echo": "you sent [redacted]",
        "x-count": "3",
    }


def test_short_secrets_are_not_searched_for_in_bodies() -> None:
    assert redact.secrets_in({"x-api-key": "lmstudio"}, "/") == frozenset()


def test_what_was_clean_for_one_key_is_looked_at_again_for_another() -> None:
    text = "the key is my-own-local-key"

    assert redact.cleaner(frozenset()).text(text) == text
    assert redact.cleaner(frozenset({"my-own-local-key"})).text(text) == "the key is [redacted]"
    assert redact.cleaner(frozenset()).text(text) == text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_json_without_secrets_stays_as_it_is(value: Json) -> None:
    assert CLEAN.value(value) == value
