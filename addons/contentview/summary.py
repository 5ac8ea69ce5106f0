"""What is worth knowing of an exchange at a glance: its comment in the flow list, its usage, and its times, in words.

Pure, and quick enough for every exchange. Must not know mitmproxy.


How much of a request is system prompt, tools and messages: in tokens where somebody can count them, else in bytes.

Pure; must not know mitmproxy, nor how shares are shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from addons.contentview.lines import counted, printable, short
from traces import measures
from traces.content import answers
from traces.content.parts import Part, Section, parts
from traces.counts import Output
from traces.measures import Figures
from traces.metrics import UNDEFINED, whole_percentages
from traces.model import Json, Trace
from traces.servers import ANY, ServerKind, identify

try:
    import toktok  # type: ignore[import-untyped]
except ImportError:  # pragma: no cover - a mitmproxy that was installed on its own
    toktok = None

Sized = Sequence[tuple[Part, int]]
"""Parts of a request, each with its size."""

_VOCABULARY = "o200k_base"

TTFT, DECODE = measures.named("ttft"), measures.named("generation_speed")
"""What the flow list shows of each exchange."""

SECTIONS: tuple[Section, ...] = ("system", "tools", "messages")


@dataclass(frozen=True, slots=True)
class Measure:
    """Takes the sizes of texts, and says in which unit, and after whose vocabulary."""

    unit: str
    vocabulary: str
    sizes: Callable[[Sequence[str]], list[int]]


def _bytes(texts: Sequence[str]) -> list[int]:
    return [len(text.encode("utf-8", "replace")) for text in texts]


def _tokens(texts: Sequence[str]) -> list[int]:
    whole = [text.encode("utf-8", "replace").decode() for text in texts]  # a lone surrogate has no tokens
    return list(toktok.batch_count(whole, _VOCABULARY, threads=1))


BYTES = Measure("byte", "", _bytes)
BEST = Measure("token", _VOCABULARY, _tokens) if toktok else BYTES


@dataclass(frozen=True, slots=True)
class Shares:
    """All parts of a request. What is no text, an image for one, has the size 0."""

    sized: Sized

    def of(self, section: Section) -> Sized:
        return [(part, size) for part, size in self.sized if part.counts_as == section]

    def size(self, section: Section) -> int:
        return sum(size for _, size in self.of(section))

    @property
    def total(self) -> int:
        return sum(size for _, size in self.sized)

    @property
    def percents(self) -> dict[Section, int]:
        """Whole percentages that add up to 100, or are all 0 where there is nothing."""
        return dict(zip(SECTIONS, whole_percentages(list(map(self.size, SECTIONS))), strict=True))


def shares(body: Json, measure: Measure, served: ServerKind = ANY) -> Shares:
    found = parts(body, served)
    return Shares(list(zip(found, measure.sizes([part.text for part in found]), strict=True)))


def server_of(trace: Trace) -> ServerKind:
    """Return the kind of server that was asked."""
    return identify(trace.mode, trace.response.headers if trace.response else {})


def comment(trace: Trace) -> str:
    """The exchange in one line: `TOOL_CALL Read · sys 52% tools 44% msgs 4% · TTFT 2.41s · ~65.3 tok/s`."""
    if trace.error:
        return printable(short(" ".join(failure(trace).split()), 200))  # a server's words may be a whole page
    ttft = seconds(trace.timing.ttft)
    speed = _written(DECODE, _figures(trace))
    facts = [
        what(trace),
        _shares(trace),
        ttft and f"{TTFT.brief} {ttft}",
        speed,
        oddities(trace),
    ]
    return printable(" · ".join(fact for fact in facts if fact))


def what(trace: Trace) -> str:
    """What the exchange was, and which tools it called."""
    return " ".join([answers.kind_of(trace), *answers.tools_used(_answer(trace))])


def failure(trace: Trace) -> str:
    """What went wrong: `http_error 529: Overloaded`. Empty where nothing did."""
    if trace.error is None:
        return ""
    status = f" {trace.response.status}" if trace.response and trace.error.kind == "http_error" else ""
    return f"{trace.error.kind}{status}: {trace.error.message}"


def oddities(trace: Trace) -> str:
    """What of the exchange isn't in the record or couldn't be read: `2 odd events`, `response body undecodable`."""
    odd = [counted(trace.odd.count, "odd event")] if trace.odd else []
    return " · ".join([*odd, *(mark.replace("_", " ") for mark in trace.marks if mark != "odd_events")])


def usage(trace: Trace) -> dict[str, str]:
    """The tokens that the server reports, by what they are."""
    of = _figures(trace)
    read, output = of.input, of.output
    rows = {
        "Input": read and read.total,
        "From the Cache": read and read.cache_read,
        "To the Cache": read and read.cache_written,
        "Output": output.tokens,
        "Server's Count": output.disbelieved,
    }
    found = {name: counted(value, "token") for name, value in rows.items() if value is not None}
    return found | ({"Output": f"~{found['Output']}"} if output.estimated else {})


def times(trace: Trace) -> dict[str, str]:
    """What was measured, by its name."""
    of = _figures(trace)
    rows = {measure.name: _written(measure, of) for measure in measures.shown_in("view")}
    return {name: value for name, value in rows.items() if value}


def _written(measure: measures.Measure, of: Figures) -> str:
    """A measure as it is shown here, marked with ~ where it is an estimate; empty where it isn't known."""
    value = measure.value(of)
    if value is None:
        return ""
    if measure.unit == "s":
        return seconds(value)
    about = "~" if measure.by_count and (of.decode.estimated or of.output.estimated) else ""
    return about + (f"{value:,.1f} tok/s" if measure.unit == "tokens/s" else counted(round(value), "token"))


def seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}s" if value >= 0.9995 else f"{value * 1000:.0f}ms"


def _figures(trace: Trace) -> Figures:
    """What was measured, but for a count of our own where the server has none: there are no tokenizers here."""
    of = measures.figures(_answer(trace), trace.request.body, trace.timing, trace.events)
    return of if of.output.reported is not None else replace(of, output=Output(), decode=UNDEFINED)


def _shares(trace: Trace) -> str:
    sized = shares(trace.request.body, BYTES, server_of(trace))
    return "sys {system}% tools {tools}% msgs {messages}%".format(**sized.percents) if sized.total else ""


def _answer(trace: Trace) -> Json:
    return trace.response.body if trace.response else None
