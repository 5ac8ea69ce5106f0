r"""What may stand between a secret's name and the secret: in configurations, in code, on command lines, in tables.

    TOKEN=…    token: "…"    "token" => '…'    var token string = "…"    <token>…</token>    --token …
    {"name": "TOKEN", "value": "…"}    setenv("TOKEN", "…")    | TOKEN | … |    \u001b[36mtoken\u001b[0m: …

Texts are given as bytes, one for each character: see `traces.redact.shapes`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

QUOTE = rb"""(?:\\*["'`]|\\+u002[27]|\\+x2[27]|%(?:25)?2[27]|&(?:quot|apos|\#34|\#39|\#x22|\#x27);)"""
COLOUR = rb"(?:(?:\x1b|\\+(?:u001[bB]|x1[bB]|033|e))\[[0-9;]{0,12}m)"
_LINE = rb"(?:\r?\n|\\r\\n|\\n)"
_GAP = rb"(?:\s|\\[nrt])"
_TYPE = rb"(?:\[\d*\]|\??:[ \t]*[\w.\[&'<]*?(?:[sS]tr|[sS]tring|[bB]ytes)[\w\]>|&. ]*|[ ]string)"


@dataclass(frozen=True, slots=True)
class Joint:
    """One way to give a name its value.

    pattern       what stands between them
    before        what must stand before the name; empty where anything may
    is_strict     whether the value must look like a key, since code and prose are full of this
    needs_quotes  whether the value must be quoted
    """

    pattern: bytes
    before: bytes = b""
    is_strict: bool = False
    needs_quotes: bool = False


JOINTS: Mapping[str, Joint] = {
    # In a language's own way: `=`, `:=`, `::=`, `?=`, `+=`, `.=`, `??=`, `=>`; behind a type or not.
    "assignment": Joint(rb"%b?[ \t]*(?:\?\?|\|\||[?+.]|:{1,3})?=(?!=)>?[ \t]*" % _TYPE),
    "block of YAML": Joint(rb":[ \t]*[|>][+-]?\d?[ \t]*%b[ \t]+" % _LINE),
    "colon": Joint(rb"[ \t]*(?::(?!:)|%(?:25)?3A)[ \t]*"),
    "element": Joint(rb">%b{0,80}" % _GAP, before=b"<"),
    "property list": Joint(rb"</key>%b{0,80}<string>" % _GAP, before=b"<key>"),
    "name and value": Joint(
        rb"(?:%b|,){1,80}%b?[vV]alue%b?[ \t]*[:=][ \t]*" % (_GAP, QUOTE, QUOTE),
        before=rb"(?:[nN]ame|[kK]ey)%b?[ \t]*[:=][ \t]*%b?" % (QUOTE, QUOTE),
    ),
    "comparison": Joint(rb"[ \t]*[=!]==?[ \t]*", needs_quotes=True),
    "next argument": Joint(rb"[ \t]*,[ \t]*", before=rb"\w\(%b|%b-+" % (QUOTE, QUOTE), needs_quotes=True),
    "next in a list": Joint(rb"[ \t]*,[ \t]*", before=rb"%b" % QUOTE, is_strict=True, needs_quotes=True),
    "call": Joint(rb"\(|\{", is_strict=True, needs_quotes=True),
    "table": Joint(rb"[ \t]*\|[ \t]*", is_strict=True),
    "sentence": Joint(rb"[ ]is:?[ ]", is_strict=True),
    "option": Joint(rb"[ \t]+(?=[^ =:-])", before=b"-"),
    "form": Joint(rb"(?:%b){2}" % _LINE, before=rb"name=%b" % QUOTE),
    "command": Joint(
        rb"[ \t]+(?=[^ =:-])", before=rb"(?:\b(?:ENV|ARG|set|setenv|setx|export|put)|[ ]-[a-z]+)[ \t]+(?:/[\w./-]*:)?"
    ),
    "netrc": Joint(rb"[ \t]+", before=rb"\blogin[ \t]+\S{1,40}\s+"),
    "string": Joint(rb"[ \t]+", needs_quotes=True),
    "columns": Joint(rb"[ \t]{2,}(?=[^ =:-])", is_strict=True),
}
"""Where several match, the first counts."""

_PATTERNS = {name: re.compile(joint.pattern, re.A) for name, joint in JOINTS.items()}
_ANY = re.compile(b"|".join(joint.pattern for joint in JOINTS.values()), re.A)
_BEFORE = {name: re.compile(rb"(?:%b)\Z" % joint.before, re.A) for name, joint in JOINTS.items() if joint.before}
_LONGEST_BEFORE = 64


def joints_at(view: bytes, start: int, end: int) -> Iterator[tuple[str, int]]:
    """Yield the joints of a name, from its start to its end, and where what it is given begins."""
    if not _ANY.match(view, end):
        return
    start += len(view[start:end]) - len(view[start:end].lstrip(b"-"))
    for name, pattern in _PATTERNS.items():
        match = pattern.match(view, end)
        if match and (name not in _BEFORE or _BEFORE[name].search(view, max(0, start - _LONGEST_BEFORE), start)):
            yield name, match.end()
