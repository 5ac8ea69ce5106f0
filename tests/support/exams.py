"""A recorded session for exams, and a server of models whose every answer is known.

The session works in /src: it reads, runs a command, edits, reads two files at once, starts a subagent, and says so.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from replay.exam import examiner, questions
from replay.exam.asking import Answer, Candidate
from replay.exam.grade import Grade, grade
from replay.exam.questions import Paper
from replay.exchange import ReplayError, Sent
from replay.prepare.prepare import prepare
from replay.request import Options, Run, Target
from replay.result import ReplayResult
from replay.results import files
from replay.run import verdict
from replay.run.pipeline import failed_result
from replay.run.schedule import ref_of
from replay.session import steps
from replay.session.turn import read_trace
from tests.support import answers, replays, scripted, talks
from tests.support.answers import Block
from traces.dialects import DEFAULT
from traces.model import Trace
from traces.sessions import lookup
from traces.sessions.model import Session

Blocks = Sequence[Block]


def _tool(name: str, required: Sequence[str], **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return {"name": name, "description": f"{name} does what its name says. " * 10, "input_schema": schema}


TEXT, NUMBER = {"type": "string"}, {"type": "number"}

TOOLS = [
    _tool("Read", ["file_path"], file_path=TEXT, offset=NUMBER, limit=NUMBER),
    _tool("Bash", ["command"], command=TEXT, description=TEXT),
    _tool("Edit", ["file_path", "old_string", "new_string"], file_path=TEXT, old_string=TEXT, new_string=TEXT),
    _tool("Task", ["prompt"], prompt=TEXT, subagent_type=TEXT),
]

EDIT = {"file_path": "/src/a.py", "old_string": "x = 1\ny = 2", "new_string": "x = 1\ny = 3"}

RECORDED: Sequence[Blocks] = (
    [answers.text("I read it."), answers.tool("Read", "t1", file_path="/src/a.py")],
    [answers.tool("Bash", "t2", command="ls -la", description="List all files")],
    [answers.tool("Edit", "t3", **EDIT)],
    [answers.tool("Read", "t4", file_path="/src/a.py"), answers.tool("Read", "t5", file_path="/src/b.py")],
    [answers.tool("Task", "t6", prompt="Look for all uses of y.", subagent_type="search")],
    [answers.text("It is done.")],
)
"""What the recorded model answered, turn by turn."""

ALIKE: Sequence[Blocks] = (
    [answers.tool("Read", "u1", file_path="./lib/../a.py")],
    [answers.tool("Bash", "u2", command="ls  -al", description="Show what is there")],
    [answers.tool("Edit", "u3", file_path="a.py", old_string="y = 2", new_string="y = 3")],
    [answers.tool("Read", "u4", file_path="b.py"), answers.tool("Read", "u5", file_path="a.py")],
    [answers.tool("Task", "u6", prompt="Look for all  uses of y", subagent_type="search")],
    [answers.text("Done.")],
)
"""What means the same."""

WRONG: Sequence[Blocks] = (
    [answers.tool("Read", "v1", file_path="/src/c.py", encoding="utf-8")],
    [answers.text("I would list the files.")],
    [answers.tool("Write", "v3", file_path="/src/a.py")],
    [answers.tool("Read", "v4", file_path="/src/a.py")],
    [answers.tool("Task", "v6", prompt=["a", "list"])],
    [answers.tool("Bash", "v7", command="git commit -m done")],
)
"""A mistake of another kind in every turn: a made-up parameter and another file; no call; a made-up tool; one call of
two; an argument that doesn't fit; a call where there was none."""


def session(model: str = "recorded", *, repeat: int = 1) -> talks.Talk:
    """Return the recorded session; `repeat` makes it as many times as long."""
    talk = talks.Talk()
    messages: list[Any] = [talks.user("Make y three.")]
    for blocks in [*RECORDED] * repeat:
        said = {"role": "assistant", "content": [dict(block) for block in blocks]}
        talk.ask(talks.body(*messages, tools=TOOLS, model=model, max_tokens=4000), said)
        calls = [block["id"] for block in blocks if block["type"] == "tool_use"]
        results = [talks.result(id, "x = 1\ny = 2")["content"][0] for id in calls]
        messages += [said, {"role": "user", "content": results} if results else talks.user("And now once more.")]
    return talk


