"""The command `trace-replayer exam`: asks what isn't answered yet, saves each answer, and reports; Ctrl-C keeps all.

The report is saved beside the answers: as JSON, as a table of the answers, and as a page.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from replay.console.run import notes, reason
from replay.console.runner import STOPPED
from replay.exam import asking, questions, report, sittings, text
from replay.exam.asking import Answer, Candidate
from replay.exam.drift import drift
from replay.exam.questions import Paper, Question
from replay.exchange import Progress
from replay.request import Options
from replay.results import files
from traces.dialects import Dialect
from traces.errors import ToolkitError
from traces.model import Json
from traces.sessions.model import Session
from traces.storage import store
from ui.anonymize import Share, anonymize
from ui.page import page
from ui.page.bundles import Bundle
from ui.tables import as_csv, as_json
from ui.terminal import LiveLine, printable, say


class NothingToAsk(ToolkitError):
    """The session has no turn that a model could be asked again."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a user asked for.

    most      the most turns to ask, chosen evenly by tool; None for all
    against   `last`, or a folder of an earlier exam or of several
    """

    session: Session
    targets: Sequence[str]
    models: Sequence[str]
    dialect: Dialect | None
    folder: Path
    style: str
    options: Options
    runs: int = 1
    most: int | None = None
    seed: int = 0
    again: bool = False
    against: str | None = None
    control: bool = True
    share: Share | None = None


def plan(session: Session, given: Mapping[str, Any]) -> Plan:
    """Return the plan of a command with these options: those of sending a request, and the plan's own."""
    sending = {name: given[name] for name in ("settings", "timeout", "stall_timeout", "force", "system_role")}
    own = {name: value for name, value in given.items() if name not in sending}
    return Plan(session, options=Options(**sending), **own)


