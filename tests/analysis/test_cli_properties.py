"""Whatever JSON a trace file holds: it is analyzed, or refused in one line; never a crash, never a wrong sum."""

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.exchange import compare, report
from analysis.exchange.breakdown import breakdowns
from analysis.frames import columns
from analysis.tokens.counters import counter
from tests.support import synthetic
from tests.support.analyzer import Analyzer
from traces.storage import codec

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)

WHOLE = json.loads(codec.encode(synthetic.tool_call()))


def paths(document: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the path of every value in a JSON document."""
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [path, *(place for key, value in inner for place in paths(value, (*path, key)))]


def replaced(document: object, path: tuple[str | int, ...], value: object) -> object:
    """Return the document with another value in that place."""
    if not path:
        return value
    key, *rest = path
    if isinstance(document, dict):
        return {**document, key: replaced(document[key], tuple(rest), value)}
    assert isinstance(document, list)
    return [replaced(item, tuple(rest), value) if at == key else item for at, item in enumerate(document)]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(paths(WHOLE)), JSON)
def test_any_value_in_any_place_is_analyzed_or_refused_in_one_line(path: tuple[str | int, ...], value: object) -> None:
    with tempfile.TemporaryDirectory() as home:
        analyzer = Analyzer(Path(home))
        file = Path(home) / "trace.json"
        file.write_text(json.dumps(replaced(WHOLE, path, value)))
        result = analyzer("analyze", file, "-v")
    assert result.exit_code in (0, 1), result.output
    if result.exit_code == 1:
        [line] = result.stderr.splitlines()
        assert str(file) in line


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["system", "tools", "messages", "input", "model"]), JSON))
def test_whatever_a_body_holds_its_figures_agree_with_one_another(body: dict[str, object]) -> None:
    trace = synthetic.with_body(body)
    [counted] = breakdowns([(trace, counter())])
    found = report.report(counted)
    document = json.loads(json.dumps(report.document(found)))
    tokens = document["tokens"]
    assert tokens["total"] == tokens["system"] + tokens["tools"] + tokens["messages"]
    assert sum(tokens["percent"].values()) == (100 if tokens["total"] else 0)
    for section in ("system", "tools", "messages"):
        assert sum(row["tokens"] or 0 for row in document[section]) == tokens[section]
        assert sum(row["percent"] or 0 for row in document[section]) == tokens["percent"][section]
    assert sum(part.tokens or 0 for part in columns.counted_parts(found)) == tokens["total"]
    row = compare.row(compare.counted(counted, b""))
    assert row["total"] == tokens["total"]
    assert found.figures.output.tokens == 7


@settings(deadline=None)
@given(st.lists(st.text()))
def test_texts_are_counted_alike_together_and_alone(texts: list[str]) -> None:
    for name in ("o200k_base", "cl100k_base"):
        counting = counter(name)
        assert counting.count_many(texts) == [counting.count(text) for text in texts]
