"""Sections of labelled figures, as text, as Markdown or as CSV.

TOKEN BREAKDOWN
System Prompt:     15,432 tokens  (52%)  ← Claude Code's instructions
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import click

from ui.tables import AT_LEAST, UNKNOWN, Column, as_count, as_csv, as_markdown
from ui.terminal import printable


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: its label, its value (None: unknown, shown as a dash), its unit, its share, and a note.

    text       shown below the line, as it is
    at_least   whether it is a sum some members of which aren't known
    """

    label: str
    value: int | float | str | None
    unit: str = ""
    percent: int | None = None
    note: str = ""
    text: str = ""
    at_least: bool = False

    @property
    def shown(self) -> str:
        if self.value is None:
            return UNKNOWN
        if isinstance(self.value, str):
            return printable(self.value)
        return (AT_LEAST if self.at_least else "") + _DIGITS.get(self.unit, as_count)(self.value)


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lines: Sequence[Line]
    numbered: bool = False


_DIGITS: Mapping[str, Callable[[object], str]] = {
    "s": lambda value: f"{value:,.3f}",
    "ms": lambda value: f"{value:,.1f}",
    "tokens/s": lambda value: f"{value:,.1f}",
}
"""How values of a unit are written; all others are counts."""


def as_page(sections: Iterable[Section]) -> str:
    return "\n\n".join("\n".join(_page_lines(section)) for section in sections)


def _page_lines(section: Section) -> Iterator[str]:
    """Yield a section's lines, with its numbers, units and shares aligned."""
    yield click.style(printable(section.title), bold=True)
    labels = [_label(section, number, line) for number, line in enumerate(section.lines, 1)]
    label_width = max(map(len, labels), default=0)
    value_width = max((len(line.shown) for line in section.lines if not isinstance(line.value, str)), default=0)
    unit_width = max((len(line.unit) for line in section.lines), default=0)
    shares = any(line.percent is not None for line in section.lines)
    for label, line in zip(labels, section.lines, strict=True):
        if isinstance(line.value, str):
            shown = line.shown
        else:
            shown = f"{line.shown:>{value_width}} {line.unit:<{unit_width}}"
            if shares:
                shown += f" {_share(line):>6}"
        note = click.style(f"  ← {printable(line.note)}", dim=True) if line.note else ""
        yield f"{label:<{label_width}}  {shown if note else shown.rstrip()}{note}".rstrip()
        yield from _indent(line.text)


def _share(line: Line) -> str:
    return "" if line.percent is None else f"({line.percent}%)"


def _label(section: Section, number: int, line: Line) -> str:
    label = printable(line.label)
    return f"{number:>2}. {label}" if section.numbered else f"{label}:"


_COLUMNS = (
    Column("label", ""),
    Column("shown", "Value", align="right"),
    Column("unit", "Unit"),
    Column("share", "Share", align="right"),
    Column("note", "Note"),
)


def as_markdown_page(sections: Iterable[Section]) -> str:
    return "\n\n".join("\n\n".join(_markdown_blocks(section)) for section in sections)


def _markdown_blocks(section: Section) -> Iterator[str]:
    """Yield a heading, a table, and the texts of its lines, indented: Markdown in them stays text."""
    yield f"## {printable(section.title)}"
    rows = [
        {
            "label": line.label,
            "shown": line.shown,
            "unit": line.unit,
            "share": _share(line),
            "note": line.note,
        }
        for line in section.lines
    ]
    yield as_markdown(rows, _COLUMNS)
    for line in section.lines:
        if line.text:
            yield f"{printable(line.label)}:\n\n" + "\n".join(_indent(line.text))


def as_csv_page(sections: Iterable[Section]) -> str:
    rows = [{"section": section.title, **asdict(line)} for section in sections for line in section.lines]
    return as_csv(rows, ["section", "label", "value", "unit", "percent", "note", "text"])


def _indent(text: str) -> Iterator[str]:
    return (f"    {printable(line)}".rstrip() for line in text.splitlines())
