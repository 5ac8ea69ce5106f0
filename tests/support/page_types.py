"""The types of the pages' data, for their scripts: `python -m tests.support.page_types` writes web/src/data.d.ts.

They are derived from pages of made-up exchanges, sessions and comparisons, in which every figure occurs, and each that
can be unknown is missing at least once.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.diff.document import SUMS
from analysis.diff.report import DiffReport
from analysis.diff.report import report as diff
from analysis.exchange.breakdown import breakdowns
from analysis.exchange.report import report
from analysis.tokens.counters import counter
from analysis.web import diff_page, session_page, trace_page
from analysis.web.server import with_stamp
from analysis.web.watch import SessionFolder
from replay import comparison_page
from replay.load import page as load_page
from replay.request import Run, TraceRef, Variant
from tests.support import answers, exams, replays, side_by_side, synthetic
from tests.support.load_rows import loads
from tests.support.talks import SESSION, Talk, body, called, result, said, system, user
from tests.support.typescript import MAP, Names, interfaces
from traces import running
from traces.model import TIMES_UNKNOWN, UNKNOWN_SECTIONS, Ids, Odd, Origin, Response, Timing, Trace
from traces.numbers_only import without_text
from traces.sessions import lookup
from ui.anonymize import anonymize

FILE = Path(__file__).parents[2] / "web" / "src" / "data.d.ts"

HEAD = """\
// Made by `make web` from the pages' data: python -m tests.support.page_types. Don't edit it.

"""

OWN = """\
/** [from, to]: the numbers from … to - 1; [from, to, list]: what an earlier list has at these indexes. */
type Stretch = [number, number] | [number, number, number];

/** These characters, the text at this index, or [the items of this list]. */
type Piece = string | number | [number];

/** When a chunk came, what it held, and how many characters. */
type Arrival = [number | null, string, number];

/** A request under load: its lane; when it was sent, its first token, its end; failure, whether it was good; its place;
 * tokens of the prompt, from the cache, and what could have been from there. */
type LoadRow = [
  lane: number,
  sent: number,
  ttft: number | null,
  total: number,
  error: string | null,
  good: number,
  turn: number,
  agent: string,
  input: number | null,
  cached: number | null,
  predicted: number | null,
];

/** What a server told: when, requests that run and wait, and the share of its KV cache that is used. */
type LoadSample = [at: number, running: number | null, waiting: number | null, used: number | null];

/** How many answers passed, and of how many. */
type Passed = [number, number];

