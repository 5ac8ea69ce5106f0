"""Rows as a table, Markdown, CSV and JSON."""

import csv
import io
import json

import pytest

from ui.tables import Column, Row, as_count, as_csv, as_json, as_markdown, as_seconds, as_size, as_table, render

COLUMNS = (Column("name", "Name", cut=True), Column("tokens", "Tokens", lambda value: f"{value:,}"))

ROWS: list[Row] = [{"name": "Read", "tokens": 1234}, {"name": "a|b\x1b", "tokens": None}]


def test_a_table_aligns_numbers_on_the_right() -> None:
    assert as_table(ROWS, COLUMNS).splitlines() == [
        "Name     Tokens",
        "-------  ------",
        "Read      1,234",
        "a|b\\x1b       –",
    ]


def test_markdown_escapes_the_separator_of_columns() -> None:
    assert as_markdown(ROWS, COLUMNS).splitlines()[-1].split(" |")[0] == "| a\\|b\\x1b"


def test_csv_holds_the_values_themselves() -> None:
    assert list(csv.reader(io.StringIO(as_csv(ROWS, ["name", "tokens"])))) == [
        ["name", "tokens"],
        ["Read", "1234"],
        ["a|b\\x1b", ""],
    ]


def test_json_holds_the_values_in_plain_ascii() -> None:
    printed = as_json([{"name": "\x1b\x7f\x9b←\ud800"}])
    assert printed.isascii()
    assert "\x1b" not in printed
    assert "\x7f" not in printed
    assert json.loads(printed) == [{"name": "\x1b\x7f\x9b←\ud800"}]


def test_on_a_narrow_terminal_names_are_cut_and_numbers_stay() -> None:
    rows = [{"name": "a-very-long-name-of-a-model", "tokens": 1234567}]
    lines = as_table(rows, COLUMNS, room=24).splitlines()
    assert max(map(len, lines)) <= 24
    assert lines[-1].endswith("1,234,567")
    assert "…" in lines[-1]


def test_on_a_narrower_one_spare_columns_are_left_out_the_last_first() -> None:
    columns = [Column(name, name, spare=name != "kept") for name in ("first", "kept", "last")]
    row = {"first": "12345", "kept": "a-name", "last": "12345"}
    assert [as_table([row], columns, room).splitlines()[-1] for room in (20, 19, 12, 3)] == [
        "12345  a-name  12345",
        "12345  a-name",
        "a-name",
        "a-name",
    ]


def test_a_column_without_a_single_value_can_be_left_out() -> None:
    columns = (*COLUMNS, Column("runs", "Runs", optional=True))
    for nothing in (None, ""):
        assert as_table([{**ROWS[0], "runs": nothing}], columns) == as_table(ROWS[:1], COLUMNS)
        assert as_markdown([{**ROWS[0], "runs": nothing}], columns) == as_markdown(ROWS[:1], COLUMNS)
    assert as_table([{**ROWS[0], "runs": 0}], columns).splitlines()[-1].split() == ["Read", "1,234", "0"]


def test_an_unknown_value_is_a_dash_and_an_empty_one_stays_empty() -> None:
    rows: list[Row] = [{"tokens": None}, {"tokens": ""}]
    assert as_table(rows, COLUMNS[1:], ruled=False).split("\n") == ["Tokens", "     –", ""]


def test_a_column_can_be_centred() -> None:
    columns = [Column("status", "Status", align="center")]
    assert as_table([{"status": "✓"}], columns, ruled=False).splitlines() == ["Status", "  ✓"]
    assert as_markdown([{"status": "✓"}], columns).splitlines() == ["| Status |", "|:------:|", "|   ✓    |"]


def test_escape_sequences_in_formatted_values_are_written_out() -> None:
    assert "\x1b" not in as_table(ROWS, [Column("name", "Name", lambda value: str(value)[:8])])


def test_a_table_without_rows_shows_its_columns() -> None:
    assert as_table([], COLUMNS).split() == ["Name", "Tokens", "----", "------"]


@pytest.mark.parametrize(
    ("size", "shown"), [(0, "0 B"), (1023, "1023 B"), (130 * 1024, "130 KiB"), (5 * 2**20, "5 MiB"), (2**31, "2.0 GiB")]
)
def test_sizes_have_a_unit(size: int, shown: str) -> None:
    assert as_size(size) == shown


def test_seconds_have_two_digits() -> None:
    assert as_seconds(0.5) == "0.50 s"


@pytest.mark.parametrize("style", ["table", "json", "csv", "markdown"])
def test_every_format_shows_every_row(style: str) -> None:
    assert all(name in render(ROWS, COLUMNS, style) for name in ("Read", "a"))


def test_a_sum_with_unknown_members_is_shown_as_the_least_it_can_be() -> None:
    column = Column("tokens", "Tokens", as_count)
    rows: list[Row] = [
        {"tokens": 1234, "tokens_unknown": 2},
        {"tokens": 1234, "tokens_unknown": 0},
        {"tokens": None, "tokens_unknown": 3},
    ]
    assert [column.cell(row) for row in rows] == ["≥ 1,234", "1,234", "–"]