def script(models: Mapping[str, Sequence[Blocks]]) -> scripted.Script:
    """Return what a server of these models answers."""

    def answer(request: scripted.Received) -> scripted.Answer:
        if request.path == "/v1/models":
            return scripted.whole({"object": "list", "data": [{"id": model, "object": "model"} for model in models]})
        if request.method != "POST" or len(request.body) < 500 or "count_tokens" in request.path:
            return scripted.whole({"error": {"message": "no such path"}}, status=404)
        asked = request.json
        blocks = models[asked["model"]]
        turn = sum(message["role"] == "assistant" for message in asked["messages"])
        return scripted.stream(answers.events(*blocks[turn % len(blocks)], model=asked["model"]))

    return answer


@contextmanager
def serving(**models: Sequence[Blocks]) -> Iterator[scripted.ScriptedServer]:
    """Serve models by name, each with its answers, turn by turn. It speaks Anthropic's format (`--dialect`)."""
    with scripted.serving(script(models)) as server:
        yield server


def asked(server: scripted.ScriptedServer) -> list[str]:
    """Return the models that were asked a question, once for each."""
    return [post.json["model"] for post in server.posts if len(post.body) >= 500 and "stream" in post.json]


ANTHROPIC = ("--dialect", DEFAULT)


TARGET = Target("http://localhost:8080", "llamacpp", server="llamacpp")


def result(trace: Trace, *blocks: Block, model: str = "m", number: int = 1, started: str = "") -> ReplayResult:
    """Return the result of asking a model, which answered with these blocks."""
    prepared = prepare(trace, TARGET, model, Options(), "")
    sent = Sent(
        prepared,
        started or f"2026-11-27T10:00:{number:02}.000Z",
        status=200,
        message=answers.message(*blocks, model=model),
        total=1.5,
    )
    return replays.result(
        model,
        ttft=0.5,
        generation=1.0,
        target=TARGET,
        run=Run(ref_of(trace), model, number),
        started=sent.started,
        message=sent.message,
        verdicts=verdict.judge(trace, sent),
    )


def graded(recorded: Blocks, answered: Blocks, tools: Sequence[Any] = TOOLS) -> Grade:
    """Return the grade of an answer to a request with these tools, whose recorded answer is the other one."""
    said = {"role": "assistant", "content": [dict(block) for block in recorded]}
    [trace] = talks.Talk().ask(talks.body(talks.user("Go on."), tools=list(tools)), said).traces
    return grade(trace, result(trace, *answered))


def read(folder: Path) -> tuple[Session, Paper]:
    """Return the session in a folder, and the questions that it holds."""
    found = steps.join(lookup.find(str(folder), []))
    return found, questions.paper(found, None, 0)


def answered(paper: Paper, model: str, blocks: Sequence[Blocks], number: int = 1) -> list[Answer]:
    """Return a model's answers to all questions, graded."""
    asked = Candidate(model, {DEFAULT: TARGET}, None, paper.questions)
    found = []
    for question, said in zip(paper.questions, blocks, strict=False):
        trace = read_trace(question.step)
        came = result(trace, *said, model=model, number=number)
        found.append(Answer(question, asked, number, came, grade(trace, came)))
    return found


def documents(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield reports in which all that a report can hold occurs, and each that can be missing is missing once."""
    session, paper = read(folder)
    plan = examiner.Plan(session, [], [], None, folder, "table", Options(), runs=2)
    earlier = folder / "2026-11-20T10-00-00-000"
    for answer in answered(paper, "wrong", ALIKE):
        files.save(replace(answer.result, started="2026-11-20T10:00:00.000Z"), earlier)
    open_ = [*ALIKE[:4], [answers.tool("Task", prompt="Find y.", subagent_type="search")]]
    all_answers = [
        *answered(paper, "alike", open_),
        *answered(paper, "wrong", WRONG),
        *answered(paper, "wrong", ALIKE, number=2),
        *answered(paper, "recorded", RECORDED),
    ]
    yield examiner.full_report(plan, paper, all_answers, [earlier])
    [first, *_] = answered(paper, "gone", RECORDED[:1])
    error = failed_result(first.result.run, TARGET, ReplayError("refused", "nothing listens there"))
    paper = replace(paper, left_out=["1 side request"])
    yield examiner.full_report(plan, paper, [replace(first, result=error, grade=None)], [])
