"""The command `trace-replayer load`, and its options."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from replay import cli_options as options
from ui.cli import format_option, report_skipped, trace_names
from ui.terminal import printable, say

Value = TypeVar("Value")


def _reading(read: Callable[[str], Value]) -> Callable[[click.Context, click.Parameter, str | None], Value | None]:
    """Return a callback that reads an option's text, and reports what is wrong with it."""

    def callback(context: click.Context, parameter: click.Parameter, value: str | None) -> Value | None:
        try:
            return None if value is None else read(value)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error

    return callback


def _span(text: str) -> float:
    from replay.load import spans

    return spans.parse_span(text)


def _agents(text: str) -> object:
    from replay.load.plan import Agents

    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and int(part) for part in parts):
        raise ValueError(f"{text!r}: agents are written as in 8, or as in 1,2,4,8 for one level after the other")
    return tuple(Agents(int(part)) for part in parts)


def _rates(text: str) -> object:
    from replay.load import spans

    return tuple(spans.parse_rate(part) for part in text.split(","))


def _think(text: str) -> float:
    if text in ("recorded", "none"):
        return float(text == "recorded")
    number = text.removesuffix("x")
    if not number.replace(".", "", 1).isdigit():
        raise ValueError(f"{text!r}: it is `recorded`, `none`, or a multiple such as 0.5x")
    return float(number)


def _share(text: str) -> float:
    number = text.removesuffix("%")
    if not number.replace(".", "", 1).isdigit() or not 0 < float(number) < 100:
        raise ValueError(f"{text!r}: it is a share of turns between 0% and 100%, as in 90%")
    return float(number) / 100


def _objectives(text: str) -> object:
    from replay.load import objectives

    return objectives.parse(text)


def _fixes(text: str) -> tuple[str, ...]:
    from replay.session.turn import parse_variants

    variants = parse_variants(text)
    if len(variants) > 1:
        raise ValueError("a load has one set of fixes: A+B combines several")
    return variants[0].fixes


@click.command("load")
@click.argument("names", metavar="SESSION|FOLDER|FILE|latest...", nargs=-1, required=True, shell_complete=trace_names)
@options.target_option
@click.option("--model", metavar="M", help="Model to send all turns to.  [default: the one that is loaded]")
@options.dialect_option
@click.option(
    "--agents",
    metavar="N[,N...]",
    callback=_reading(_agents),
    help="Agents at work at once; several levels are played one after the other.  [default: 1,2,4,8]",
)
@click.option(
    "--rate",
    "rates",
    metavar="N/min[,...]",
    callback=_reading(_rates),
    help="Instead: so many sessions begin a minute, however many are still at work.",
)
@click.option(
    "--clock",
    type=click.Choice(["poisson", "constant"]),
    default="poisson",
    show_default=True,
    help="How sessions begin with --rate: at random, or evenly.",
)
@click.option(
    "--duration",
    metavar="TIME",
    default="60s",
    show_default=True,
    callback=_reading(_span),
    help="How long each level lasts: 90s, 5m. What is under way then is waited for.",
)
@click.option(
    "--warmup", metavar="TIME", default="0s", callback=_reading(_span), help="Turns sent before this don't count."
)
@click.option(
    "--ramp", metavar="TIME", default="0s", callback=_reading(_span), help="The agents begin within this time, evenly."
)
@click.option(
    "--think",
    metavar="recorded|none|Nx",
    default="recorded",
    show_default=True,
    callback=_reading(_think),
    help="How long tools and the person take before a turn.",
)
@click.option(
    "--longest-pause",
    metavar="TIME",
    default="60s",
    show_default=True,
    callback=_reading(_span),
    help="No pause is longer: nobody waits for a person who went to lunch.",
)
@click.option(
    "--answers",
    type=click.Choice(["recorded", "live"]),
    default="recorded",
    show_default=True,
    help="Whose answers a turn's history holds. recorded: every run sends the same. live: the model's own.",
)
@click.option(
    "--shared",
    type=click.Choice(["prefix", "nothing", "all"]),
    default="prefix",
    show_default=True,
    help="What the agents' prompts have in common, for the server's cache. prefix: tools and system prompt.",
)
@click.option(
    "--slo",
    "objectives",
    metavar="ttft=5s,gap=100ms,turn=30s",
    default="ttft=5s",
    show_default=True,
    callback=_reading(_objectives),
    help="What a good turn meets: ttft, answer, gap, gap_p99, action, turn.",
)
@click.option(
    "--fix",
    "fixes",
    metavar="A+B",
    default="none",
    show_default=True,
    callback=_reading(_fixes),
    help="Fixes for prefix breaks that every request gets, as with `session`.",
)
@click.option("--max-tokens", type=click.IntRange(min=1), metavar="N", help="Limit each answer to N tokens.")
@click.option(
    "--requests", "max_requests", type=click.IntRange(min=1), metavar="N", help="End a level after N requests."
)
@click.option("--runs", "repeats", type=click.IntRange(min=1), default=1, help="How often the levels are played.")
@click.option(
    "--find-knee", is_flag=True, help="Raise the agents until too few turns are good: how many does it carry?"
)
@click.option(
    "--goal",
    metavar="PERCENT",
    default="90%",
    show_default=True,
    callback=_reading(_share),
    help="With --find-knee: the share of turns that must be good.",
)
@click.option("--most-agents", type=click.IntRange(min=1), default=256, show_default=True, help="With --find-knee.")
@click.option(
    "--budget-requests",
    type=click.IntRange(min=1),
    metavar="N",
    help="With --find-knee: end the search after so many requests in all.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed sends the same, at the same times.")
