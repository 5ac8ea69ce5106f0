"""Removes secrets before anything is written: auth headers, cookies, keys in URLs, key-shaped strings in bodies.

A secret is replaced whole: not even a part of it stays. Names that only sound secret stay readable
(`anthropic-ratelimit-tokens-remaining`). Works on names, strings and JSON values.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from traces.model import Json

REDACTED = "[redacted]"

_SECRET_NAME = re.compile(
    r"authorization|cookie|credential|passw(or)?d|secret|signature|token(?!s)|(^|[-_])(api)?[-_]?(key|sig|auth|jwt)$",
    re.I,
)
_HARMLESS_NAME = re.compile(r"^(idempotency-key|sec-websocket-key|x-cache-key)$", re.I)

_QUERY = re.compile(r"([?&;])([^=&;#]+)=([^&;#]*)")
_PAIR = re.compile(r"[^=;,\s]+=([^;,\s]+)")  # in a cookie
_USERINFO = re.compile(r"//[^/@?#]*@")

_KEYS: Mapping[str, str] = {  # what a key starts with -> the rest of it
    "sk-": r"(?=[\w-]*\d)[\w-]{16,}",  # Anthropic, OpenAI, OpenRouter, LiteLLM; a digit, so that no CSS class matches
    "sk_live_": r"\w{16,}",
    "gsk_": r"\w{20,}",
    "xai-": r"\w{20,}",
    "hf_": r"[A-Za-z0-9]{20,}",
    "ghp_": r"[A-Za-z0-9]{20,}",
    "gho_": r"[A-Za-z0-9]{20,}",
    "ghs_": r"[A-Za-z0-9]{20,}",
    "github_pat_": r"\w{20,}",
    "glpat-": r"[\w-]{16,}",
    "npm_": r"[A-Za-z0-9]{30,}",
    "pypi-": r"[\w-]{30,}",
    "xox": r"[abeoprs]-[\w-]{10,}",
    "AKIA": r"[0-9A-Z]{16}",
    "ASIA": r"[0-9A-Z]{16}",
    "AIza": r"[\w-]{30,}",
    "eyJ": r"[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+",  # a JSON web token
    "Bearer ": r"[\w.~+/-]{16,}=*",
    "-----BEGIN ": r"[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?!-----END)[\w+/=:,.\s\\→|-])*"  # also with numbers of lines before it, or with a newline written as \n
    r"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)?",
}
_WORD_START = r"(?:(?<![\w-])|(?<=\\[nrt]))"  # no word's end; but \n may be a newline in JSON within a text
_PATTERNS = {start: re.compile(rf"{_WORD_START}{re.escape(start)}{rest}", re.A) for start, rest in _KEYS.items()}

_SHORTEST_SECRET = 12
"""Characters. A shorter secret isn't looked for: keys of local servers are `none`, `dummy` or `lmstudio`, and such
words are in every body."""

_MOST_REMEMBERED = 100_000


@lru_cache(maxsize=1024)
def is_secret(name: str) -> bool:
    """Return whether a header or query parameter of this name holds a secret."""
    return bool(_SECRET_NAME.search(name)) and not _HARMLESS_NAME.match(name)


def headers(pairs: Mapping[str, str]) -> dict[str, str]:
    """Return the headers without the values of secret ones, and without secrets in URLs."""
    return {name: REDACTED if is_secret(name) else url(value) for name, value in pairs.items()}


def url(text: str) -> str:
    """Return the URL (or any text that holds one) without user info and without the values of secret parameters."""
    if "@" in text:
        text = _USERINFO.sub(f"//{REDACTED}@", text)
    if "=" in text:
        text = _QUERY.sub(lambda m: f"{m[1]}{m[2]}={REDACTED if is_secret(m[2]) else m[3]}", text)
    return text


def secrets_in(pairs: Mapping[str, str], address: str) -> frozenset[str]:
    """Return the values of secrets, so that they can be removed from a body that repeats one, as error messages do."""
    hidden = [value for name, value in pairs.items() if is_secret(name)]
    values = [value.rpartition(" ")[2] for value in hidden]  # `Bearer KEY`: the key
    values += [m[1] for value in hidden for m in _PAIR.finditer(value)]
    values += [m[3] for m in _QUERY.finditer(address) if is_secret(m[2])]
    return frozenset(value for value in values if len(value) >= _SHORTEST_SECRET)


@lru_cache(maxsize=16)
def cleaner(secrets: frozenset[str]) -> "Cleaner":
    """Return the cleaner for these secrets. All exchanges of a session share one, and the texts that it remembers."""
    return Cleaner(secrets)


class Cleaner:
    """Removes key-shaped strings and the given secrets from bodies.

    It remembers which texts were clean: system prompt, tools and history come again in every request of a session, and
    to search 130 KB for every kind of key takes milliseconds in which the proxy could have passed on a token.
    """

    def __init__(self, secrets: frozenset[str]) -> None:
        self._secrets = secrets
        self._clean: set[int] = set()

    def value(self, value: Json) -> Json:
        """Return the same JSON with every string cleaned, keys included. Raises RecursionError."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key): self.value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        return value

    def headers(self, pairs: Mapping[str, str]) -> dict[str, str]:
        """Return the headers without secrets, also in the values of harmless names: a key can be in any."""
        return {name: self.text(value) for name, value in headers(pairs).items()}

    def text(self, text: str) -> str:
        """Return the text without key-shaped strings and the given secrets."""
        if len(text) < _SHORTEST_SECRET or hash(text) in self._clean:
            return text
        clean = self._clean_text(text)
        if clean == text:
            if len(self._clean) >= _MOST_REMEMBERED:
                self._clean.clear()
            self._clean.add(hash(text))
        return clean

    def _clean_text(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        for start, pattern in _PATTERNS.items():
            if start in text:  # ten times as fast as the pattern, and nearly always false
                text = pattern.sub(REDACTED, text)
        return text
