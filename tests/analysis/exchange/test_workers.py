"""Comparing so many files that several processes count them."""

import json
from dataclasses import replace
from itertools import cycle

from analysis.exchange.workers import SLICE
from tests.support import synthetic
from tests.support.analyzer import Analyzer


def test_many_files_are_compared_in_order_by_several_processes(analyzer: Analyzer) -> None:
    some = zip(range(2 * SLICE + 5), cycle(synthetic.all_kinds()), strict=False)
    traces = [replace(trace, timestamp=f"2025-10-26T14:23:45.{number:03}Z") for number, trace in some]
    files = synthetic.write_all(traces, analyzer.root)
    files[SLICE + 1].write_text("no trace")
    by_one = [
        row
        for start in range(0, len(files), SLICE)
        for row in json.loads(analyzer("compare", *files[start : start + SLICE], "--format", "json").stdout)["traces"]
    ]

    by_several = analyzer.process("compare", *files, "--format", "json")

    assert by_several.returncode == 0
    assert json.loads(by_several.stdout)["traces"] == by_one
    assert len(by_one) == len(files) - 1
    warning, counted = by_several.stderr.decode().splitlines()
    assert warning.startswith(f"Warning: skipped {files[SLICE + 1]}: Invalid JSON")
    assert counted == "Skipped 1 file."


def test_many_files_of_which_none_is_a_trace_are_an_error(analyzer: Analyzer) -> None:
    files = [analyzer.root / f"{number}.json" for number in range(SLICE + 1)]
    analyzer.root.mkdir()
    for file in files:
        file.write_text("no trace")

    found = analyzer.process("compare", analyzer.root)

    assert found.returncode == 1
    assert b"Error: None of these files could be read as a trace; the first: " in found.stderr
    assert found.stderr.count(b"Warning: ") == len(files)