@click.option(
    "--processes",
    type=click.IntRange(min=1),
    metavar="N",
    help="Processes of this client.  [default: one for every 16 agents, at most one a core]",
)
@click.option(
    "--cluster",
    metavar="ADDRESS|local:N",
    help="Play on the workers of a Dask cluster: its scheduler (tcp://HOST:8786), or local:N for N processes here.",
)
@click.option("--keep-stamps", is_flag=True, help="Keep the time of every content chunk in the rows.")
@options.load_sending_options
@click.option("-o", "--output", "folder", type=click.Path(path_type=Path, file_okay=False), default="trace-loads")
@format_option
def load(
    names: tuple[str, ...],
    target: str | None,
    model: str | None,
    dialect: Any,
    agents: Any,
    rates: Any,
    clock: Any,
    think: float,
    longest_pause: float,
    find_knee: bool,
    goal: float,
    most_agents: int,
    budget_requests: int | None,
    processes: int | None,
    cluster: str | None,
    system_role: Any,
    folder: Path,
    style: str,
    **more: Any,
) -> None:
    """Play recorded sessions by many agents at once: how many can this server carry?

    An agent plays a session's turns in order, waits as long as tools and the person took, and then takes the next
    session. Each request is a row in ./trace-loads.

    \b
    --agents 1,2,4,8             one level after the other, each for --duration
    --rate 6/min                 sessions begin whether or not the server keeps up
    --slo ttft=5s,turn=30s       which turns are good ones
    --find-knee                  the most agents for whom 9 of 10 turns are good (--goal)
    """
    from replay.load import player
    from replay.load.knee import Goal
    from replay.load.plan import Agents, Arrivals, LoadPlan, Think
    from replay.load.processes import Local

    if agents and rates:
        raise click.UsageError("--agents and --rate can't be combined: a load is one or the other.")
    if find_knee and (rates or len(agents or ()) > 1):
        raise click.UsageError(
            "--find-knee raises the agents by itself: it takes no --rate, and one number of --agents."
        )
    if budget_requests and not find_knee:
        raise click.UsageError("--budget-requests bounds a search: use it with --find-knee, or --requests without.")
    levels = agents or tuple(Arrivals(rate, clock) for rate in rates or ()) or tuple(map(Agents, (1, 2, 4, 8)))
    try:
        knee = Goal(goal, levels[0].count if agents else 1, most_agents, budget_requests) if find_knee else None
        plan = LoadPlan(levels, think=Think(think, longest_pause), knee=knee, **more)
    except ValueError as error:
        raise click.UsageError(f"{str(error)[0].upper()}{str(error)[1:]}.") from error
    if cluster and processes:
        raise click.UsageError("--processes is for this machine: the workers of --cluster are as many as were started.")
    asked = player.Asked(names, target, model, dialect, folder, style, plan, system_role, Local(processes))
    with report_skipped() as skipped:
        sessions = player.sessions_of(names, skipped)
    if cluster is None:
        raise SystemExit(player.play(asked, sessions))
    from cluster import connected
    from replay.load.on_cluster import OnCluster

    with connected(cluster) as nodes:
        placement = OnCluster(nodes)
        code = player.play(replace(asked, placement=placement), sessions)
    for clock in placement.clocks:
        say(printable(clock), error=style != "table")
    raise SystemExit(code)
