"""What the user sees of the proxy's log: warnings always, each trace with ANYCLAUDE_DEBUG=1, at the end a summary."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

from traces.running import Spent

SAVED = re.compile(r"Trace saved: (?P<path>.+?\.json)(?P<more>\s.*)?$")
SPENT = re.compile(r"Budget: (?P<words>.+?)(?: \((?P<percent>\d+)%\))?$")
WARNINGS = ("WARNING", "ERROR", "CRITICAL")
NOTHING_PASSED = "no request to a model went through the proxy"


class Report:
    """Passes log messages on to `say`: at once, or at the end where Claude Code uses the screen (`hold`)."""

    def __init__(
        self,
        say: Callable[[str], None],
        now: Callable[[], str],
        debug: int = 0,
        hold: bool = False,
        on_spent: Callable[[Spent], None] = lambda _: None,
    ) -> None:
        self.traces: list[Path] = []
        self._on_spent = on_spent
        self._say = say
        self._now = now
        self._debug = debug
        self._held: list[str] | None = [] if hold else None
        self._warned: set[str] = set()
        self._spent = ""

    def on_log(self, level: str, message: str) -> None:
        """Take a message of the proxy's log, and say it if the user wants to see it."""
        saved = SAVED.search(message)
        if saved:
            self.traces.append(Path(saved["path"]))
        if spent := SPENT.match(message):
            self._spent = spent["words"]
            self._on_spent(Spent(spent["words"], int(spent["percent"]) if spent["percent"] else None))
        if level in WARNINGS:
            if message not in self._warned:
                self._warned.add(message)
                self._print(f"{level.lower()}: {message}")
        elif self._debug >= 2 or (saved and self._debug == 1):
            self._print(f"{self._now()} {message}")

    def finish(self, trace_dir: str = "") -> None:
        """Say what was held back, and which traces there are. `trace_dir` is the root, unless it's the usual one."""
        held, self._held = self._held or [], None
        for line in held:
            self._print(line)
        if self._spent:
            self._print(f"budget: {self._spent}")
        if not self.traces:
            self._print(f"no traces: {NOTHING_PASSED}")
            return
        count = "1 trace" if len(self.traces) == 1 else f"{len(self.traces)} traces"
        folders = ", ".join(sorted({str(path.parent) for path in self.traces}))
        where = f"ANYCLAUDE_TRACE_DIR={shlex.quote(trace_dir)} " if trace_dir else ""
        self._print(f"{count} in {folders}; to look at the latest: {where}trace-analyzer analyze latest")

    def _print(self, line: str) -> None:
        if self._held is None:
            self._say(f"anyclaude: {line}")
        else:
            self._held.append(line)
