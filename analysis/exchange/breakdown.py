"""Where an exchange's input tokens go: the tokens of each part of its request, and their shares of the total."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, islice
from typing import NamedTuple

from analysis.tokens.counters import Counter
from analysis.tokens.images import image_tokens
from traces.content.parts import Kind, Part, PartsReader, Section
from traces.counts import credible_input
from traces.metrics import InputUsage, whole_percentages
from traces.model import TEXT_REMOVED, Trace
from traces.servers import identify

SECTIONS: tuple[Section, ...] = ("system", "tools", "messages")

EXCERPT = 500
"""Characters of a system block that are shown, to recognize it by."""

_BATCH_CHARACTERS = 1_000_000  # characters: about ten requests


@dataclass(frozen=True, slots=True)
class ToolRow:
    """A tool's definition, or the text of a group of tools about itself, whose name is the group's.

    number   the place in the request, from 1
    server   the MCP server that offers the tool
    percent  of the total, as are all percentages here; None where the total isn't known
    group    the group that the tool belongs to
    """

    number: int
    name: str
    server: str | None
    tokens: int
    percent: int | None
    group: str | None = None

    @property
    def is_group(self) -> bool:
        """Whether this is the text of a group about itself, and no tool."""
        return self.group is not None and self.group == self.name


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A block of the system prompt, with its first 500 characters."""

    number: int
    start: str
    tokens: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """All parts of the messages of one kind and name; tool results, tool inputs and CLAUDE.md files have a `name`.

    The tokens of encrypted parts are unknown: None where all are encrypted, else the sum of the others.
    """

    kind: Kind
    name: str | None
    parts: int
    tokens: int | None
    percent: int | None


@dataclass(frozen=True)  # without slots: `sections` is added up once
class Breakdown:
    """A request's parts, and the tokens of each.

    counter     the name of the counter
    estimate    whether the counter only estimates, or an image's or document's tokens can only be estimated
    reported    the input that the server reported
    unknown     the sections that aren't in the record, or not whole: neither they nor the total can be counted
    """

    counter: str
    estimate: bool
    parts: tuple[Part, ...]
    counts: tuple[int | None, ...]  # one for each part; None where only the server can know
    reported: InputUsage | None
    unknown: frozenset[str] = frozenset()

    @cached_property
    def sections(self) -> dict[Section, int]:
        """The tokens of what is in the record of each section."""
        sums = dict.fromkeys(SECTIONS, 0)
        for part, count in zip(self.parts, self.counts, strict=True):
            sums[part.counts_as] += count or 0
        return sums

    def tokens(self, section: Section) -> int | None:
        """Return the tokens of one section; None where the record doesn't hold all of it."""
        return None if section in self.unknown else self.sections[section]

    @property
    def recorded(self) -> int:
        """The tokens of all that is in the record."""
        return sum(self.sections.values())

    @property
    def total(self) -> int | None:
        """The tokens of the request; None where the record doesn't hold all of it."""
        return None if self.unknown else self.recorded

    @property
    def percents(self) -> dict[Section, int | None]:
        """Whole percentages of the three sections; they add up to 100, or are all 0 where there is nothing.

        None where the total isn't known.
        """
        if self.unknown:
            return dict.fromkeys(SECTIONS)
        return dict(zip(SECTIONS, whole_percentages(list(self.sections.values())), strict=True))

    @property
    def difference(self) -> int | None:
        """Our total minus the server's; None where either isn't known."""
        return None if self.reported is None or self.total is None else self.total - self.reported.total

    @property
    def uncounted(self) -> int:
        """How many parts are encrypted: no sum contains their tokens."""
        return self.counts.count(None)

    @property
    def tools_defined(self) -> int | None:
        """How many tools the model is given; the text of a group about itself isn't one. None where it isn't known."""
        if "tools" in self.unknown:
            return None
        return sum(part.counts_as == "tools" and not part.is_group for part in self.parts)

    @property
    def tool_rows(self) -> list[ToolRow]:
        """In the order of the request; their percentages add up to the section's."""
        found = self._of("tools")
        percents = _shares([count for _, count in found], self.percents["tools"])
        return [
            ToolRow(number, part.name or "?", part.server, count, percent, part.group)
            for number, ((part, count), percent) in enumerate(zip(found, percents, strict=True), 1)
        ]

    @property
    def system_rows(self) -> list[SystemRow]:
        """In the order of the request; their percentages add up to the section's."""
        found = self._of("system")
        percents = _shares([count for _, count in found], self.percents["system"])
        return [
            SystemRow(part.index + 1, part.text[:EXCERPT], count, percent)
            for (part, count), percent in zip(found, percents, strict=True)
        ]

    @property
    def message_rows(self) -> list[MessageRow]:
        """Most tokens first; their percentages add up to the section's."""
        groups: dict[tuple[Kind, str | None], list[int]] = {}
        known = set()
        for part, count in zip(self.parts, self.counts, strict=True):
            if part.counts_as == "messages":
                group = part.kind, part.name or _audio_or_video(part)
                groups.setdefault(group, []).append(count or 0)
                known |= {group} if count is not None else set()
        ordered = sorted(groups.items(), key=lambda group: -sum(group[1]))
        percents = _shares([sum(counts) for _, counts in ordered], self.percents["messages"])
        return [
            MessageRow(*group, len(counts), *((sum(counts), percent) if group in known else (None, None)))
            for (group, counts), percent in zip(ordered, percents, strict=True)
        ]

    def _of(self, section: Section) -> list[tuple[Part, int]]:
        counted = zip(self.parts, self.counts, strict=True)
        return [(part, count or 0) for part, count in counted if part.counts_as == section]


