"""Whether a request fits the model's context, checked before it is sent.

A server whose context is too small refuses, or silently drops the prompt's beginning and looks fast. Tokens are counted
by the server's own tokenizer where it offers that, else estimated.
"""

from typing import Any

from replay.exchange import ReplayError
from replay.prepare.translate import translate
from replay.request import Prepared, Target
from replay.targets import resolve
from replay.targets.probe import Ask, answer, kind_of_target
from traces import dialects, jsonio
from traces.content.parts import parts
from traces.dialects import Dialect
from traces.errors import ToolkitError
from traces.model import Json
from traces.surveys import Served, ServedModel

CHARACTERS_PER_TOKEN = 4
"""For English and JSON. Most tokenizers need fewer characters, so the estimate is rather too low than too high."""

COUNTED = ("model", "system", "messages", "tools", "tool_choice", "thinking")
"""The fields of a request that Anthropic's `count_tokens` takes."""


async def problem(prepared: Prepared, ask: Ask, served: Served | None = None) -> ReplayError | None:
    """Return why the request doesn't fit; None where it does, or where the server doesn't report its context.

    `served` is a report made since the model was loaded; without it, the server is asked for one.
    """
    try:
        model = _model(served or await resolve.survey(prepared.target, ask), prepared.model)
        if model is None or model.context is None:
            return None
        body: Any = jsonio.loads(prepared.body)
        answered = _longest_answer(body) if kind_of_target(prepared.target).reserves_answer else 0
        if len(prepared.body) + answered < model.context:
            return None  # no token is shorter than a byte
        counted = await count(prepared.target, body, prepared.dialect, ask)
    except ToolkitError:
        return None  # the server's own error will say what is wrong
    prompt = counted or estimate(body)
    if prompt + answered <= model.context:
        return None
    by = "" if counted else "about "
    return ReplayError("context", _words(prepared, model, f"{by}{prompt:,}", prompt + answered, answered))


async def try_survey(target: Target, ask: Ask) -> Served | None:
    """Return the server's report; None where it makes none."""
    try:
        return await resolve.survey(target, ask)
    except ToolkitError:
        return None


def loaded_context(served: Served | None, name: str) -> int | None:
    """Return the context that the model of this name was loaded with; None where the server doesn't report it."""
    model = _model(served, name) if served else None
    return model.context if model else None


def estimate(body: Json) -> int:
    """Estimate a request's tokens by the length of its texts. Images don't count: models differ too widely in them."""
    return sum(len(part.text) for part in parts(body)) // CHARACTERS_PER_TOKEN


def _words(prepared: Prepared, model: ServedModel, prompt: str, needed: int, answered: int) -> str:
    room = f" and asks for {answered:,} more (--set max_tokens=… asks for less)" if answered else ""
    context = model.context or 0
    larger = f", at most {model.largest:,}" if model.largest and model.largest > context else ""
    way = kind_of_target(prepared.target).how_to_enlarge.format(model=prepared.model, tokens=-(-needed // 1024) * 1024)
    return (
        f"The request has {prompt} tokens{room}: {needed - context:,} more than the {context:,} that {prepared.model} "
        f"is loaded with{larger}. Give it more{f' ({way})' if way else ''}, or send it all the same with --force."
    )


def _model(served: Served, name: str) -> ServedModel | None:
    """Return the model that will answer: where a server has only one, it answers to any name."""
    found = served.find(name)
    return served.models[0] if found is None and len(served.models) == 1 else found


def _longest_answer(body: dict[str, Any]) -> int:
    return max(dialects.limits_in(body).values(), default=0)


async def count(target: Target, body: dict[str, Any], dialect: Dialect, ask: Ask) -> int | None:
    """Return the prompt's tokens by the server's own tokenizer; None where it doesn't count. Raises ToolkitError.

    `dialect` is the API format of the body.
    """
    counting = dialects.counting_format()
    asked = translate(body, dialect, counting.name).body
    question = {name: asked[name] for name in COUNTED if name in asked}
    match (await answer(ask, target, counting.counting_path, question)).body:
        case {"input_tokens": int(count)}:
            return count
    return None
