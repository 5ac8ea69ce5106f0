"""What the options ask of the bridge, and what that means for one exchange."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from addons.bridge.translate import Translate
from addons.bridge.ways import PassOn, Way
from traces import repairs
from traces.dialects import DEFAULT, FORMATS, Dialect, asks_for_an_answer, dialect_of

AUTO, OFF = "auto", "off"
"""Values of anyclaude_translate besides the names of API formats."""

TRANSLATIONS = (*(name for name in FORMATS if name != DEFAULT), AUTO, OFF)

OPTIONS = {
    "anyclaude_translate": "Translate for servers without Anthropic's /v1/messages, to chat or responses; auto asks "
    "the server what it has; off. Default: what the mode (anyclaude_mode) needs, which for most is nothing.",
    "anyclaude_repair": f"Repair requests that the server refuses: {', '.join(repairs.REPAIRS)}, drop:FIELD, with "
    "commas between them; auto leaves out what a refusal names.",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What is changed on the way of one exchange: the request is repaired, then translated from `of` to `to`.

    how_to_load   what the user can do where the server has no model loaded
    """

    to: Dialect
    of: Dialect
    repairs: tuple[str, ...] = ()
    how_to_load: str = ""

    def way(self, note: Callable[[str], None]) -> Way:
        """Return a new way for one exchange. `note` takes what is changed on it."""
        return Translate(self.to, note, self.how_to_load) if self.to != self.of else PassOn()


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for. `translate` is "" where they left it to the mode."""

    translate: str = ""
    repairs: tuple[str, ...] = ()

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> "Options":
        """Return the options in these values. Raises ValueError, which names the option and what is allowed."""
        translate = values["anyclaude_translate"]
        if translate not in ("", *TRANSLATIONS):
            raise ValueError(f"anyclaude_translate: {translate!r} is none of {', '.join(TRANSLATIONS)}.")
        try:
            return cls(translate, repairs.parse(values["anyclaude_repair"]))
        except ValueError as error:
            raise ValueError(f"anyclaude_repair: {error}.") from error

    def plan(self, path: str, translate: str, how_to_load: str = "") -> Plan | None:
        """Return what to do with a request to this path; None where it goes through as it is."""
        of = dialect_of(path) or DEFAULT
        to = translate if of == DEFAULT and translate in FORMATS and asks_for_an_answer(path) else of
        return Plan(to, of, self.repairs, how_to_load) if to != of or self.repairs else None
