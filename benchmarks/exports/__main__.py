"""Do the programs that exports are for read them, and find the prefix hit ratio that we predict?

python -m benchmarks.exports [--fresh] [--quick]
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import fmean

from tabulate import tabulate

from analysis.exports import kv_blocks
from analysis.exports.recorded import read_sessions
from benchmarks.exports import collector
from benchmarks.exports.readers import READERS, Failed, Reader, Run, hit_ratio
from benchmarks.prefix import capture
from benchmarks.replay import environments
from demo import CACHE, client
from traces.storage import store

VISITS = [visit for visit in capture.VISITS if visit.name in ("header", "subagents, no header", "older model, header")]
SIZE = kv_blocks.BLOCK_SIZE
TOKENIZER = "o200k_base"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.exports", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="capture the client anew")
    parser.add_argument("--quick", action="store_true", help="without GuideLLM, which takes a minute to start")
    given = parser.parse_args()
    program = client.install()
    if program is None:
        sys.exit("The real Claude Code is missing: install npm.")
    folder = CACHE / "exports"
    capture.load_or_record(program, folder, VISITS, given.fresh)
    traces = folder / "traces"
    found = kv_blocks.workload(read_sessions(store.files(traces), []), SIZE, TOKENIZER)
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-exports-") as temporary:
        scratch = Path(temporary)
        for number, reader in enumerate(READERS):
            if not (given.quick and reader.name == "guidellm"):
                rows.append(_row(reader, traces, scratch / str(number), found))
        print(tabulate(rows, ("reader", "format", "what", "requests", "ours", "theirs", "off"), "github"))
        try:
            environment = environments.make("rotel", collector.REQUIREMENT)
            shown, said = collector.spans_shown(environment, _export(traces), scratch)
            print(f"\n{collector.REQUIREMENT}: {said}; it shows {shown}")
        except (environments.NotInstalled, subprocess.CalledProcessError) as error:
            print(f"\nnot shown: {collector.REQUIREMENT}: {error}")
    print(f"\n{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} after")


def _row(reader: Reader, traces: Path, folder: Path, found: kv_blocks.Workload) -> list[str]:
    print(f"{reader.name}, {reader.format}: {reader.what} …", file=sys.stderr)
    named = [reader.name, reader.format, reader.what]
    exported = folder.with_name(f"{folder.name}.{'json' if reader.format == 'aiperf' else 'jsonl'}")
    if reader.format == "weka" and reader.name == "aiperf":
        exported = folder.with_name(f"{folder.name}-sessions")  # it reads a folder
    done = subprocess.run(
        [*_export(traces), "--format", reader.format, "-o", exported], capture_output=True, text=True, check=True
    )
    try:
        bin = environments.make(reader.name, reader.requirement) / "bin"
        sent, theirs = hit_ratio(reader, Run(bin, folder, exported, len(found.requests), SIZE))
    except (Failed, environments.NotInstalled) as error:
        return [*named, "", "", str(error), ""]
    ours = _ours(reader, found, done.stdout)
    return [*named, str(sent or ""), f"{ours:.2%}", f"{theirs:.2%}", f"{100 * (theirs - ours):+.2f} points"]


def _ours(reader: Reader, found: kv_blocks.Workload, printed: str) -> float:
    """Return what we say of the same: as the command prints it, or the mean of all requests."""
    if reader.format == "aiperf":
        return 1.0
    if "mean" in reader.what:
        return fmean(found.shares)
    ratio = re.search(r"([\d.]+)% of the input", printed)
    assert ratio is not None
    return float(ratio[1]) / 100


def _export(traces: Path) -> list[str | Path]:
    return [sys.executable, "-m", "analysis", "export", traces]


if __name__ == "__main__":
    main()
