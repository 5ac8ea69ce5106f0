"""Which names hold secrets: of headers and of parameters in a URL, of fields in JSON and of variables in a text."""

import re
from enum import Enum
from functools import lru_cache

_SECRET_NAME = re.compile(
    r"authorization|cookie|credential|passw(or)?d|passphrase|secret|signature|token(?!s)"
    r"|(^|[-_])(api)?[-_]?(key|sig|auth|jwt|pwd)$",
    re.I,
)
_HARMLESS_NAME = re.compile(r"^(idempotency-key|sec-websocket-key|x-cache-key)$", re.I)


class Promise(Enum):
    """How surely a name says that its value is a secret."""

    SURE = "a password, an API key: whatever the value is"
    LIKELY = "a token or a key: if the value looks like one"
    NONE = "nothing secret"


_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEPARATORS = re.compile(r"[^a-z0-9]+")
_SURE = re.compile(
    r"(^|_)(authorization(_token)?|(proxy|set)_authorization|cookies?|set_cookie|credentials?"
    r"|[a-z0-9]*(secret|password|passwd|passphrase|passcode)\d*(_[a-z0-9]+)*|psk"
    r"|(db|database|mysql|pg|postgres|redis|mongo|sql|ssh|ftp|smtp|mail|imap|ldap|http|proxy|wifi|vpn|user|admin|root|login"
    r"|auth|account|key|store|sudo|become)_?pass"
    r"|(api|secret|private|access|auth|account|signing|encryption|master|subscription|shared_access)_?keys?"
    r"|(api|auth|access|refresh|bearer|oauth|session|security|id|bot|personal_access)_?token)$"
)
_LIKELY = re.compile(r"(^|_)(token|key|auth|jwt|pat|pwd|pass|bearer)$")
_HARMLESS = re.compile(
    r"(^|_)(count|enabled|file|path|dir|name|names|length|len|limit|id|ids|type|url|uri|arn|ttl|version|required|policy"
    r"|hint|label|field|manager|region|hash|prefix|suffix|env|var|ref|scanning|expires?|expiry|expiration|at|in|min|max"
    r"|regex|pattern|rule|rules|reset|error|message|input|strength|is|has|no|with|without|store|provider)$"
    r"|(^|_)(cache|primary|foreign|public|idempotency|sort|partition|page|next|next_page|continuation|cursor|sync|cancel"
    r"|cancellation|csrf|pad|eos|bos|unk|mask|sep|cls|first|last|stop|special|prompt|registry|map|object|row|hot"
    r")_?(key|token)$"
)


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Return whether a header or a parameter in a URL of this name holds a secret."""
    return bool(_SECRET_NAME.search(name)) and not _HARMLESS_NAME.match(name)


@lru_cache(maxsize=4096)
def promise_of(name: str) -> Promise:
    """Return how surely a field or a variable of this name holds a secret: `apiKey`, `DB_PASSWORD`, `auth-token`."""
    plain = _SEPARATORS.sub("_", _CAMEL.sub("_", name).lower()).strip("_")
    if _HARMLESS.search(plain):
        return Promise.NONE
    if _SURE.search(plain):
        return Promise.SURE
    return Promise.LIKELY if _LIKELY.search(plain) else Promise.NONE


_KEY_LIKE = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[\w.~+/=:@!-]{16,}", re.A)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_REFERENCE = re.compile(r"[$<{%\[]|\W*$|(.)\1+$|.*(\$\{|\{\{|\.\.\.|\*\*\*|redacted|xxxx)", re.I | re.S)
_PLACEHOLDER = re.compile(
    r"(your|insert|enter|replace)[-_ ]"
    r"|(none|null|nil|true|false|undefined|yes|no|on|off|string|bytes|str|required|optional|secret|password|token|value)$",
    re.I,
)


def is_key_like(value: str) -> bool:
    """Return whether a value could be a key or a token: long, of letters and digits, no id."""
    return _KEY_LIKE.fullmatch(value) is not None and not _UUID.fullmatch(value)


def is_reference(value: str) -> bool:
    """Return whether a value names a secret that stands elsewhere, or is masked: `$TOKEN`, `<key>`, `****`."""
    return _REFERENCE.match(value) is not None


def is_placeholder(value: str) -> bool:
    """Return whether what a text assigns stands for a secret and is none: a reference, `your-key`, `None`."""
    return is_reference(value) or _PLACEHOLDER.match(value) is not None


def is_secret_field(name: str, value: str) -> bool:
    """Return whether a JSON field of this name holds a secret: surely by its name, or by name and value."""
    promise = promise_of(name)
    if promise is Promise.NONE or not value or is_reference(value):
        return False
    return promise is Promise.SURE or is_key_like(value)
