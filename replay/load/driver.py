"""A load, level by level: what every level needs is made once, and each is played by a placement."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from replay.load.plan import Level, LoadPlan
from replay.load.predicted import Predictor
from replay.load.processes import Local, Lost, Placement
from replay.load.rows import Row
from replay.load.script import Scripts
from replay.load.worker import Job


@dataclass(frozen=True, slots=True)
class LevelRun:
    """A level that was played, with its rows in the order in which they were sent.

    run        from 1: which of the load's runs it was
    start_at   when it began, in seconds since the epoch
    lost       the parts that died, with their lanes
    gave_up    why it ended before its time; "" where it didn't
    stopped    whether the user ended it
    """

    level: Level
    run: int
    start_at: float
    rows: tuple[Row, ...] = field(repr=False)
    lost: tuple[Lost, ...] = ()
    gave_up: str = ""
    stopped: bool = False


class Stopped(KeyboardInterrupt):
    """The user ended a load. `run` is what was finished of its last level."""

    def __init__(self, run: LevelRun) -> None:
        super().__init__()
        self.run = run


@dataclass(frozen=True, slots=True)
class Watch:
    """What is told while a level is played: each row, and now and then the seconds since it began."""

    on_row: Callable[[Row], None] = lambda row: None
    on_tick: Callable[[float], None] = lambda elapsed: None


class Driver:
    """Plays levels one after the other. What a server's cache may hold of earlier ones is known to later ones."""

    def __init__(self, plan: LoadPlan, scripts: Scripts, placement: Placement | None = None) -> None:
        self._plan = plan
        self._scripts = scripts.scripts
        self._placement = placement or Local()
        self._load = uuid.uuid4().hex
        self._predictor = Predictor(scripts.scripts)
        self._runs = 0

    def levels(self, watch: Watch) -> Iterator[LevelRun]:
        """Play all levels of the plan, each as often as it says; end where the server is gone.

        Raises Stopped.
        """
        for _ in range(self._plan.repeats):
            for level in self._plan.levels:
                played = self.play(level, watch)
                yield played
                if played.gave_up:
                    return

    def play(self, level: Level, watch: Watch, max_requests: int | None = None) -> LevelRun:
        """Play one level, whether it is the plan's or not. Raises Stopped with what was finished.

        It ends after so many requests, or after as many as the plan allows: what is less.
        """
        most = min((most for most in (max_requests, self._plan.max_requests) if most is not None), default=None)
        self._runs += 1
        rows: list[Row] = []

        def on_row(row: Row) -> None:
            rows.append(row)
            watch.on_row(row)

        job = Job(replace(self._plan, max_requests=most), level, self._runs, self._load, self._scripts)
        try:
            placed = self._placement.play(job, on_row, watch.on_tick)
        except KeyboardInterrupt:
            raise Stopped(self._run(level, rows, stopped=True)) from None
        return replace(
            self._run(level, rows),
            start_at=placed.start_at,
            lost=placed.lost,
            gave_up=next((ended.gave_up for ended in placed.ended if ended.gave_up), ""),
        )

    def _run(self, level: Level, rows: list[Row], stopped: bool = False) -> LevelRun:
        start_at = rows[0].at - rows[0].sent if rows else 0.0
        return LevelRun(level, self._runs, start_at, tuple(self._predictor.fill(rows)), stopped=stopped)
