"""Repairs: named changes to requests that a model server would refuse as the client sends them.

They change nothing unless somebody asks for them by name, and say what they changed. A new one is a row in `REPAIRS`.
"""

from collections.abc import Iterable, Mapping, Sequence

from traces.dialects import Dialect
from traces.dialects.translation.notes import Notes
from traces.repairs import limit
from traces.repairs.base import Outgoing, Repair
from traces.repairs.betas import leave_out_betas
from traces.repairs.contents import leave_out_images, leave_out_thinking, leave_out_unsigned_thinking
from traces.repairs.drop import PREFIX, drop
from traces.repairs.items import make_items_common
from traces.repairs.prompt import fold_system_messages, leave_out_billing, move_system_messages
from traces.repairs.trial import AUTO, OFF, Learned, Trial

_ROWS = (
    Repair(
        "system-role",
        "folds system messages within the conversation into the user's message beside them",
        fold_system_messages,
    ),
    Repair(
        "system-top",
        "moves system messages within the conversation to the system prompt, which costs the prefix cache more",
        move_system_messages,
    ),
    Repair("betas", "leaves out what came to Anthropic's API after its first version", leave_out_betas),
    Repair("billing", "leaves out Claude Code's billing header, which makes each prompt differ", leave_out_billing),
    Repair("images", "puts a line of text in place of images and documents", leave_out_images),
    Repair("thinking", "leaves out earlier thinking without a valid signature", leave_out_unsigned_thinking),
    Repair("all-thinking", "leaves out all thinking of earlier answers", leave_out_thinking),
    Repair(
        "items",
        "puts what only OpenAI's own service reads in a conversation of responses into messages, calls and results",
        make_items_common,
        formats=("responses",),
    ),
)

REPAIRS: Mapping[str, Repair] = {repair.name: repair for repair in _ROWS}
"""By name, in the order in which they are applied. Besides these there are `drop:PATH` and `max-tokens:NUMBER`, which
are applied last."""

_MADE = (PREFIX, limit.PREFIX)
"""How the names of repairs begin that say themselves what to change."""

UNREADABLE = "not repaired: the request isn't shaped as its API format promises"


def find(name: str) -> Repair:
    """Return the repair of this name. Raises ValueError, with what is allowed, where there is none."""
    if name.startswith(PREFIX):
        return drop(name.removeprefix(PREFIX))
    if name.startswith(limit.PREFIX):
        return limit.limit(name.removeprefix(limit.PREFIX))
    if name not in REPAIRS:
        raise ValueError(
            f"{name!r} is no repair: known are {', '.join(REPAIRS)}, {PREFIX}PATH, {limit.PREFIX}NUMBER, "
            f"{AUTO} and {OFF}"
        )
    return REPAIRS[name]


def parse(text: str) -> tuple[str, ...]:
    """Return the names in a text such as `system-role,betas`, each once. Raises ValueError where one is unknown."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in (AUTO, OFF):
            find(name)
    if OFF in names and len(names) > 1:
        raise ValueError(f"{OFF} stands alone: it means no repair, not even one that the kind of server needs")
    return names


def for_format(names: Iterable[str], dialect: Dialect) -> tuple[str, ...]:
    """Return the names of those that may change a request in this API format."""
    return tuple(name for name in names if not find(name).formats or dialect in find(name).formats)


def repair(request: Outgoing, names: Iterable[str]) -> tuple[Outgoing, Sequence[str]]:
    """Return the request with these repairs, in the order of `REPAIRS`, and notes on what they changed.

    `auto` does nothing here: what it learns is a name. A request that has another shape stays as it is.
    """
    wanted = set(names) - {AUTO, OFF}
    notes = Notes()
    for each in (
        *REPAIRS.values(),
        *(find(name) for name in sorted(wanted) if name.startswith(_MADE)),
    ):
        if each.name in wanted:
            try:
                request = each.change(request, notes)
            except (AttributeError, KeyError, TypeError):
                notes.add(f"{each.name}: {UNREADABLE}")
    return request, notes.lines()


__all__ = ["AUTO", "OFF", "REPAIRS", "Learned", "Outgoing", "Repair", "Trial", "find", "for_format", "parse", "repair"]
