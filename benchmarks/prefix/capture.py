"""Captures of the real Claude Code for `truth`: through the addon, answered by a script that calls tools at once.

The requests are the client's own: its prompt, the results of its tools, its subagents. They hold vendors' prompts, so
they are kept in a cache or a temporary folder, never in the repository.
"""

import shutil
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from tests.support import answers
from tests.support.answers import Block
from tests.support.client import Client
from tests.support.proxy import recording
from tests.support.scripted import Answer, Received, Script, serving, stream
from traces.model import Trace
from traces.storage import store

ALLOWED = ("--allowedTools", "Read,Edit,Write,Bash,Agent")
NO_HEADER = {"CLAUDE_CODE_ATTRIBUTION_HEADER": "0"}
AT_ONCE = 2
"""Clients at the same time, so that sessions interleave as if two people shared a server."""


@dataclass(frozen=True)
class Visit:
    """A session of the client, in a home of its own, or in that of the visit named by `home`.

    asks        how many prompts the user sends: the second and later ones with `--continue`
    calls       the tool calls that the main agent makes for each of them
    subagents   how many of those calls start a subagent; each makes `calls` // 3 calls of its own
    claude_md   length in words of a CLAUDE.md, which the client puts into its first message
    """

    name: str
    asks: int = 1
    calls: int = 8
    subagents: int = 0
    claude_md: int = 0
    arguments: tuple[str, ...] = ()
    environment: Mapping[str, str] | None = None
    home: str | None = None

    @property
    def session(self) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, self.name))


VISITS = (
    Visit("header", asks=3, calls=10),
    Visit("no header", asks=3, calls=10, environment=NO_HEADER),
    Visit("subagents, header", asks=2, calls=9, subagents=2),
    Visit("subagents, no header", asks=2, calls=9, subagents=2, environment=NO_HEADER),
    Visit("older model, header", asks=2, calls=8, arguments=("--model", "claude-sonnet-4-5")),
    Visit("older model, CLAUDE.md", asks=2, calls=8, claude_md=900, arguments=("--model", "claude-sonnet-4-5")),
    Visit("few tools", asks=2, calls=8, arguments=("--tools", "Read,Bash")),
    Visit(
        "own system prompt", calls=8, arguments=("--append-system-prompt", "Answer in verse."), environment=NO_HEADER
    ),
    Visit("many subagents", calls=9, subagents=4, claude_md=300, environment=NO_HEADER),
    Visit("header again", calls=3, home="header"),
    Visit("no header again", calls=3, home="no header", environment=NO_HEADER),
    Visit("header a third time", calls=2, home="header"),
    Visit("no header a third time", calls=2, home="no header", environment=NO_HEADER),
)
SOME_TOOLS = ("--tools", "Agent,Bash,Read,Write")
FEW = (
    Visit("header", asks=2, calls=5, arguments=SOME_TOOLS),
    Visit("no header", asks=2, calls=5, subagents=1, arguments=SOME_TOOLS, environment=NO_HEADER),
)


def record(program: Path, folder: Path, visits: Sequence[Visit] = VISITS) -> list[Trace]:
    """Return all that the client sends during these visits, in the order in which it was sent."""
    with (
        serving(_script(visits)) as server,
        recording(server.url, folder) as proxy,
        ThreadPoolExecutor(AT_ONCE) as clients,
    ):
        for done in [clients.submit(_visit, program, folder / "homes", visit, proxy.url) for visit in visits]:
            done.result()
    shutil.rmtree(folder / "homes")
    return [store.load(file) for file in store.files(folder / "traces")]


def load_or_record(program: Path, folder: Path, visits: Sequence[Visit], fresh: bool = False) -> list[Trace]:
    """Return the same, captured into this folder unless it is there already."""
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        unfinished = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        record(program, unfinished, visits)
        unfinished.rename(folder)
    return [store.load(file) for file in store.files(folder / "traces")]


def _visit(program: Path, homes: Path, visit: Visit, url: str) -> None:
    client = Client(program, homes / (visit.home or visit.name).replace(" ", "-"))
    for number in range(1, 4):
        (client.project / f"notes{number}.txt").write_text("The word is plum.\n" * 10 * number)
    if visit.claude_md:
        (client.project / "CLAUDE.md").write_text("Use tabs. " * (visit.claude_md // 2))
    for number in range(visit.asks):
        which = ("--continue",) if number else ("--session-id", visit.session)
        outcome = client.ask(
            url, f"Task {number} of {visit.name}.", *which, *ALLOWED, *visit.arguments, **(visit.environment or {})
        )
        if outcome.exit_code or outcome.printed["is_error"]:
            raise RuntimeError(f"the client failed in {visit.name!r}: {outcome.printed['result']} {outcome.stderr}")


def _script(visits: Sequence[Visit]) -> Script:
    """Return a script that answers by the conversation of a request, and how many answers are in it already."""
    mains = {visit.session: list(_main(visit)) for visit in visits}
    subs = {visit.session: list(_sub(visit)) for visit in visits}

    def answer(request: Received) -> Answer:
        if request.method != "POST":
            return stream([])
        agent, session = request.header("x-claude-code-agent-id"), request.header("x-claude-code-session-id")
        plan = (subs if agent else mains)[session or ""]
        said = sum(message["role"] == "assistant" for message in request.json["messages"])
        blocks = plan[said] if said < len(plan) else [answers.text("That is all.")]
        return stream(
            answers.events(*blocks, id=f"msg_{agent or session}_{said}")
        )  # the client takes answers with equal ids for one

    return answer


def _main(visit: Visit) -> Iterator[Sequence[Block]]:
    draw = Random(visit.name)
    for ask in range(visit.asks):
        helped = set(draw.sample(range(visit.calls), visit.subagents)) if not ask else set()
        for call in range(visit.calls):
            yield [_agent(call)] if call in helped else _calls(draw, ask * 100 + call)
        yield [answers.text(f"Task {ask} is done: " + "plum " * draw.randrange(60))]


def _sub(visit: Visit) -> Iterator[Sequence[Block]]:
    draw = Random(f"a subagent of {visit.name}")
    for call in range(visit.calls // 3):
        yield _calls(draw, call)
    yield [answers.text("It is plum. " * 8)]


def _agent(number: int) -> Block:
    kind = ("general-purpose", "Explore")[number % 2]
    given = {"description": f"part {number}", "prompt": f"Find the word of part {number}.", "subagent_type": kind}
    return answers.tool("Agent", f"toolu_agent_{number}", **given)


def _calls(draw: Random, number: int) -> list[Block]:
    """Return a tool call or two, sometimes after some text or thinking."""
    before = draw.choice([[], [], [answers.text("Let me look at that. " * draw.randrange(1, 6))], [THOUGHT]])
    return [*before, *islice((_call(draw, f"toolu_{number}_{at}") for at in range(2)), draw.choice([1, 1, 2]))]


THOUGHT = answers.thinking("The word should be in one of the notes; I look there before I say anything.")


def _call(draw: Random, id: str) -> Block:
    lines = draw.choice([3, 20, 120])
    file = f"made{draw.randrange(10**6)}.txt"
    made: list[tuple[str, dict[str, Any]]] = [
        ("Read", {"file_path": f"notes{draw.randrange(1, 4)}.txt"}),
        ("Bash", {"command": f"seq 1 {lines}", "description": f"Count to {lines}"}),
        ("Bash", {"command": "ls; false", "description": "Fail"}),
        ("Write", {"file_path": file, "content": "äöü – 梨 = {}\n" * lines}),
    ]
    name, given = draw.choice(made)
    return answers.tool(name, id, **given)
