"""All that `session` tells, from sessions that were read: put together here, shown by `analysis.session_table`."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.count_cache import CountCache
from analysis.header import learnt
from analysis.models import most_asked
from analysis.order import ORDERS, template_of
from analysis.prompts import Counts, counted
from analysis.servers import server_of
from analysis.session_report import SessionReport, report
from analysis.tokens import DEFAULT, counter
from traces.sessions.model import Session


@dataclass(frozen=True, slots=True)
class View:
    """`counter` is the name of who counted."""

    reports: Sequence[SessionReport]
    counter: str


def view(sessions: Sequence[Session], tokenizer: str = DEFAULT) -> View:
    """Each session by itself, as if its server had answered no other one meanwhile."""
    model = most_asked(turn.model for session in sessions for turn in session.turns)
    who = counter(tokenizer, model)
    with CountCache() as cache:
        counts = counted(cache.around(who), model)
        return View([_report(one, counts) for one in sessions], who.name)


def _report(session: Session, counts: Counts) -> SessionReport:
    template = _template(session)
    server = server_of({turn.mode for turn in session.turns})
    return report(session, counts, learnt(server, session.turns, counts, ORDERS[template]), template)


def _template(session: Session) -> str:
    return template_of(session.turns[-1].mode, (turn.model for turn in session.turns))
