"""The errors of a calibration in every format."""

import json
from collections.abc import Iterator

from replay.calibrate.calibrate import Errors
from replay.console.calibration import lines

ALONE = Errors(1, ttft=(0.0005, 0.0007, 0.0021), gaps=(0.00001, 0.00004), cpu_per_chunk=0.000123)
CROWD = Errors(64, ttft=(0.0067,), gaps=(0.0002,), cpu_per_chunk=0.00006, doubts=3)


def test_a_person_reads_a_line_for_each_number_of_streams() -> None:
    introduction, alone, crowd = lines([ALONE, CROWD], "table")

    assert introduction.splitlines()[1].split("  ")[:3] == ["Streams", "TTFT p50", "TTFT p99"]
    assert alone.split() == ["1", "0.700", "0.700", "0.010", "0.010", "123", "µs", "0"]
    assert crowd.split() == ["64", "6.700", "6.700", "0.200", "0.200", "60", "µs", "3"]
    assert len(alone) == len(crowd) == len(introduction.splitlines()[1])


def test_a_line_is_there_before_the_next_is_measured() -> None:
    def measured() -> Iterator[Errors]:
        yield ALONE
        raise AssertionError("nobody asked for the next")

    table = lines(measured(), "table")
    next(table)

    assert next(table).split()[0] == "1"


def test_the_other_formats_carry_seconds() -> None:
    [text] = lines([ALONE, CROWD], "json")
    [alone, crowd] = json.loads(text)["seconds_measured_minus_true"]
    assert (alone["ttft_p50"], alone["cpu_per_chunk"], crowd["doubted"]) == (0.0007, 0.000123, 3)

    [text] = lines([ALONE], "csv")
    assert text.splitlines()[1] == "1,0.0007,0.0007,1e-05,1e-05,0.000123,0"

    [text] = lines([ALONE], "markdown")
    assert text.splitlines()[2].startswith("| Streams | TTFT p50 |")
