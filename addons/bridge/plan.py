"""What the options ask of the bridge, and what that means for one exchange."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from addons.bridge.choice import TARGETS
from addons.bridge.translate import Translate
from addons.bridge.ways import PassOn, Way
from traces import repairs
from traces.dialects import DEFAULT, Dialect, dialect_of
from traces.dialects.translation.written import THINKING, TOOL_PARSERS
from traces.servers import ANY, ServerKind

AUTO, OFF = "auto", "off"
"""Values of anyclaude_translate besides the names of API formats."""

TRANSLATIONS = (*TARGETS, AUTO, OFF)

OPTIONS = {
    "anyclaude_translate": "Translate for servers without Anthropic's /v1/messages, to chat or responses; auto asks "
    "the server what it has; off. Default: what the mode (anyclaude_mode) needs, which for most is nothing.",
    "anyclaude_repair": f"Repair requests that the server refuses: {', '.join(repairs.REPAIRS)}, drop:FIELD, with "
    "commas between them; auto leaves out what a refusal names; off. Default: what the mode needs.",
    "anyclaude_tool_parser": "When translating, read tool calls that the model writes as text: "
    f"{', '.join(TOOL_PARSERS)}.",
    "anyclaude_thinking": "When translating, read thinking in the text: tags (<think>…</think> at its beginning), open "
    "(from the beginning on, up to </think>).",
}

_WRITTEN = {"anyclaude_tool_parser": TOOL_PARSERS, "anyclaude_thinking": THINKING}
"""The options of which each has one of several values, or none."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is changed on the way of one exchange: the request is translated from `of` to `to`, where they differ.

    repairs       their names, and `auto`
    is_asked      the user asked for it; else the kind of server needs the repairs, where they change anything
    how_to_load   what the user can do where the server has no model loaded
    tool_parser   how the model writes calls into its text, and `thinking` how it writes its thinking; "" for not at all
    """

    of: Dialect
    to: Dialect
    repairs: tuple[str, ...] = ()
    is_asked: bool = True
    how_to_load: str = ""
    tool_parser: str = ""
    thinking: str = ""

    @property
    def translates(self) -> bool:
        return self.to != self.of

    def way(self, note: Callable[[str], None]) -> Way:
        """Return a new way for one exchange. `note` takes what is changed on it."""
        if not self.translates:
            return PassOn()
        return Translate(self.to, note, self.how_to_load, tool_parser=self.tool_parser, thinking=self.thinking)


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for. `translate` is "" where they left it to the mode; `repairs` come on top of its own."""

    translate: str = ""
    repairs: tuple[str, ...] = ()
    tool_parser: str = ""
    thinking: str = ""

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> "Options":
        """Return the options in these values. Raises ValueError, which names the option and what is allowed."""
        translate = values["anyclaude_translate"]
        if translate not in ("", *TRANSLATIONS):
            raise ValueError(f"anyclaude_translate: {translate!r} is none of {', '.join(TRANSLATIONS)}.")
        for name, known in _WRITTEN.items():
            if values[name] not in ("", *known):
                raise ValueError(f"{name}: {values[name]!r} is none of {', '.join(known)}.")
        written = (values[name] for name in _WRITTEN)
        try:
            return cls(translate, repairs.parse(values["anyclaude_repair"]), *written)
        except ValueError as error:
            raise ValueError(f"anyclaude_repair: {error}.") from error

    def plan(self, path: str, translate: str, kind: ServerKind = ANY) -> Plan | None:
        """Return what to do with a request to this path, for this kind of server; None where it goes as it is."""
        of = dialect_of(path) or DEFAULT
        to = translate if of == DEFAULT and translate in TARGETS else of
        is_off = repairs.OFF in self.repairs
        asked = () if is_off else self.repairs
        needed = () if is_off else repairs.for_format(kind.repairs, of)
        names = tuple(dict.fromkeys((*asked, *needed)))
        if to == of and not names:
            return None
        return Plan(of, to, names, bool(asked) or to != of, kind.how_to_load, self.tool_parser, self.thinking)
