r"""Secrets on command lines that no name announces: `curl -u me:hunter2`, `mysql -phunter2`, `echo … | docker login`.

Texts are given as bytes, one for each character: see `traces.redact.shapes`.
"""

import re
from collections.abc import Iterator, Sequence

from traces.redact.names import is_placeholder
from traces.redact.shapes import Span

_SAME_COMMAND = rb"[^\r\n|;&]{0,200}?"
_VALUE = rb"""\\*["']?(?P<secret>[^\s"'`\\|;&<>]{3,200})"""
_LOGIN = rb"""\\*["']?[^\s:"'`\\|;&<>]{1,100}:(?P<secret>[^\s"'`\\|;&<>]{3,200})"""

_COMMANDS: Sequence[tuple[bytes, bytes]] = (
    (b"curl", rb"%b\s(?:-\w*u|-U|--user|--proxy-user)(?:[ =]|(?<=-u))%b" % (_SAME_COMMAND, _LOGIN)),
    (b"mysql", rb"\w*%b\s-p%b" % (_SAME_COMMAND, _VALUE)),
    (b"sshpass", rb"%b\s-p[ =]?%b" % (_SAME_COMMAND, _VALUE)),
    (b"login", rb"\b%b\s-p[ =]%b" % (_SAME_COMMAND, _VALUE)),
    (b"redis-cli", rb"%b\s-a[ =]%b" % (_SAME_COMMAND, _VALUE)),
    (b"openssl", rb"%b\s-(?:pass|passin|passout)\s+\\*[\"']?pass:%b" % (_SAME_COMMAND, _VALUE)),
    (b"IDENTIFIED", rb"\s+(?:WITH\s+\w+\s+)?BY\s+(?=\\*[\"'])%b" % _VALUE),
    (b"echo", rb"\s+(?:-n\s+)?%b\\*[\"']?\s*\|\s*(?:sudo\s+-S|[\w. -]*--(?:password-stdin|with-token))" % _VALUE),
    (b"echo", rb"\s+%b\\*[\"']?\s*\|\s*(?:sudo\s+)?chpasswd" % _LOGIN),
)
"""A word that stands in the command, and what follows it. (Each costs a search.)"""

_PATTERNS = [(word, re.compile(rest, re.A)) for word, rest in _COMMANDS]


def in_commands(view: bytes) -> Iterator[Span]:
    """Yield where the secrets are that commands are given."""
    for word, pattern in _PATTERNS:
        at = view.find(word)
        while at >= 0:
            match = pattern.match(view, at + len(word))
            if match and not is_placeholder(match["secret"].decode()):
                yield match.span("secret")
            at = view.find(word, at + len(word))
