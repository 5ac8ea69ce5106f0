r"""Secrets that a text gives away by what stands before them: a variable's name, a header's, the grammar of a URL.

    DB_PASSWORD=hunter2     export OPENAI_API_KEY=…     "client_secret": "…"     Authorization: Basic …
    postgres://user:password@host     https://host/path?token=…

Code and prose name secrets all the time without holding any: `password = request.form["password"]`, `token: required`.
So a value behind a name that isn't written as a variable of the environment must look like a secret, too.

Texts are given as bytes, one for each character: see `traces.redact.shapes`.
"""

import re
from collections.abc import Iterator

from traces.redact.joints import COLOUR, JOINTS, QUOTE, joints_at
from traces.redact.names import Promise, is_key_like, is_placeholder, is_secret, is_secret_field, promise_of
from traces.redact.shapes import Span

_WORD_BEFORE_KEY = re.compile(rb"\b(?:api|access|secret|private|auth) \Z", re.A)
_STEMS = tuple(
    (stem, re.compile(pattern, re.A))
    for stem, pattern in (
        (b"pass", rb"pass(?:w|phr|code)|(?<=[_-])pass|(?<=db)pass"),
        (
            b"key",
            rb"(?:(?<=[_.-])|(?<=api)|(?<=access)|(?<=private)|(?<=account)"
            rb"|(?<=(?:api|uth) )|(?<=(?:cess|cret|vate) ))key",
        ),
        (b"auth", rb"authorization|(?<=_)auth"),
        *((stem, stem) for stem in (b"secret", b"token", b"pwd", b"_pat", b"psk", b"credential", b"cookie")),
    )
)
"""What the names of secrets hold, in lower case, and what must be around it. (Ten searches: each costs time.)"""

_OWN_WORDS = ("passw", "passphr", "secret", "token", "key", "authorization", "credential", "cookie")
"""What isn't part of a secret, but of a variable that is assigned to another."""

_LONGEST_NAME = 64
_LONGEST_VALUE = 200  # that is judged; what goes on behind it belongs to it
_IN_NAMES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."
_ESCAPE = re.compile(rb"(?<=\\)(?:[nrtbfv]|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2})|(?<=%)[0-9a-fA-F]{2}|(?<=[\[;])\d{0,3}m")
"""What is left of an escape before a name: a newline in JSON within a text, a quote in a URL, a colour."""

_REST_OF_NAME = re.compile(rb"[\w-]{0,64}(?P<end>%b*(?:%b)?\]?%b*[*]{0,2})" % (COLOUR, QUOTE, COLOUR), re.A)
_BEFORE_VALUE = rb"(?:%b|[*]{2}|[ \t])*" % COLOUR
_QUOTED = re.compile(
    rb"%b@?[bBfFrRuL]{0,2}(?P<quote>%b|\[\[)"
    rb"(?P<value>(?:[A-Za-z-]{5,16}[ ])?(?:(?!(?P=quote))[^\s\\]){1,200})(?=(?P=quote)|\]\])" % (_BEFORE_VALUE, QUOTE),
    re.A,
)
_BARE = re.compile(
    rb"%b(?P<value>(?:(?!%%(?:25)?2[27]|\?\?|&(?:quot|apos|\#|[\w.-]+=))[^\s\"'`\\<>|;,\x00-\x1f]){1,200})"
    % _BEFORE_VALUE,
    re.A,
)
_SCHEME = re.compile(
    rb"(?:Bearer|Basic|Token|ApiKey|Api-Key|Key|Bot|SSWS|Digest|Negotiate)(?: |%20|\+)+(?P<value>[^\s\"'`\\,;\x00]+)",
    re.I,
)
_REST = re.compile(rb"[^\s\"'`\\<>|;,&%\x00-\x1f]*")
_COOKIES = re.compile(rb"[ \t]*[\w.-]+=[^\r\n\"'`\\\x00]{1,4000}", re.A)
_CODE = re.compile(r"[(\[{]|->|::|[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$", re.A)
_PATH = re.compile(r"(/|\.{1,2}/|~/|[A-Za-z]:\\|https?://|file:)")
_WORDS = re.compile(r"[A-Za-z]+([-_ .:/][A-Za-z]+)*|-?\d{1,5}(\.\d+)?", re.A)
_ALGORITHM = re.compile(
    r"(x?-?oauth2?|oidc|jwt|hmac|sha-?\d+|md5|base64|utf-?8|argon2\w*|pbkdf2|bcrypt|scrypt|aes-?\d*|rsa-?\d*|ed25519|http[12]?|"
    r"v\d+|rs256|hs256|es256|o200k\w*|cl100k\w*)([-_:].*)?$",
    re.I,
)
_REGEX = re.compile(r"\(\?|\[[^\]]+\][{+*?]")

