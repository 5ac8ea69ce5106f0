"""The committed types of the pages' data are those of the pages."""

from pathlib import Path

import pytest

from tests.support import page_types
from tests.support.typescript import MAP, Json, Names, interfaces


def test_the_committed_types_are_those_of_the_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it fails, `make web` writes them anew, and `make lint` then says which scripts ask for what is gone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert page_types.declarations() == page_types.FILE.read_text(), "run make web"


@pytest.mark.parametrize(
    ("samples", "declared"),
    [
        ([{"a": 1}, {"a": 2.5}], "a: number;"),
        ([{"a": "x"}, {"a": None}], "a: string | null;"),
        ([{"a": True}, {}], "a?: boolean;"),
        ([{"a": None}], "a: unknown;"),
        ([{"a": [1, "x"]}, {"a": []}], "a: (number | string)[];"),
        ([{"a": []}], "a: unknown[];"),
        ([{"a": [[1], [2]]}], "a: number[][];"),
        ([{"a-b": 1}], '"a-b": number;'),
        ([{"inner": {"x": 1}}], "inner: {\n    x: number;\n  };"),
        ([{"rows": [{"x": 1}, {"y": 2}]}], "rows: Row[];"),
        ([{"named": {"one": {"x": 1}}}], "named: Record<string, Row>;"),
        ([{"plain": {"one": 1, "two": None}}], "plain: Record<string, number | null>;"),
        ([{"pair": [1, "x"]}], "pair: Pair;"),
        ([{"pair": None}], "pair: Pair | null;"),
    ],
)
def test_a_type_is_what_the_samples_have(samples: list[Json], declared: str) -> None:
    names = Names(
        {("Page", "rows"): "Row", ("Page", "named"): MAP + "Row", ("Page", "plain"): MAP}, {("Page", "pair"): "Pair"}
    )

    assert f"interface Page {{\n  {declared}\n}}\n" in interfaces({"Page": samples}, names)


def test_a_named_type_is_declared_once_from_all_its_samples() -> None:
    names = Names({("Page", "rows"): "Row", ("Page", "one"): "Row"})

    declared = interfaces({"Page": [{"rows": [{"x": 1}], "one": {"x": "y", "z": 0}}]}, names)

    assert declared.count("interface Row") == 1
    assert "interface Row {\n  x: number | string;\n  z?: number;\n}" in declared
