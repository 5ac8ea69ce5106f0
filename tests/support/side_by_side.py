"""Sessions to be compared: one task, done by two versions of a client, and a session that was forked from another."""

from dataclasses import replace
from typing import Any

from tests.support import talks
from tests.support.talks import Body, Talk, body, called, reminder, result, said, system, tool, user
from traces.model import Trace

OLD = "0ld00000-0000-4000-8000-000000000001"
NEW = "4e500000-0000-4000-8000-000000000002"
FORK = "f04c0000-0000-4000-8000-000000000003"

TASK = user(reminder("Mind this."), "Fix the test.")
READ = called("Read", "t1", file_path="/src/test.py")
SEEN = result("t1", "assert 1 == 2")
EDIT = called("Edit", "t2", file_path="/src/test.py")
EDITED = result("t2", "The file is edited.")
FIXED = said("It is fixed now.")
USAGE = {"input_tokens": 700, "cache_read_input_tokens": 100, "output_tokens": 9}

LATER: dict[str, Any] = {
    "tools": [tool("Bash"), tool("Read", "Reads a file, a picture or a notebook. " * 9), tool("Edit"), tool("Task")],
    "system": system(
        header="cch=22222;", intro="You are a swift agent.", environment=talks.ENVIRONMENT.replace("main", "topic")
    ),
}
"""What the newer client sends: a tool more, one less, one described anew, in another order, and another prompt."""


def older() -> Talk:
    """A task in three turns."""
    return _named(
        "claude-cli/2.1.330", _task(Talk(), OLD, {}).ask(body(TASK, READ, SEEN, EDIT, EDITED), FIXED, session=OLD)
    )


def newer() -> Talk:
    """The same task: this client reads another file first, then does what the other did."""
    other = called("Read", "t0", file_path="/src/conftest.py")
    more = (TASK, other, result("t0", "import pytest"))
    asked = user(reminder("Mind that."), "Fix the test.")
    more = (asked, *more[1:])
    talk = Talk().ask(body(asked, **LATER), other, session=NEW, usage=USAGE)
    talk.ask(body(*more, **LATER), READ, session=NEW, usage=USAGE)
    talk.ask(body(*more, READ, SEEN, **LATER), EDIT, session=NEW, usage=USAGE)
    talk.ask(body(*more, READ, SEEN, EDIT, EDITED, **LATER), said("Done."), session=NEW, usage=USAGE)
    return _named("claude-cli/2.1.332", talk)


def fork() -> Talk:
    """What `--fork-session` makes of the older one after its second turn: its first request holds the history."""
    history = (TASK, READ, SEEN, EDIT, EDITED)
    other = said("I'd rather not.")
    talk = Talk().ask(body(*history), other, session=FORK)
    return _named(
        "claude-cli/2.1.330", talk.ask(body(*history, other, user("Why?")), said("It is late."), session=FORK)
    )


def _task(talk: Talk, session: str, changed: Body) -> Talk:
    talk.ask(body(TASK, **changed), READ, session=session)
    return talk.ask(body(TASK, READ, SEEN, **changed), EDIT, session=session)


def _named(program: str, talk: Talk) -> Talk:
    return Talk(traces=[_of(program, trace) for trace in talk.traces])


def _of(program: str, trace: Trace) -> Trace:
    return replace(trace, request=replace(trace.request, headers={"user-agent": f"{program} (external, cli)"}))
