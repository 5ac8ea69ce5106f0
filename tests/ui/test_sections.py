"""Sections of figures, as text, Markdown and CSV."""

import csv
import io

import click

from ui.sections import Line, Section, as_csv_page, as_markdown_page, as_page

SECTIONS = [
    Section("ABOUT", [Line("Model", "a\x1b[2Jb"), Line("Session", None)]),
    Section(
        "TOKENS",
        [
            Line("System", 15432, "tokens", 52, "instructions"),
            Line("Messages", 7, "tokens", 4, text="first\nsecond\x07"),
            Line("Total", 15439, "tokens"),
            Line("TTFT", 0.5, "s"),
        ],
    ),
    Section("TOOLS", [Line("Read", 1234, "tokens", 4), Line("Bash", None)], numbered=True),
]


def test_the_figures_of_a_section_are_aligned() -> None:
    assert click.unstyle(as_page(SECTIONS)).splitlines() == [
        "ABOUT",
        "Model:    a\\x1b[2Jb",
        "Session:  –",
        "",
        "TOKENS",
        "System:    15,432 tokens  (52%)  ← instructions",
        "Messages:       7 tokens   (4%)",
        "    first",
        "    second\\x07",
        "Total:     15,439 tokens",
        "TTFT:       0.500 s",
        "",
        "TOOLS",
        " 1. Read  1,234 tokens   (4%)",
        " 2. Bash      –",
    ]


def test_csv_has_a_row_for_each_figure() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv_page(SECTIONS))))
    assert [row["label"] for row in rows] == ["Model", "Session", "System", "Messages", "Total", "TTFT", "Read", "Bash"]
    assert rows[2] == {
        "section": "TOKENS",
        "label": "System",
        "value": "15432",
        "unit": "tokens",
        "percent": "52",
        "note": "instructions",
        "text": "",
    }


def test_markdown_has_a_table_for_each_section() -> None:
    page = as_markdown_page(SECTIONS)
    assert [line for line in page.splitlines() if line.startswith("##")] == ["## ABOUT", "## TOKENS", "## TOOLS"]
    assert "| 15,432 | tokens |" in page
    assert "Messages:\n\n    first\n    second\\x07" in page


def test_a_sum_with_unknown_members_is_the_least_it_can_be() -> None:
    assert Line("Cached", 1234, "tokens", at_least=True).shown == "≥ 1,234"
    assert Line("Cached", None, "tokens", at_least=True).shown == "–"