def _shares(counts: Sequence[int], percent: int | None) -> Sequence[int | None]:
    """Return what each count is of a section's share; None where that isn't known."""
    return [None] * len(counts) if percent is None else whole_percentages(counts, percent)


def _audio_or_video(part: Part) -> str | None:
    """Return the media type of audio and video, which count as documents; None for anything else."""
    kind = part.media.type if part.media else ""
    return kind if kind.startswith(("audio/", "video/")) else None


class CountedExchange(NamedTuple):
    """An exchange, its counter, and the tokens of its request."""

    trace: Trace
    counter: Counter
    tokens: Breakdown


def breakdown(trace: Trace, counter: Counter) -> Breakdown:
    """Return the tokens of every part of the trace's request."""
    [(_, _, tokens)] = breakdowns([(trace, counter)])
    return tokens


def breakdowns(exchanges: Iterable[tuple[Trace, Counter]]) -> Iterator[CountedExchange]:
    """Yield the breakdown of one exchange after another.

    What a session repeats is cut into parts only once, and with a counter from `CountCache.wrap` counted only once.
    Counters get the texts of several exchanges at a time, since each call has its cost.
    """
    reader = PartsReader()
    parsed = ((trace, counter, _parts(reader, trace)) for trace, counter in exchanges)
    for _, of_counter in groupby(parsed, key=lambda exchange: exchange[1].name):
        for batch in _batches(of_counter):
            counts = iter(batch[0][1].count_many([part.text for _, _, parts in batch for part in parts]))
            for trace, counter, parts in batch:
                tokens = _breakdown(trace, counter, parts, list(islice(counts, len(parts))))
                yield CountedExchange(trace, counter, tokens)


def _parts(reader: PartsReader, trace: Trace) -> Sequence[Part]:
    """Return the parts of a trace's request; none of one whose texts were deleted: what is left was sent to nobody."""
    if TEXT_REMOVED in trace.marks:
        return []
    return reader.read(trace.request.body, identify(trace.mode, trace.response.headers if trace.response else {}))


_Parsed = tuple[Trace, Counter, Sequence[Part]]


def _batches(exchanges: Iterable[_Parsed]) -> Iterator[list[_Parsed]]:
    """Yield batches of a bounded size: the traces of a batch are in memory together."""
    batch: list[_Parsed] = []
    size = 0
    for exchange in exchanges:
        batch.append(exchange)
        size += sum(len(part.text) + (len(part.media.base64) if part.media else 0) for part in exchange[2])
        if size > _BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _breakdown(trace: Trace, counter: Counter, parts: Sequence[Part], counted: Sequence[int]) -> Breakdown:
    counts: list[int | None] = [*counted]
    estimate = counter.estimate
    for at, part in enumerate(parts):
        if part.media is not None:
            image = image_tokens(part.media, trace.model)
            counts[at] = image.tokens
            estimate |= image.estimate or part.kind != "image"  # nobody documents what a page costs
    reported = credible_input(trace.response.body, trace.request.body) if trace.response else None
    return Breakdown(counter.name, estimate, tuple(parts), tuple(counts), reported, trace.unknown_sections)