class Examiner:
    """Carries out one plan. `answers` are those that are there so far."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.answers: list[Answer] = []
        self._sitting = sittings.current(plan.folder, plan.again)
        self._earlier = sittings.against(plan.folder, plan.against, self._sitting) if plan.against is not None else []
        self._name = re.sub(r"[^\w-]", "_", plan.session.short_id)  # a client's own id could be anything
        self._line = LiveLine()
        self._of = 0

    def examine(self) -> int:
        """Ask all questions and return the exit code. Raises ToolkitError before anything is sent."""
        paper = questions.paper(self.plan.session, self.plan.most, self.plan.seed)
        if not paper.questions:
            left_out = f": left out are {', '.join(paper.left_out)}" if paper.left_out else ""
            raise NothingToAsk(f"Session {self.plan.session.short_id} has no turn to ask again{left_out}.")
        try:
            asyncio.run(self._ask(paper))
        except KeyboardInterrupt:
            self._say("Stopped. What was answered is kept; the same command goes on. So far:")
            self._report(paper)
            return STOPPED
        self._report(paper)
        return 0 if all(answer.grade for answer in self.answers) else 1

    async def _ask(self, paper: Paper) -> None:
        plan = self.plan
        found = await asking.candidates(paper.questions, plan.targets, plan.models, plan.dialect, plan.control)
        files.reserve(self._sitting)
        saved = sittings.newest(self._sitting)
        self._of = sum(len(each.questions) for each in found) * plan.runs
        known = sum(
            each.key(question, number, plan.options) in saved
            for each in found
            for question in each.questions
            for number in range(1, plan.runs + 1)
        )
        self._say(self._head(paper, found, known))
        try:
            for candidate in found:
                answers = asking.answers(candidate, plan.runs, plan.options, saved, self._show)
                async with aclosing(answers) as coming:
                    async for answer in coming:
                        self._keep(answer)
        finally:
            self._line.clear()

    def _head(self, paper: Paper, found: Sequence[Candidate], known: int) -> str:
        plan = self.plan
        chosen = f" of {paper.of}, chosen by tool (--seed {plan.seed})" if len(paper.questions) < paper.of else ""
        left_out = f", without {', '.join(paper.left_out)}" if paper.left_out else ""
        models = ", ".join(dict.fromkeys(each.model for each in found))
        done = f"; {known} of {self._of} are answered already (--again asks again)" if known else ""
        turns = f"{len(paper.questions)} turn{'s' if len(paper.questions) != 1 else ''}{chosen}{left_out}"
        return printable(f"Exam of session {plan.session.short_id}: {turns}, to {models}{done}")

    def _show(self, candidate: Candidate, question: Question, now: Progress) -> None:
        state = f"about {now.chunks} tokens" if now.chunks else "waiting for the first token"
        which = f"{len(self.answers) + 1}/{self._of} {candidate.model}, turn {question.number}"
        self._line.show(printable(f"{which}: {now.elapsed:.1f} s, {state}"))

    def _keep(self, answer: Answer) -> None:
        """Report an answer, and save it if it is new."""
        self.answers.append(answer)
        if not answer.is_new:
            return
        self._line.clear()
        self._say(printable(f"[{len(self.answers)}/{self._of}] {_line(answer)}"))
        files.save(answer.result, self._sitting)

    def _report(self, paper: Paper) -> None:
        if not self.answers:
            return
        plan = self.plan
        document = anonymize(full_report(plan, paper, self.answers, self._earlier), plan.share)
        self._save(document)
        for note in notes(answer.result for answer in self.answers if answer.is_new):
            self._say(note)
        say(("" if plan.style != "table" else "\n") + text.render(document, plan.style))
        self._say(f"\n✓ Saved in {printable(self._sitting)}: {self._name}.html, .json and .csv")

    def _save(self, document: dict[str, Any]) -> None:
        base = self._sitting / self._name
        store.replace(base.with_suffix(".json"), (as_json(document) + "\n").encode())
        rows = text.answer_rows(document)
        store.replace(base.with_suffix(".csv"), (as_csv(rows, list(rows[0])) + "\n").encode())
        page.write(base.with_suffix(".html"), page.render(Bundle.EXAM, document))

    def _say(self, words: str) -> None:
        """Print a line: to standard error where the report is in a format for programs."""
        say(words, error=self.plan.style != "table")


def full_report(plan: Plan, paper: Paper, answers: Sequence[Answer], earlier: Sequence[Path]) -> dict[str, Any]:
    """Return the report of an exam, with what changed since the earlier ones and what to be careful about."""
    found = report.sheets(answers)
    about: dict[str, Json] = {
        "title": f"Exam of session {plan.session.short_id}",
        "request": plan.session.short_id,
        "seed": plan.seed,
        "runs": plan.runs,
        "settings": dict(plan.options.settings),
    }
    document: dict[str, Any] = report.document(paper, found, about)
    document["drift"] = drift(found, earlier)
    document["cautions"] = list(_cautions(paper, found, document, bool(earlier)))
    return document


def _line(answer: Answer) -> str:
    which = f"{answer.candidate.model}, turn {answer.question.number}"
    if answer.grade is None:
        return f"{which}: ✗ {reason(answer.result.error) if answer.result.error else ''}"
    wanted = ", ".join(dict.fromkeys(answer.question.tools)) or "no tool"
    seconds = "" if answer.grade.seconds is None else f", {answer.grade.seconds:.2f} s"
    if answer.grade.right is None:
        return f"{which} ({wanted}): ? {', '.join(answer.grade.open) or 'nothing to judge'} can't be compared{seconds}"
    if answer.grade.right:
        return f"{which} ({wanted}): ✓{seconds}"
    first = answer.grade.mistakes[0]
    return f"{which} ({wanted}): ✗ {first.words or report.KINDS.get(first.question, first.question)}{seconds}"


FEW = 20
"""Turns below which an interval is so wide that two models are rarely told apart."""


def _cautions(paper: Paper, found: Sequence[report.Sheet], document: dict[str, Any], compared: bool) -> Iterator[str]:
    if len(paper.questions) < FEW:
        many = f"{len(paper.questions)} turns show" if len(paper.questions) > 1 else "A single turn shows"
        yield f"{many} large differences only: take a longer session, or a folder of several."
    for sheet in found:
        if failed := [answer for answer in sheet.answers if answer.grade is None]:
            missing = f"{len(failed)} of {len(sheet.answers)} questions"
            yield f"{sheet.label}: {missing} were not answered, and count neither as right nor as wrong."
        wanted = len(sheet.answers[0].candidate.questions) * document["runs"]
        if len(sheet.answers) < wanted:
            yield f"{sheet.label}: {len(sheet.answers)} of {wanted} questions were asked so far."
        others = {other for answer in sheet.answers if (other := answer.result.other_model)}
        if others:
            yield f"{sheet.label}: {', '.join(sorted(others))} answered: the server lacks the model that was asked for."
        doubts = [doubt for answer in sheet.answers for doubt in answer.result.metrics.doubts]
        if doubts:
            times = f"{len(doubts)} times" if len(doubts) > 1 else "the time of an answer"
            yield f"{sheet.label}: {times} can't be trusted, such as: {doubts[0]}."
    if not any(sheet.is_control for sheet in found):
        yield (
            "The recorded model wasn't asked again: nobody knows how often it would agree with itself, so no model can "
            "be expected to reach 100%."
        )
    if compared and not document["drift"]:
        yield "None of these turns was asked of these models in the earlier exam: there is nothing to compare with."