_USERINFO = re.compile(
    rb":(?:\\*/){2}(?P<user>[^\s/?#@:\"'`<>\\\x00]*)(?::(?P<password>[^\s/?#\"'`<>\\\x00]+))?@(?=[\w\[$%{-])", re.A
)
_QUOTED_USERINFO = re.compile(
    rb"%(?:25)?3A(?:%(?:25)?2F){2}(?P<user>(?:(?!%(?:25)?(?:3A|40|2F))[\w.~%+-])*)"
    rb"%(?:25)?3A(?P<password>(?:(?!%(?:25)?(?:40|2F))[\w.~%!*'()+-])+)%(?:25)?40",
    re.A | re.I,
)
"""In a URL that is part of another one."""
_PARAMETER = re.compile(rb"(?:amp;)?(?P<name>[\w.\[\]%-]{1,64})=(?P<value>[^\s&;#\"'`<>\\)\]}|\x00]+)", re.A)
_FIELD = re.compile(rb"\"(?P<name>[\w .-]{1,64})\"\s*:\s*\"(?P<value>(?:[^\"\\]|\\.)*)", re.A | re.S)


def assigned(view: bytes) -> Iterator[Span]:
    """Yield where the values are of what is named as a secret."""
    lower = view.lower()
    for stem, pattern in _STEMS:
        at = lower.find(stem)
        while at >= 0:
            match, at = pattern.match(lower, at), at + len(stem)
            if match and (span := _value_after(view, lower, match)):
                yield span
                at = max(at, span[1])
            at = lower.find(stem, at)
    yield from _schemes(view)
    if b":/" in view or b":\\" in view:
        yield from _userinfo(view, _USERINFO)
    if b"%3" in view or b"%253" in view:
        yield from _userinfo(view, _QUOTED_USERINFO)
    for mark in (b"?", b"&"):
        at = view.find(mark)
        while at >= 0:
            yield from _parameter(view, at + 1)
            at = view.find(mark, at + 1)


def fields(view: bytes) -> Iterator[Span]:
    """Yield where the values are of the fields of a JSON document that are secrets by their name."""
    for match in _FIELD.finditer(view):
        name, value = match["name"].decode(), match["value"].decode()
        if match["value"] and is_secret_field(name, value):
            yield match.span("value")


def _value_after(view: bytes, lower: bytes, stem: re.Match[bytes]) -> Span | None:
    """Return where the secret is that is assigned to the name with this stem; None where there is none."""
    at = stem.end()
    rest = _REST_OF_NAME.match(view, at)
    assert rest  # it may be empty
    start = max(0, at - _LONGEST_NAME)
    start += len(view[start:at].rstrip(_IN_NAMES))
    if start == stem.start() and (word := _WORD_BEFORE_KEY.search(lower, max(0, start - 8), start)):
        start = word.start()
    if escape := _ESCAPE.match(view, start):
        start = min(escape.end(), stem.start())
    name = view[start : rest.start("end")].decode().replace(" ", "_")
    if promise_of(name) is Promise.NONE:
        return None
    for joint, begin in joints_at(view, start, rest.end()):
        if joint == "colon" and name.lower().endswith("cookie"):
            cookies = _COOKIES.match(view, begin)
            return cookies and cookies.span()
        if span := _value_at(view, begin, name, joint, view[rest.end() : begin] == b"="):
            return span
    return None