"""

PAGES = ("TracePage", "SessionsPage", "ComparisonPage", "DiffPage", "ListPage")

NAMES = Names(
    parts={
        **{(page, "parts"): "Part" for page in PAGES},
        **{(page, "running"): "Spent" for page in (*PAGES, "ExamPage")},
        ("TracePage", "exchanges"): "TraceExchange",
        ("TraceExchange", "report"): "TraceReport",
        ("TraceExchange", "measures"): "MeasuredRow",
        ("ComparisonPage", "measures"): "MeasureRow",
        ("TraceExchange", "raw"): "Raw",
        ("TraceReport", "tools"): "ToolRow",
        ("TraceReport", "system"): "BlockRow",
        ("TraceReport", "messages"): "MessageRow",
        ("TraceReport", "timing"): "Timing",
        ("TraceExchange", "upstream"): "Upstream",
        ("Upstream", "raw"): "Raw",
        ("TraceReport", "upstream"): "UpstreamReport",
        ("UpstreamReport", "timing"): "UpstreamTiming",
        ("Raw", "request"): "RawRequest",
        ("Raw", "response"): "RawResponse",
        ("SessionsPage", "sessions"): "PageSession",
        ("PageSession", "report"): "SessionReport",
        ("PageSession", "cache"): "Cache",
        ("PageSession", "exchanges"): "Exchange",
        ("PageSession", "timeline"): "Span",
        ("PageSession", "causes"): "Cause",
        ("Exchange", "raw"): "Raw",
        ("SessionReport", "turns"): "Turn",
        ("SessionReport", "agents"): "Agent",
        ("SessionReport", "time"): MAP,
        ("Turn", "timing"): "Timing",
        ("Cache", "turns"): "CacheTurn",
        ("Cache", "losses"): MAP + "Loss",
        ("Cache", "remedies"): "Remedy",
        ("CacheTurn", "breaks"): "Break",
        ("ComparisonPage", "report"): "ComparisonReport",
        ("ComparisonPage", "requests"): "Contender",
        ("Contender", "questions"): MAP,
        ("Contender", "runs"): "ComparedRun",
        ("ComparedRun", "measures"): MAP,
        ("ComparisonReport", "comparisons"): "Comparison",
        ("ComparisonReport", "across_requests"): "Across",
        ("Comparison", "models"): "ModelRow",
        ("Comparison", "differences"): MAP + "Differences",
        ("Comparison", "wrong"): "Judged",
        ("Comparison", "unjudged"): "Judged",
        ("Comparison", "failures"): "FailedRun",
        ("Comparison", "control"): "Control",
        ("Comparison", "variants"): "Changed",
        ("Changed", "effects"): "Effect",
        ("Control", "others"): "Agreement",
        ("Differences", "others"): MAP + "Difference",
        ("ListPage", "rows"): "SessionRow",
        ("ExamPage", "checks"): "ExamCheck",
        ("ExamPage", "kinds"): "ExamKind",
        ("ExamPage", "models"): "ExamModel",
        ("ExamPage", "mistakes"): "ExamMistake",
        ("ExamPage", "pairs"): "ExamPair",
        ("ExamPage", "failures"): "ExamFailure",
        ("ExamPage", "answers"): "ExamAnswer",
        ("ExamPage", "drift"): "ExamDrift",
        ("ExamModel", "tools"): "ExamTool",
        ("ExamDrift", "share_now"): "Share",
        ("ExamDrift", "share_then"): "Share",
        ("LoadPage", "loads"): "Load",
        ("LoadPage", "running"): "Spent",
        ("Load", "levels"): "Level",
        ("Load", "runs"): "LoadRun",
        ("DiffPage", "report"): "DiffReport",
        ("DiffPage", "turns"): "TurnParts",
        ("DiffReport", "left"): "SessionName",
        ("DiffReport", "right"): "SessionName",
        ("DiffReport", "turns"): "DiffTurn",
        ("DiffReport", "sums"): "Sums",
        ("DiffReport.prompt", "parts"): "PartChange",
        **{("Sums", name): "ComparedSum" for name in SUMS},
    },
    types={
        **{(page, name): "Stretch[][]" for page in PAGES for name in ("lists", "itemLists")},
        **{(page, "items"): "Piece[][]" for page in PAGES},
        **{(page, "texts"): "string[]" for page in PAGES},
        ("ExamModel", "checks"): "Record<string, Share | null>",
        ("ExamTool", "checks"): "Record<string, Share | null>",
        ("ExamPage", "settings"): "Record<string, unknown>",
        ("RawRequest", "headers"): "Record<string, string>",
        ("MeasuredRow", "kind"): "Page.Kind",
        ("MeasureRow", "kind"): "Page.Kind",
        ("MeasureRow", "key"): "keyof ModelRow",
        ("LoadRun", "rows"): "LoadRow[]",
        ("LoadRun", "samples"): "LoadSample[]",
        ("RawResponse", "headers"): "Record<string, string>",
        ("RawRequest", "body"): "Piece[]",
        ("RawResponse", "body"): "Piece[]",
        ("TraceExchange", "arrivals"): "Arrival[]",
        ("ComparedRun", "arrivals"): "Arrival[]",
        ("Contender", "questions"): "Record<string, Passed>",
        ("ComparedRun", "measures"): "Record<string, number | null>",
    },
)


def declarations() -> str:
    """Return what the file should say."""
    documents = {
        "TracePage": [page for trace in _exchanges() for page in _variants(_trace_page(trace))],
        "SessionsPage": [page for talk in _talks() for each in [_sessions_page(talk)] for page in _variants(each)],
        "ComparisonPage": [page for given in _results() for page in _variants(comparison_page.data(given))],
        "ExamPage": [page for given in _exams() for page in _variants(given)],
        "LoadPage": list(_variants(load_page.data(loads()))),
        "DiffPage": [page for given in _pairs() for page in _variants(diff_page.data(given))],
        "ListPage": [_list_page(talk) for talk in [*_talks(), Talk()]],
    }
    lines = (OWN + interfaces(documents, NAMES)).splitlines()
    indented = "".join(f"  {line}".rstrip() + "\n" for line in lines)
    return f"{HEAD}declare namespace Data {{\n{indented}}}\n"


_RUNNING = [running.Spent("$4.12 of $5.00 spent", 82)._asdict(), running.Spent("12 new tokens spent")._asdict()]


def _variants(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a page as it is written, as it is shared, and as it is served."""
    served = {**with_stamp(data), "live": True, "running": _RUNNING}
    for page in (anonymize(data, None), anonymize(data, "numbers"), served):
        yield {"version": "0.1.0", **page}


def _exchanges() -> list[Trace]:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}}
    messages = [{"role": "user", "content": [image]}]
    unknown = replace(synthetic.text(), events=(), timing=Timing(), response=None)
    tools = [{"name": "mcp__github__search", "description": "?", "input_schema": {}}]
    offered = synthetic.with_body({"model": None, "tools": tools, "system": [], "messages": messages})
    marked = replace(synthetic.text(), odd=Odd(1, "{"), marks=("odd_events",))
    changed = [synthetic.translated(), synthetic.translated(failed=True)]
    return [synthetic.tool_call(), synthetic.text(), synthetic.failed(), offered, unknown, marked, *changed, _told()]


