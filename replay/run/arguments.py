"""Whether the arguments of a call fit the tool's schema; rules that can't be judged by are named."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from replay.run import patterns, schemas

LONGEST = 200
"""Characters of an error: it quotes the arguments, which may contain a whole file."""


class Fit(NamedTuple):
    """The judgement of some arguments.

    fits       False where a rule is broken; None where no rule could be judged by
    words      the broken rule
    unjudged   the rules that concern these arguments, but can't be judged by
    """

    fits: bool | None
    words: str = ""
    unjudged: tuple[str, ...] = ()


def fit(arguments: Any, schema: Any) -> Fit:
    """Judge the arguments by all rules of the schema that can be read."""
    try:
        return _fit(arguments, schema, references=True)
    except Exception as error:  # whatever an odd schema, which comes from anywhere, does to the library
        why = f"its schema, which can't be used ({type(error).__name__})"
    try:
        return _fit(arguments, schema, references=False)
    except Exception:
        return Fit(None, unjudged=(why,))


def _fit(arguments: Any, schema: Any, references: bool) -> Fit:
    from jsonschema.exceptions import best_match  # slow to import, and many runs have no tool call

    unjudged: list[str] = []
    readable = schemas.readable(schema, references)
    error = best_match(_validator(readable, unjudged).iter_errors(arguments))
    left_out = tuple(dict.fromkeys(unjudged))
    if error is not None:
        place = ".".join(str(step) for step in error.absolute_path)
        return Fit(False, _short(f"{place}: {error.message}" if place else str(error.message)), left_out)
    return Fit(True if schemas.has_rules(readable) or not left_out else None, unjudged=left_out)


def _short(words: str) -> str:
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def _validator(schema: Any, unjudged: list[str]) -> Any:
    """Return a validator that reads patterns as ECMA-262, and adds to `unjudged` what it couldn't judge by."""
    import jsonschema
    import referencing
    from jsonschema import Draft202012Validator as Plain
    from jsonschema.exceptions import ValidationError

    def matches(pattern: str, text: str) -> bool:
        answer = patterns.matches(pattern, text)
        if answer is None:
            unjudged.append(f"pattern: {_short(pattern)}")
        return answer is not False

    def pattern(validator: Any, value: str, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if isinstance(instance, str) and not matches(value, instance):
            yield ValidationError(f"{instance!r} does not match {value!r}")

    def pattern_properties(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        for each, rules in value.items() if isinstance(instance, dict) else ():
            for name, item in instance.items():
                if matches(each, name):
                    yield from validator.descend(item, rules, path=name, schema_path=each)

    def additional(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if not isinstance(instance, dict):
            return
        known, known_patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        others = {
            name: item
            for name, item in instance.items()
            if name not in known and not any(matches(each, name) for each in known_patterns)
        }
        yield from Plain.VALIDATORS["additionalProperties"](validator, value, others, {})

    def multiple_of(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if schemas.is_number(instance) and _exactly(instance) % _exactly(value):
            yield ValidationError(f"{instance!r} is not a multiple of {value}")

    def left_out(validator: Any, value: list[str], instance: Any, schema: Any) -> Iterator[ValidationError]:
        unjudged.extend(value)
        return iter(())

    own = {
        "pattern": pattern,
        "patternProperties": pattern_properties,
        "additionalProperties": additional,
        "multipleOf": multiple_of,
        schemas.LEFT_OUT: left_out,
    }
    # A registry of its own: the default one would fetch what a schema refers to from the network.
    extend: Any = jsonschema.validators.extend  # which says nothing of its types
    return extend(Plain, own)(schema, registry=referencing.Registry())


def _exactly(number: float) -> Fraction:
    """Return the number as it was written, so that 0.07 is a multiple of 0.01."""
    return Fraction(Decimal(str(number)))
