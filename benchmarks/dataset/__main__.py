"""What a data set of made-up rows costs: time and peak memory to write it, to read some of it, and to ask it.

Each step is a process of its own. `--rows 1000000,10000000`: rows of parts; exchanges are a tenth. `--url s3://…`:
there instead of in a temporary folder.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from tabulate import tabulate

EXCHANGES_AT_ONCE, PARTS_EACH, DAYS = 5_000, 10, 10
QUERY = "select model, count(*) n, sum(total_tokens) tokens, median(ttft) ttft from exchanges group by 1 order by 1"
JOIN = "select section, sum(tokens) tokens, count(distinct name) names from parts group by 1 order by 1"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dataset", description=__doc__)
    parser.add_argument("--rows", default="1000000,10000000")
    parser.add_argument("--url")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        step(options.step, options.url, int(options.rows))
        return
    rows = []
    for number in map(int, options.rows.split(",")):
        with tempfile.TemporaryDirectory() as scratch:
            place = f"{options.url}/{number}" if options.url else str(Path(scratch, "dataset"))
            for name in ("nothing", "write", "load a day", "sql exchanges", "sql parts", "nothing new"):
                rows.append([f"{number:,}", name, *measured(name, place, number)])
    print(tabulate(rows, ["rows of parts", "step", "seconds", "peak MiB", "found"]))


def measured(name: str, place: str, number: int) -> list[object]:
    command = [sys.executable, "-m", "benchmarks.dataset", "--step", name, "--url", place, "--rows", str(number)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, memory, found = done.stdout.strip("\n").splitlines()[-1].split("\t")
    return [seconds, memory, found]


def step(name: str, place: str, number: int) -> None:
    began = time.perf_counter()
    found = STEPS[name](place, number)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{time.perf_counter() - began:.1f}\t{peak:.0f}\t{found}")


def nothing(place: str, number: int) -> str:
    """Import what the other steps do: what they need before the first row."""
    for module in ("frame", "sql"):
        import_module(f"analysis.dataset.{module}")
    return ""


def write(place: str, number: int) -> str:
    from analysis.dataset import manifest, places
    from analysis.dataset.segments import Segments

    to = places.place(place)
    segments = Segments(to, 1)
    exchanges, parts = made_up()
    for batch in range(number // (EXCHANGES_AT_ONCE * PARTS_EACH)):
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(
            days=batch * DAYS * EXCHANGES_AT_ONCE * PARTS_EACH // number
        )
        segments.add(moment.date().isoformat(), at(exchanges, moment, batch), at(parts, moment, batch))
    segments.close()
    written = manifest.Manifest().next("o200k_base", segments.written)
    manifest.commit(to, written)
    size = sum(int(one["size"]) for one in to.files().values()) / 2**20
    return f"{written.exchanges:,} + {written.parts:,} rows, {size:.0f} MiB"


def made_up() -> tuple[Any, Any]:
    """Return tables of made-up exchanges and of their parts: those of the tests' traces, over and over."""
    from analysis.dataset import count
    from analysis.dataset.sources import Source
    from analysis.frames import arrow
    from tests.support import synthetic

    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        [file] = synthetic.write_all([synthetic.tool_call()], Path(folder))
        found = count.tables([Source(str(file), str(file), 1, "1-1")], "o200k_base")
    [(exchange, part)] = found.by_day.values()
    pyarrow = arrow.pyarrow()
    exchanges = pyarrow.concat_tables([exchange] * EXCHANGES_AT_ONCE)
    few = part.slice(0, PARTS_EACH)
    return exchanges, pyarrow.concat_tables([few] * EXCHANGES_AT_ONCE)


def at(table: Any, moment: datetime, batch: int) -> Any:
    """Return the table with files and times of its own."""
    import numpy

    from analysis.frames import arrow

    pyarrow = arrow.pyarrow()
    each = table.num_rows // EXCHANGES_AT_ONCE
    numbers = numpy.repeat(numpy.arange(EXCHANGES_AT_ONCE), each)
    names = [f"/home/me/.anyclaude/traces/lmstudio/{batch:06}-{number:06}.json" for number in range(EXCHANGES_AT_ONCE)]
    files = pyarrow.array(names).take(pyarrow.array(numbers))
    times = pyarrow.array(int(moment.timestamp() * 1000) + numbers * 10, pyarrow.timestamp("ms", "UTC"))
    table = table.set_column(table.schema.get_field_index("file"), "file", files)
    return table.set_column(table.schema.get_field_index("timestamp"), "timestamp", times).combine_chunks()


def load_a_day(place: str, number: int) -> str:
    from datetime import date

    import analysis

    found = analysis.load(place, filters=[("day", "==", date(2026, 1, 5))], columns=["file", "model", "ttft"])
    return f"{len(found):,}"


def ask(query: str) -> Any:
    def asked(place: str, number: int) -> str:
        from analysis.dataset import sql

        with sql.ask(query, place, "o200k_base", []) as answer:
            return f"{len(list(answer.rows()))}"

    return asked


def nothing_new(place: str, number: int) -> str:
    """Compare the versions of all files of traces with the data set's, as a second run does."""
    from analysis.dataset import places, write
    from analysis.dataset.sources import Source

    batches = number // (EXCHANGES_AT_ONCE * PARTS_EACH)
    names = (
        f"/home/me/.anyclaude/traces/lmstudio/{batch:06}-{one:06}.json"
        for batch in range(batches)
        for one in range(EXCHANGES_AT_ONCE)
    )
    sources = [Source(name, name, 1, "1-1") for name in names]
    done = write.write(places.place(place), sources, "o200k_base", [])
    return f"{done.added} of {len(sources):,}"


STEPS = {
    "nothing": nothing,
    "write": write,
    "load a day": load_a_day,
    "sql exchanges": ask(QUERY),
    "sql parts": ask(JOIN),
    "nothing new": nothing_new,
}


if __name__ == "__main__":
    main()