def _value_at(view: bytes, begin: int, name: str, joint: str, is_sign_alone: bool) -> Span | None:
    match = _QUOTED.match(view, begin)
    is_bare = match is None
    if is_bare and not JOINTS[joint].needs_quotes:
        match = _BARE.match(view, begin)
    if match is None:
        return None
    if scheme := _SCHEME.match(view, match.start("value")):
        if name.lower().endswith("authorization") and not is_placeholder(scheme["value"].decode()):
            return scheme.span("value")
        return None
    value = match["value"].decode()
    if is_bare:
        value = value.rstrip(")]}" if joint == "assignment" else ").]}:!?")
    is_variable = name.isupper() and (is_sign_alone or joint in ("command", "columns"))
    if value and _is_secret(name, value, is_bare, is_variable) and (not JOINTS[joint].is_strict or is_key_like(value)):
        left, right = match.start("value"), match.start("value") + len(value)
        if len(match["value"]) == _LONGEST_VALUE and (rest := _REST.match(view, match.end("value"))):
            right = rest.end()
        return left, right
    return None


def _is_secret(name: str, value: str, is_bare: bool, is_variable: bool) -> bool:
    """Return whether what a text assigns to a name, perhaps to a variable of the environment, is a secret."""
    promise, lower = promise_of(name), value.lower()
    if promise is Promise.NONE or (is_bare and not is_variable and any(word in lower for word in _OWN_WORDS)):
        return False
    if is_placeholder(value) or _PATH.match(value) or " " in value or (is_bare and _CODE.search(value)):
        return False
    is_word = _WORDS.fullmatch(value) is not None
    if _ALGORITHM.match(value) or _REGEX.search(value):
        return False
    if is_variable:
        return len(value) >= (6 if is_word else 4) and (promise is Promise.SURE or (len(value) >= 8 and not is_word))
    if promise is Promise.LIKELY:
        return is_key_like(value)
    return len(value) >= 6 and not is_word and any(char.isdigit() or char in "!@#%^&*+=?~" for char in value)


def _schemes(view: bytes) -> Iterator[Span]:
    """Yield what an auth scheme announces, without a name: `Bearer …`."""
    for scheme, pattern in _SCHEMES:
        if scheme in view:
            yield from (match.span("value") for match in pattern.finditer(view))


_SCHEMES = (
    (b"Bearer", re.compile(rb"Bearer(?: |%20|\+)(?P<value>[\w.~+/-]{16,}=*)", re.A)),
    (b"bearer", re.compile(rb"bearer(?: |%20|\+)(?P<value>(?=[A-Za-z_-]*\d)[\w.~+/-]{16,}=*)", re.A)),
    (b"Basic", re.compile(rb"Basic(?: |%20|\+)(?P<value>(?=[A-Za-z+/]*[0-9=])[A-Za-z0-9+/]{12,}={0,2})")),
)


def _userinfo(view: bytes, pattern: re.Pattern[bytes]) -> Iterator[Span]:
    """Yield the credentials in URLs. A name alone is none, as in `ssh://git@host`, unless it looks like a key."""
    for match in pattern.finditer(view):
        user, password = match["user"].decode(), (match["password"] or b"").decode()
        if password and not password.startswith(("$", "{", "<", "%", "*", "[")):
            yield match.start("user"), match.end("password")
        elif not password and is_key_like(user):
            yield match.span("user")


def _parameter(view: bytes, at: int) -> Iterator[Span]:
    """Yield the value of a URL's parameter that begins here, if its name says that it is a secret."""
    match = _PARAMETER.match(view, at)
    if match and is_secret(name := match["name"].decode()):
        value = match["value"].decode()
        is_sure = promise_of(name) is Promise.SURE or name.lower().endswith(("token", "secret", "signature"))
        if not is_placeholder(value) and (is_sure or is_key_like(value)):
            yield match.span("value")
