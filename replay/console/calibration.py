"""The result of a calibration as a table, JSON, CSV or Markdown."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from replay.calibrate.calibrate import Errors
from traces.measures import by_key
from ui import tables
from ui.tables import Column, Row, as_count

TTFT = by_key("ttft").brief

INTRODUCTION = """\
Error of what is measured here against a built-in server whose times are known, in milliseconds (measured - true)"""


def _milliseconds(seconds: object) -> str:
    return f"{float(str(seconds)) * 1e3:.3f}"


def _microseconds(seconds: object) -> str:
    return f"{float(str(seconds)) * 1e6:.0f} µs"


COLUMNS = (
    Column("streams", "Streams", as_count),
    Column("ttft_p50", f"{TTFT} p50", _milliseconds),
    Column("ttft_p99", f"{TTFT} p99", _milliseconds),
    Column("inter_token_p50", "Inter-token p50", _milliseconds),
    Column("inter_token_p99", "Inter-token p99", _milliseconds),
    Column("cpu_per_chunk", "CPU per chunk", _microseconds),
    Column("doubted", "Not to be trusted", as_count),
)


def lines(measured: Iterable[Errors], style: str) -> Iterator[str]:
    """Yield the table line by line, each as soon as it is measured (all take minutes); other formats in one piece."""
    rows = map(_row, measured)
    if style == "table":
        yield f"{INTRODUCTION}\n{'  '.join(column.title for column in COLUMNS)}"
        yield from map(_line, rows)
    else:
        yield _WHOLE[style](list(rows))


def progress(streams: int, answers: int, of: int) -> str:
    return f"{streams} at once: {answers} of {of} answers"


def _row(errors: Errors) -> Row:
    return {
        "streams": errors.streams,
        "ttft_p50": _percentile(errors.ttft, 50),
        "ttft_p99": _percentile(errors.ttft, 99),
        "inter_token_p50": _percentile(errors.gaps, 50),
        "inter_token_p99": _percentile(errors.gaps, 99),
        "cpu_per_chunk": errors.cpu_per_chunk,
        "doubted": errors.doubts,
    }


def _line(row: Row) -> str:
    return "  ".join(f"{column.cell(row):>{len(column.title)}}" for column in COLUMNS)


def _percentile(seconds: Sequence[float], percent: int) -> float:
    """Return the measured value that this percentage of all values doesn't exceed."""
    return sorted(seconds)[(len(seconds) - 1) * percent // 100]


_WHOLE: Mapping[str, Callable[[list[Row]], str]] = {
    "json": lambda rows: tables.as_json({"seconds_measured_minus_true": rows}),
    "csv": lambda rows: tables.as_csv(rows, [column.key for column in COLUMNS]),
    "markdown": lambda rows: f"{INTRODUCTION}\n\n{tables.as_markdown(rows, COLUMNS)}",
}
