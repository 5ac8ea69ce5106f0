"""Asks models the questions of an exam: turn by turn in the recorded order, one model after the other.

So each server keeps the cache that an agent would find, and no server has to load another model for every question.
"""

import os
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from replay.api import controls_among
from replay.errors import TargetError
from replay.exam.grade import Grade, grade
from replay.exam.questions import Question
from replay.exchange import Progress, ReplayError
from replay.request import Options, Run, Target, TraceRef, run_key
from replay.result import ReplayResult
from replay.run.pipeline import Attempt, failed_result, replay
from replay.session.turn import read_trace
from replay.targets import resolve
from replay.targets.names import is_same_model
from replay.targets.probe import Ask
from replay.transport.send import ask as ask_server
from traces.dialects import Dialect
from traces.errors import ToolkitError
from traces.surveys import Served

GIVE_UP = 5
"""Questions in a row that a server doesn't even take, after which a model is asked no more."""

_NO_SERVER = ("refused", "unreachable", "no_model", "dns", "server_disconnected", "timeout")
_NO_ACCESS = (401, 403, 404)
"""The kinds of failures, and the statuses, with which no other turn would fare better."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model on a server, and the questions that it is asked. `to` is the server for each API format."""

    model: str
    to: Mapping[Dialect, Target]
    served: Served | None
    questions: Sequence[Question]

    def run(self, question: Question, number: int, options: Options) -> Run:
        return Run(question.ref, self.model, number, options.cache)

    def key(self, question: Question, number: int, options: Options) -> str:
        return run_key(self.run(question, number, options), self.to[question.dialect], options.settings)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model answered, and its grade; None where no answer came. `is_new`: it was asked just now."""

    question: Question
    candidate: Candidate
    number: int
    result: ReplayResult
    grade: Grade | None
    is_new: bool = True

    @property
    def is_control(self) -> bool:
        """Whether the model is the one that was recorded."""
        return is_recorded_model(self.candidate.model, self.question.ref)


def is_recorded_model(model: str, ref: TraceRef) -> bool:
    """Return whether a model is the one that answered in a recording, else the one that it asked for."""
    name = ref.answered or ref.model
    return name is not None and is_same_model(model, name)


async def candidates(
    questions: Sequence[Question],
    targets: Sequence[str | None],
    models: Sequence[str],
    dialect: Dialect | None = None,
    control: bool = True,
    ask: Ask = ask_server,
) -> list[Candidate]:
    """Return each model on each server that has it, with the recorded models where a server has those.

    Without `models`, each server's loaded one is asked. Raises TargetError.
    """
    found: list[Candidate] = []
    missing = set(models)
    for name in targets or [None]:
        target = resolve.find(name, os.environ)
        served = await resolve.survey(target, ask)
        formats = dict.fromkeys(question.dialect for question in questions)
        to = {each: await resolve.with_format(target, served, each, ask, dialect) for each in formats}
        chosen = resolve.choose_models(served, models)
        if len(targets) > 1 and models and served.models:
            chosen = [model for model in chosen if served.find(model)]
        missing -= {model for model in models if served.name_to_ask(model) in chosen}
        found += [Candidate(model, to, served, questions) for model in dict.fromkeys(chosen)]
        if control:
            found += _controls(questions, to, served, chosen)
    if missing:
        raise TargetError(f"None of these servers has {', '.join(sorted(missing))}.")
    return found


def _controls(
    questions: Sequence[Question], to: Mapping[Dialect, Target], served: Served, chosen: Sequence[str]
) -> list[Candidate]:
    """Return the recorded models that a server lists, each with the questions that it answered in the recording."""
    if not served.models:
        return []  # a server without a list would be asked for a model that it may not have
    recorded = controls_among((question.ref for question in questions), served)
    names = dict.fromkeys(name for name in recorded.values() if name not in chosen)
    return [
        Candidate(name, to, served, [question for question in questions if recorded.get(question.ref) == name])
        for name in names
    ]


OnProgress = Callable[[Candidate, Question, Progress], None]


async def answers(
    candidate: Candidate,
    runs: int,
    options: Options,
    saved: Mapping[str, ReplayResult],
    on_progress: OnProgress,
    ask: Ask = ask_server,
) -> AsyncGenerator[Answer, None]:
    """Yield a model's answers as they come. Those that are `saved`, by the key of their run, aren't asked for again."""
    is_ready = False
    refused = 0
    for number in range(1, runs + 1):
        for question in candidate.questions:
            key = candidate.key(question, number, options)
            trace = read_trace(question.step)
            if key in saved:
                yield Answer(question, candidate, number, saved[key], grade(trace, saved[key]), is_new=False)
                continue
            if refused >= GIVE_UP:
                continue
            target, run = candidate.to[question.dialect], candidate.run(question, number, options)
            error = None if is_ready else await resolve.ensure_loaded(target, candidate.model, ask, candidate.served)
            if error:
                result = failed_result(run, target, error, options.settings)
            else:
                is_ready = True
                result = await replay(
                    Attempt(run, trace, target, options, uuid.uuid4().hex),
                    ask,
                    candidate.served if candidate.served and candidate.served.has_loaded(candidate.model) else None,
                    on_progress=lambda now, question=question: on_progress(candidate, question, now),  # type: ignore[misc]
                )
            refused = refused + 1 if result.error and _is_hopeless(result.error) else 0
            yield Answer(question, candidate, number, result, grade(trace, result) if result.success else None)


def _is_hopeless(error: ReplayError) -> bool:
    return error.kind in _NO_SERVER or error.status in _NO_ACCESS


def graded_again(question: Question, candidate: Candidate, result: ReplayResult) -> Answer | None:
    """Return an answer of an earlier exam, graded by the rules of today; None where its trace is gone."""
    try:
        trace = read_trace(question.step)
    except ToolkitError:
        return None
    return Answer(question, candidate, result.run.round, replace(result, exchange=None), grade(trace, result), False)
