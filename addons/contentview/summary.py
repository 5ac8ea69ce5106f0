"""What is worth knowing of an exchange at a glance: its comment in the flow list, its usage, and its times, in words.

Pure, and quick enough for every exchange. Must not know mitmproxy.


How much of a request is system prompt, tools and messages: in tokens where somebody can count them, else in bytes.

Pure; must not know mitmproxy, nor how shares are shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from addons.contentview.lines import counted, printable, short
from traces import counts
from traces.content import answers
from traces.content.parts import Part, Section, parts
from traces.metrics import UNDEFINED, whole_percentages
from traces.model import Json, Trace
from traces.servers import ANY, ServerKind, kind_by

try:
    import toktok  # type: ignore[import-untyped]
except ImportError:  # pragma: no cover - a mitmproxy that was installed on its own
    toktok = None

Sized = Sequence[tuple[Part, int]]
"""Parts of a request, each with its size."""

_VOCABULARY = "o200k_base"

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
    return kind_by(trace.mode, trace.response.headers if trace.response else {})


def comment(trace: Trace) -> str:
    """The exchange in one line: `TOOL_CALL Read · sys 52% tools 44% msgs 4% · TTFT 2.41s · ~65.3 tok/s`."""
    if trace.error:
        return printable(short(" ".join(failure(trace).split()), 200))  # a server's words may be a whole page
    ttft = seconds(trace.timing.ttft)
    facts = [what(trace), _shares(trace), ttft and f"TTFT {ttft}", decode(trace), oddities(trace)]
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
    read, output = counts.given(_answer(trace), trace.request.body), _output(trace)
    reported = output.reported is not None
    rows = {
        "input": read and read.total,
        "from the cache": read and read.cache_read,
        "to the cache": read and read.cache_written,
        "output": output.tokens if reported else None,
        "server's count": output.disbelieved,
    }
    found = {name: counted(value, "token") for name, value in rows.items() if value is not None}
    return found | ({"output": f"~{found['output']}"} if reported and output.estimated else {})


def times(trace: Trace) -> dict[str, str]:
    """What was measured, by its name."""
    clock = trace.timing
    rows = {
        "headers": seconds(clock.headers),
        "TTFT": seconds(clock.ttft),
        "first answer": seconds(clock.first_answer),
        "first tool call": seconds(clock.first_tool_call),
        "generation": seconds(clock.generation),
        "total": seconds(clock.total),
        "prefill": prefill(trace),
        "decode": decode(trace),
    }
    return {name: value for name, value in rows.items() if value}


def seconds(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}s" if value >= 0.9995 else f"{value * 1000:.0f}ms"


def prefill(trace: Trace) -> str:
    """Only where the server says what came from its cache: forgetting that overstates the speed many times over."""
    read = counts.given(_answer(trace), trace.request.body)
    if read is None or read.cache_read is None or not trace.timing.ttft:
        return ""
    return f"{read.uncached / trace.timing.ttft:,.1f} tok/s"


def decode(trace: Trace) -> str:
    """The generation speed, marked with ~ where it is an estimate."""
    output = _output(trace)
    speed = UNDEFINED if output.reported is None else counts.decode(_answer(trace), trace.events, output)
    if speed.tokens_per_second is None:
        return ""
    return f"{'~' if speed.estimated else ''}{speed.tokens_per_second:,.1f} tok/s"


def _output(trace: Trace) -> counts.Output:
    return counts.output(_answer(trace), trace.events)


def _shares(trace: Trace) -> str:
    sized = shares(trace.request.body, BYTES, server_of(trace))
    return "sys {system}% tools {tools}% msgs {messages}%".format(**sized.percents) if sized.total else ""


def _answer(trace: Trace) -> Json:
    return trace.response.body if trace.response else None
