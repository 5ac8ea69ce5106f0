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
    assert redact.Cleaner(keep_fields=True).value(value) == value


FIELDS: list[tuple[Json, Json]] = [
    (
        {"mcp_servers": [{"type": "url", "url": "https://h/", "authorization_token": "abc"}]},
        {"mcp_servers": [{"type": "url", "url": "https://h/", "authorization_token": "[redacted]"}]},
    ),
    (
        {"type": "mcp", "headers": {"Authorization": "Bearer x"}, "authorization": "y"},
        {"type": "mcp", "headers": {"Authorization": "[redacted]"}, "authorization": "[redacted]"},
    ),
    (
        {"name": "login", "input": {"user": "me", "password": "correct horse", "env": {"API_KEY": "k", "DEBUG": "1"}}},
        {
            "name": "login",
            "input": {"user": "me", "password": "[redacted]", "env": {"API_KEY": "[redacted]", "DEBUG": "1"}},
        },
    ),
    ({"access_token": "a", "refreshToken": "b"}, {"access_token": "[redacted]", "refreshToken": "[redacted]"}),
    ({"token": "0123456789abcdef0"}, {"token": "[redacted]"}),
    (
        {"function": {"name": "login", "arguments": '{"password": "correct horse", "user": "me"}'}},
        {"function": {"name": "login", "arguments": '{"password": "[redacted]", "user": "me"}'}},
    ),
    ({"arguments": '{"api_key":"cut o'}, {"arguments": '{"api_key":"[redacted]'}),
    ({"env": [{"name": "DB_PASSWORD", "value": "geheim"}]}, {"env": [{"name": "DB_PASSWORD", "value": "[redacted]"}]}),
    ({"Key": "X-Api-Key", "Value": "geheim"}, {"Key": "X-Api-Key", "Value": "[redacted]"}),
    ({"args": ["run", "--password", "geheim", "-v"]}, {"args": ["run", "--password", "[redacted]", "-v"]}),
    ({"headers": [["x-api-key", "0123456789abcdef0"]]}, {"headers": [["x-api-key", "[redacted]"]]}),
]


@pytest.mark.parametrize(("value", "clean"), FIELDS)
def test_fields_that_are_secrets_by_their_name_lose_their_value(value: Json, clean: Json) -> None:
    assert CLEAN.value(value) == clean
    assert redact.Cleaner(keep_fields=True).value(value) == value
    assert CLEAN.value(clean) == clean


HARMLESS_FIELDS: list[Json] = [
    {"required": ["password", "username"], "args": ["--token", "--verbose"], "enum": ["token", "key", "secret"]},
    {"name": "password", "value": "string"},
    {"name": "page", "value": "0123456789abcdef0"},
    {"type": "thinking", "thinking": "Hm.", "signature": "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds"},
    {"encrypted_content": "gAAAAABo_sk-abcdefghij0123456789_hf_abcdefghijklmnopqrstuvwxyz"},
    {"content": [{"token": "Hello", "logprob": -0.1, "bytes": [72]}]},
    {"name": "press", "input": {"key": "Enter", "text": "a"}},
    {"page_token": "CAUQAA0123456789abcdef", "cache_key": "0123456789abcdef0123456789abcdef"},
    {"prompt_cache_key": "0123456789abcdef0123456789abcdef", "next_token": "0123456789abcdef0123"},
    {"input_schema": {"properties": {"password": {"type": "string"}}, "required": ["password", "api_key"]}},
    {"env": {"API_KEY": "$API_KEY", "TOKEN": "${{ secrets.TOKEN }}", "PASSWORD": ""}},
    {"usage": {"input_tokens": 3}, "max_tokens": 32000},
    {"metadata": {"user_id": "user_0123456789abcdef_account__session_0123"}},
]


@pytest.mark.parametrize("value", HARMLESS_FIELDS)
def test_fields_that_only_sound_secret_stay(value: Json) -> None:
    assert CLEAN.value(value) == value


def test_fields_stay_where_the_environment_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    value: Json = {"input": {"password": "correct horse", "note": KEYS[0]}}
    monkeypatch.setenv("ANYCLAUDE_KEEP_FIELDS", "1")

    assert redact.Cleaner().value(value) == {"input": {"password": "correct horse", "note": "[redacted]"}}


def test_a_secret_is_found_as_a_url_and_json_write_it() -> None:
    secret = 'päss"wört/0001 x'
    clean = redact.Cleaner(redact.secrets_in({"x-api-key": secret.replace(" ", "+")}, "/"))

    for written in ('päss"wört/0001+x', "p%C3%A4ss%22w%C3%B6rt%2F0001%2Bx", r"p\u00e4ss\"w\u00f6rt/0001+x"):
        assert clean.text(f"you sent {written}.") == "you sent [redacted]."


def test_the_password_of_basic_authentication_is_found() -> None:
    clean = redact.Cleaner(redact.secrets_in({"authorization": "Basic bWU6Z2VoZWltLTAwMDE="}, "/"))

    assert clean.text("wrong password: geheim-0001") == "wrong password: [redacted]"


def test_texts_that_are_searched_together_are_cleaned_each_by_itself() -> None:
    texts = [
        "-----BEGIN RSA PRIVATE KEY-----",
        "harmless",
        f"a {KEYS[0]} b",
        "MIIEpAIBAAKCAQEA7",
        "password:",
        "x1y2z3",
    ]
    value: Json = [*texts]

    assert CLEAN.value(value) == [*texts[:2], "a [redacted] b", *texts[3:]]


PIECES = [*KEYS, "words", "\n", "password=", "x1y2z3!", "://me:pw@h", '"', "\x1b[31m", "é"]
TEXTS = st.lists(st.sampled_from(PIECES)).map(" ".join)


@given(TEXTS)
def test_what_was_cleaned_is_clean(text: str) -> None:
    clean = redact.Cleaner().text(text)

    assert redact.Cleaner().text(clean) == clean


@given(st.lists(TEXTS))
def test_texts_are_cleaned_together_as_they_are_one_by_one(texts: list[str]) -> None:
    alone: Json = [redact.Cleaner().text(text) for text in texts]
    clean, value = redact.Cleaner(), [*texts]

    assert clean.value(value) == alone
    assert clean.value(value) == alone


LONG = 100_000

HOSTILE = {
    "names": "token" * LONG,
    "names with signs": "password:" * LONG,
    "cookies": "cookie: a=b " * LONG,
    "beginnings of blocks": "-----BEGIN PRIVATE KEY-----" * (LONG // 9),
    "a block of plus signs": "-----BEGIN PRIVATE KEY-----" + "+" * LONG,
    "a block of spaces": "-----BEGIN PRIVATE KEY-----" + " " * LONG,
    "tokens": "eyJ-" * LONG,
    "tokens behind words": "eyJhbGci words " + "eyJ_" * LONG,
    "keys without digits": "sk-" * LONG,
    "keys of one row": "a sk-abcdefghijklmnopq " + "sk-a" * LONG,
    "URLs": "://a:" * LONG,
    "parameters": "?a=&" * LONG,
    "quotes": '"' * LONG,
    "fields": '"password": "' * LONG,
    "base64": "aGVsbG8g" * LONG,
    "lines of base64": ("aGVsbG8g" * 8 + "\n") * (LONG // 8),
    "numbers": "12345678" * LONG,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_texts_take_no_more_time_than_others(text: str) -> None:
    """Each is a megabyte or two: were the time quadratic, the test would not end."""
    CLEAN.document(text)
