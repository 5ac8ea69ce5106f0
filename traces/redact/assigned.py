r"""Secrets that a text gives away by what stands before them: a variable's name, a header's, the grammar of a URL.

    DB_PASSWORD=hunter2     export OPENAI_API_KEY=…     "client_secret": "…"     Authorization: Basic …
    postgres://user:password@host     https://host/path?token=…

Code and prose name secrets all the time without holding any: `password = request.form["password"]`, `token: required`.
So a value behind a name that isn't written as a variable of the environment must look like a secret, too.

Texts are given as bytes, one for each character: see `traces.redact.shapes`.
"""

import re
from collections.abc import Iterator

from traces.redact.names import Promise, is_key_like, is_placeholder, is_secret, is_secret_field, promise_of
from traces.redact.shapes import Span

_STEMS = (
    *(
        b"passw",
        b"passphr",
        b"secret",
        b"token",
        b"_key",
        b"-key",
        b"apikey",
        b"accesskey",
        b"privatekey",
        b"accountkey",
    ),
    *(b"authorization", b"credential", b"cookie"),
)
"""What the names of secrets hold, in lower case."""

_OWN_WORDS = ("passw", "passphr", "secret", "token", "key", "authorization", "credential", "cookie")
"""What isn't part of a secret, but of a variable that is assigned to another."""

_LONGEST_NAME = 64
_LONGEST_VALUE = 200  # that is judged; what goes on behind it belongs to it
_IN_NAMES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-."
_ESCAPE = re.compile(rb"(?<=\\)(?:[nrtbfv]|u00[0-9a-fA-F]{2}|x[0-9a-fA-F]{2})|(?<=%)[0-9a-fA-F]{2}|(?<=[\[;])\d{0,3}m")
"""What is left of an escape before a name: a newline in JSON within a text, a quote in a URL, a colour."""

_QUOTE = rb"""\\*["'`]"""
_ASSIGNMENT = re.compile(
    rb"""
    [\w-]{0,64} (?P<close> %(quote)s )? \]?                       # the rest of the name: `_KEY`, `_KEY"]`
    (?P<sign> [ \t]*
        (?: : [ \t]* [\w.\[]* (?: [sS]tr | [sS]tring | [bB]ytes ) [\w\]| ]* = (?![=>])      # behind a type
          | => | := | = (?!=) | : (?!:) | > )
        [ \t]*
      | [ ] (?= [^ =:-] ) )                                  # an option on a command line
    (?: (?P<quote> %(quote)s ) (?P<quoted> (?: [A-Za-z-]{5,16} [ ] )? [^"'`\\\s]{1,200} ) (?= %(quote)s )
      | (?P<bare> (?: (?! %%2[27] | \?\? | & (?: quot | \# | [\w.-]+= ) ) [^\s"'`\\<>|;,\x00-\x1f] ){1,200} ) )
    """
    % {b"quote": _QUOTE},
    re.A | re.X,
)
_SCHEME = re.compile(
    rb"(?:Bearer|Basic|Token|ApiKey|Api-Key|Digest|Negotiate)(?: |%20|\+)+(?P<value>[^\s\"'`\\,;\x00]+)", re.I
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

_USERINFO = re.compile(
    rb"://(?P<user>[^\s/?#@:\"'`<>\\\x00]*)(?::(?P<password>[^\s/?#\"'`<>\\\x00]+))?@(?=[\w\[$%{-])", re.A
)
_PARAMETER = re.compile(rb"(?:amp;)?(?P<name>[\w.\[\]%-]{1,64})=(?P<value>[^\s&;#\"'`<>\\)\]}|\x00]+)", re.A)
_FIELD = re.compile(rb"\"(?P<name>[\w .-]{1,64})\"\s*:\s*\"(?P<value>(?:[^\"\\]|\\.)*)", re.A | re.S)


def assigned(view: bytes) -> Iterator[Span]:
    """Yield where the values are of what is named as a secret."""
    lower = view.lower()
    for stem in _STEMS:
        at = lower.find(stem)
        while at >= 0:
            at += len(stem)
            if span := _value_after(view, at, stem):
                yield span
                at = max(at, span[1])
            at = lower.find(stem, at)
    yield from _schemes(view)
    if b"://" in view:
        yield from _userinfo(view)
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


def _value_after(view: bytes, at: int, stem: bytes) -> Span | None:
    """Return where the secret is that is assigned to the name whose stem ends here; None where there is none."""
    match = _ASSIGNMENT.match(view, at)
    if match is None:
        return None
    start = max(0, at - _LONGEST_NAME)
    start += len(view[start:at].rstrip(_IN_NAMES))
    if escape := _ESCAPE.match(view, start):
        start = min(escape.end(), at - len(stem))
    name, sign = view[start : match.start("close") if match["close"] else match.start("sign")].decode(), match["sign"]
    if stem == b"cookie" and sign.strip() == b":" and name.lower().endswith("cookie"):
        cookies = _COOKIES.match(view, match.end("sign"))
        return cookies and cookies.span()
    if (sign == b" " and not name.startswith("-")) or (sign.strip() == b">" and view[start - 1 : start] != b"<"):
        return None
    group = "quoted" if match["quoted"] else "bare"
    if scheme := _SCHEME.match(view, match.start(group)):
        if name.lower().endswith("authorization") and not is_placeholder(scheme["value"].decode()):
            return scheme.span("value")
        return None
    value = match[group].decode()
    if group == "bare":
        value = value.rstrip(").]}:!?" if sign.strip() != b"=" else ")]}")
    if value and _is_secret(name, value, sign, is_bare=group == "bare"):
        left, right = match.start(group), match.start(group) + len(value)
        if len(match[group]) == _LONGEST_VALUE and (rest := _REST.match(view, match.end(group))):
            right = rest.end()
        return left, right
    return None


def _is_secret(name: str, value: str, sign: bytes, is_bare: bool) -> bool:
    """Return whether what a text assigns to a name is a secret."""
    promise, lower = promise_of(name), value.lower()
    is_variable = name.isupper() and sign == b"="  # of the environment
    if promise is Promise.NONE or (is_bare and not is_variable and any(word in lower for word in _OWN_WORDS)):
        return False
    if is_placeholder(value) or _PATH.match(value) or " " in value or (is_bare and _CODE.search(value)):
        return False
    is_word = _WORDS.fullmatch(value) is not None
    if _ALGORITHM.match(value):
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


def _userinfo(view: bytes) -> Iterator[Span]:
    """Yield the credentials in URLs. A name alone is none, as in `ssh://git@host`, unless it looks like a key."""
    for match in _USERINFO.finditer(view):
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
