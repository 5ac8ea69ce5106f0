"""`trace-analyzer sql`, over traces and over a data set."""

import csv
import io
import json
from pathlib import Path

import pytest

from analysis.dataset import sql
from tests.support.analyzer import Analyzer


@pytest.fixture
def dataset(traced: Analyzer) -> Path:
    path = traced.home / "dataset"
    assert traced("export", traced.root, "-o", path, "--partition", "day").exit_code == 0
    return path


def ask(analyzer: Analyzer, query: str, *options: object) -> list[dict[str, object]]:
    result = analyzer("sql", query, *options, "--format", "json")
    assert (result.exit_code, result.stderr) == (0, "")
    found: list[dict[str, object]] = json.loads(result.stdout)
    return found


def test_traces_and_their_data_set_give_the_same_answers(traced: Analyzer, dataset: Path) -> None:
    for query in (
        "select state, count(*) n, sum(total_tokens) tokens, max(ttft) ttft from exchanges group by 1 order by 1",
        "select section, sum(tokens) tokens from parts join exchanges using (file, timestamp) group by 1 order by 1",
        "select * from parts order by all",
        "select * from exchanges where day = date '2025-10-26' order by all",
    ):
        found = ask(traced, query, dataset)
        assert found
        assert ask(traced, query) == ask(traced, query, traced.root) == found


def test_an_answer_is_shown_in_each_format(traced: Analyzer, dataset: Path) -> None:
    query = "select request_type, count(*) as n from exchanges group by 1 order by 1"
    assert traced("sql", query, dataset).stdout == (
        "request_type     n\n---------------  -\nTEXT_GENERATION  1\nTOOL_CALL        1\nUNKNOWN          1\n"
    )
    assert traced("sql", query, dataset, "--format", "csv").stdout == (
        "request_type,n\nTEXT_GENERATION,1\nTOOL_CALL,1\nUNKNOWN,1\n"
    )
    assert "| TOOL_CALL" in traced("sql", query, dataset, "--format", "markdown").stdout


def test_every_type_of_value_can_be_printed(traced: Analyzer, dataset: Path) -> None:
    [row] = ask(
        traced,
        "select 1 a, 2 a, [1, null] l, 1.50::decimal(4,2) d, 3::hugeint h, 'nan'::double z, 'inf'::double i, null q, "
        "interval 90 second t, date '2020-01-01' x, {'k': date '2020-01-01'} s, '\\xAA'::blob b, true y, "
        "timestamptz '2020-01-01 00:00:00Z' u, timestamp '2020-01-01' v, time '10:00' w, uuid() is not null r",
        dataset,
    )
    assert row == {
        **{"a": 1, "a_2": 2, "l": [1, None], "d": 1.5, "h": 3, "z": None, "i": None, "q": None, "t": 90.0},
        **{"x": "2020-01-01", "s": {"k": "2020-01-01"}, "b": "\\xAA", "y": True, "u": "2020-01-01T00:00:00Z"},
        **{"v": "2020-01-01T00:00:00", "w": "10:00:00", "r": True},
    }


def test_a_long_answer_is_written_piece_by_piece(
    traced: Analyzer, dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "BATCH_ROWS", 3)
    result = traced("sql", "select i from range(10) t(i)", dataset, "--format", "csv")
    assert [row["i"] for row in csv.DictReader(io.StringIO(result.stdout))] == [str(i) for i in range(10)]
    empty = traced("sql", "select i from range(0) t(i)", dataset, "--format", "csv")
    assert empty.stdout == "i\n"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("selct 1", 'Parser Error: syntax error at or near "selct"'),
        ("select x from exchanges", 'Binder Error: Referenced column "x" not found in FROM clause!'),
        ("select * from nothing", "Catalog Error: Table with name nothing does not exist!"),
        ("select 'x'::int from exchanges", "Conversion Error: Could not convert string 'x' to INT32"),
        ("", "One SELECT is answered, and here are none."),
        ("/* nothing */", "One SELECT is answered, and here are none."),
        ("select 1; select 2", "One SELECT is answered, and here are 2."),
        ("drop table parts", "Only a SELECT is answered: DROP would change something."),
        ("create table x as select 1", "Only a SELECT is answered: CREATE would change something."),
        ("insert into parts select * from parts", "Only a SELECT is answered: INSERT would change something."),
        ("copy parts to 'x.csv'", "Only a SELECT is answered: COPY would change something."),
        ("attach 'x.db'", "Only a SELECT is answered: ATTACH would change something."),
        ("set enable_external_access = true", "Only a SELECT is answered: SET would change something."),
        ("install httpfs", "Only a SELECT is answered: "),
        ("explain analyze copy parts to 'x.csv'", "disabled by configuration"),
        ("select * from read_csv('FILE')", "disabled by configuration"),
        ("select * from read_text('FILE')", "disabled by configuration"),
        ("select * from 'FILE'", "disabled by configuration"),
        ("select * from glob('*')", "disabled by configuration"),
        ("select * from frame", "Table with name frame does not exist!"),
    ],
)
def test_what_is_no_question_is_one_line(traced: Analyzer, dataset: Path, query: str, told: str) -> None:
    frame = {"a": [1]}  # DuckDB would look for tables among Python's variables
    secret = traced.home / "secret.csv"
    secret.write_text("a\nthe secret\n")
    result = traced("sql", query.replace("FILE", str(secret)), dataset)
    assert (result.exit_code, result.stdout, len(result.stderr.splitlines())) == (1, "", 1), frame
    assert told in result.stderr
    assert not (Path.cwd() / "x.csv").exists()


def test_what_cannot_be_read_is_told_as_elsewhere(traced: Analyzer) -> None:
    result = traced("sql", "select 1", "no-such-session")
    assert result.exit_code == 1
    assert "no such file, folder, trace or session" in result.stderr
    (traced.root / "lmstudio" / "broken.json").write_text("{")
    result = traced("sql", "select count(*) n from exchanges", "--format", "csv")
    assert result.stdout == "n\n3\n"
    assert "broken.json: Invalid JSON" in result.stderr
