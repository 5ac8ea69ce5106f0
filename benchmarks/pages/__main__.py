"""How long `trace-analyzer report` takes for a session of 1,000 turns, how large its page is, how soon it is usable.

The session is that of `benchmarks.prefix limits`: 1 GB of traces. A page is usable when it is drawn and the next two
frames have been shown in Chromium, so that it responds to a click.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.analysis.measure import Contestant, run
from benchmarks.prefix.limits import TURNS, session, write
from tests.support.browser import Page, chromium

MEGABYTES, SECONDS = 15, 2.0
OPENED = 5
"""How many times the page is opened."""

_USABLE = """
const done = arguments[0];
requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() / 1000)));
"""
_UNFOLDED = """
const [done, before] = [arguments[0], performance.now()];
for (const turn of [...document.querySelectorAll(".turn")].slice(-50)) turn.open = true;
requestAnimationFrame(() => requestAnimationFrame(() => done((performance.now() - before) / 1000)));
"""
_SEARCHED = """
const [done, before] = [arguments[0], performance.now()];
const [input, found] = ["search input", "search output"].map((name) => document.querySelector(name));
new MutationObserver(() => done((performance.now() - before) / 1000)).observe(found, { childList: true });
input.value = "lines were written";
input.dispatchEvent(new Event("input"));
"""


def main(arguments: Sequence[str] = ()) -> None:
    """Measure a session of 1,000 turns, or of as many as are given; exit with 1 if a limit isn't kept."""
    turns = int(arguments[0]) if arguments else TURNS
    with tempfile.TemporaryDirectory() as folder:
        root, page = Path(folder), Path(folder) / "session.html"
        written = sum(write(root / "traces" / "lmstudio", trace) for trace in session(turns))
        print(f"{turns:,} turns, {written / 1e6:,.0f} MB of traces")
        command = [sys.executable, "-m", "analysis", "report", str(root / "traces"), "-o", str(page)]
        used = run(Contestant(command, {"XDG_CACHE_HOME": str(root / "cache")}))
        size = page.stat().st_size / 1e6
        print(f"report    {used.wall:6.1f} s   {used.peak / 1e6:,.0f} MB at the peak")
        print(f"page      {size:6.1f} MB")
        with chromium(root / "chromium") as browser:
            opened = [_timed(Page(browser, page)) for _ in range(OPENED)]
    usable, unfolded, searched = (median(times) for times in zip(*opened, strict=True))
    print(f"usable    {usable:6.2f} s   the slowest of {OPENED}: {max(times[0] for times in opened):.2f} s")
    print(f"50 turns  {unfolded:6.2f} s   to unfold")
    print(f"search    {searched:6.2f} s   through all texts, with the 0.15 s it waits for more letters")
    kept = size < MEGABYTES and usable < SECONDS
    print(f"limits: {MEGABYTES} MB, {SECONDS} s: {'kept' if kept else 'NOT KEPT'}")
    if not kept:
        raise SystemExit(1)


def _timed(page: Page) -> tuple[float, float, float]:
    return (
        float(page.browser.execute_async_script(_USABLE)),
        float(page.browser.execute_async_script(_UNFOLDED)),
        float(page.browser.execute_async_script(_SEARCHED)),
    )


if __name__ == "__main__":
    main(sys.argv[1:])