def _told() -> Trace:
    """Return an exchange as a transcript tells of it."""
    lacking = (*UNKNOWN_SECTIONS, TIMES_UNKNOWN)
    return replace(synthetic.text(), events=(), timing=Timing(), marks=lacking, origin=Origin("claude-transcript", "1"))


def _trace_page(trace: Trace) -> dict[str, Any]:
    [counted] = breakdowns([(trace, counter("o200k_base"))])
    return trace_page.data(report(counted))


def _talks() -> list[Talk]:
    usage = {"input_tokens": 900, "cache_read_input_tokens": 50, "output_tokens": 8}
    question, read = user("What is in it?"), called("Read", "t1", path="/etc/hosts")
    talk = Talk(mode="lmstudio")
    talk.ask(body(question, system=system("cch=11111;")), read, usage=usage)
    talk.ask(body(user("Look for it."), tools=[]), said("It is there."), agent="a1")
    talk.ask(body(question, read, result("t1", "localhost"), system=system("cch=22222;")), said("A host."), usage=usage)
    refused = replace(synthetic.failed(), ids=Ids(SESSION), response=Response(529, {}, answers.message()))
    untimed = [replace(trace, timing=Timing(), events=()) for trace in talk.traces]
    nameless = [replace(trace, ids=Ids(), request=replace(trace.request, body={"messages": []})) for trace in untimed]
    pruned = [without_text(trace) for trace in talk.traces]
    return [
        talk,
        *(Talk(traces=each) for each in ([refused], [synthetic.text()], untimed, nameless, pruned, [_told()])),
    ]


def _sessions_page(talk: Talk) -> dict[str, Any]:
    with _written(talk) as root:
        return session_page.SessionsPage().data(lookup.find(str(root), []))


def _pairs() -> list[DiffReport]:
    """Return reports of sessions that differ in all there is, and one where nothing was answered."""
    refused = Talk(traces=[replace(synthetic.failed(), ids=Ids(SESSION), response=Response(529, {}, None))])
    untimed = Talk(traces=[replace(trace, timing=Timing(), events=()) for trace in side_by_side.newer().traces])
    nameless = Talk(traces=[replace(trace, request=replace(trace.request, headers={})) for trace in untimed.traces])
    pairs = [
        (side_by_side.older(), side_by_side.newer()),
        (side_by_side.older(), side_by_side.fork()),
        (side_by_side.fork(), untimed),
        (nameless, nameless),
        (refused, side_by_side.older()),
        (refused, refused),
    ]
    return [diff(left.sessions[0], right.sessions[0]) for left, right in pairs]


def _exams() -> list[dict[str, Any]]:
    """Return the reports of an exam of several models compared with an earlier one, and of one that nobody answered."""
    with _written(exams.session()) as folder:
        return [*exams.documents(folder)]


def _list_page(talk: Talk) -> dict[str, Any]:
    with _written(talk) as root:
        return {"version": "0.1.0", **with_stamp(SessionFolder(root).sessions()), "running": _RUNNING}


@contextmanager
def _written(talk: Talk) -> Iterator[Path]:
    """Yield a folder with the traces of a session."""
    with TemporaryDirectory() as folder:
        synthetic.write_all(talk.traces, Path(folder))
        yield Path(folder)


def _results() -> list[list[Any]]:
    other = TraceRef("other", "0ff", "claude-sonnet-4-5", messages=1, tools=0)
    message = answers.message(answers.text("Here it is."), answers.tool("Read"))
    fast = replays.runs("fast", [0.9, 1.0, 1.1, 1.0, 1.2, 0.8], verdicts=replays.RIGHT, message=message)
    slow = replays.runs("slow", [2.9, 3.0, 3.1, 3.0, 3.2, 2.8], verdicts=replays.wrong(), doubts=("busy",))
    own = replays.runs("claude-sonnet-4-5", [1.0, 1.1], verdicts=replays.RIGHT)
    again = [replace(run, run=Run(other, run.run.model, run.run.round, seed=7)) for run in [*fast, *slow]]
    odd = replays.result(
        "odd", tokens=None, decode=None, usage=None, verdicts=replays.unjudged(), tool=1.0, notes=("?",)
    )
    variant = Variant("shorter", "d16e57", ("-a", "+b"))
    changed = [replace(run, run=replace(run.run, variant=variant), verdicts=replays.wrong()) for run in fast]
    alone = replace(odd, run=replace(odd.run, model="alone", variant=variant))
    return [
        [*fast, *changed, alone],
        [*fast, *slow, *own, odd, replays.failed()],
        [*fast, *slow, *again],
        [replays.failed("gone", 1, "no server")],
    ]


if __name__ == "__main__":
    os.environ["XDG_CACHE_HOME"] = os.devnull  # counts are made anew
    FILE.write_text(declarations())
