"""Arguments against schemas as they are found in the field: every rule that can be read judges."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from replay.run.arguments import Fit, fit
from tests.support.perturbed import OTHER_TYPES, perturb, places

PATH = {"type": "string"}


def holding(name: str, schema: Any, **more: Any) -> dict[str, Any]:
    """Return a schema with one odd property and readable rules: `path` is required, and nothing else is allowed."""
    properties = {"path": PATH, name: schema}
    return {"type": "object", "properties": properties, "required": ["path"], "additionalProperties": False, **more}


ODD: dict[str, Any] = {
    "a pattern of ECMA-262": holding("x", {"type": "string", "pattern": r"^[\p{L}\p{N}_-]+$"}),
    "a pattern of nobody": holding("x", {"type": "string", "pattern": "("}),
    "draft 4's exclusive minimum": holding("x", {"type": "number", "minimum": 0, "exclusiveMinimum": True}),
    "required within a property": holding("x", {"type": "string", "required": False}),
    "an unknown type": holding("x", {"type": "file"}),
    "types of which one is unknown": holding("x", {"type": ["string", "file"]}),
    "a type that is a number": holding("x", {"type": 5}),
    "a reference to the network": holding("x", {"$ref": "https://example.com/x.json"}),
    "a reference to nowhere": holding("x", {"$ref": "#/definitions/X"}),
    "a reference to itself": holding("x", {"$ref": "#/properties/x"}),
    "a reference that is a number": holding("x", {"$ref": 5}),
    "OpenAPI's nullable": holding("x", {"type": "string", "nullable": True}),
    "a null for a schema": holding("x", None),
    "a text for a schema": holding("x", "string"),
    "an enum that is no list": holding("x", {"enum": "a|b"}),
    "bounds as texts": holding("x", {"minLength": "1", "maximum": "9"}),
    "a negative step": holding("x", {"type": "number", "multipleOf": -1}),
    "a list of no schemas": holding("x", {"anyOf": []}),
    "items of draft 7": holding("x", {"items": [{"type": "string"}]}),
    "an unknown draft": holding("x", {}, **{"$schema": "https://example.com/my-own"}),
    "a draft that is a number": holding("x", {}, **{"$schema": 5}),
    "a draft of old": holding("x", {}, **{"$schema": "http://json-schema.org/draft-04/schema#"}),
    "an id": holding("x", {}, **{"$id": "https://example.com/tool.json"}),
    "an unheard-of keyword": holding("x", {"x-order": 1, "discriminator": {"propertyName": "kind"}}),
    "a format": holding("x", {"type": "string", "format": "no-such-format"}),
    "properties named as keywords": holding("not", {"pattern": "("}, **{"$defs": 5}),
    "a condition that can't be read": holding("x", {}, **{"if": 5, "then": {"required": ["nothing"]}}),
    "a rule against what can't be read": holding("x", {}, **{"not": {"properties": {"path": {"pattern": "("}}}}),
    "patterns of names that can't be read": {"required": ["path"], "patternProperties": {"(": {}}},
    "dependencies": holding("x", {}, dependencies={"x": ["path"]}),
}


@pytest.mark.parametrize("what", ODD)
def test_one_odd_keyword_does_not_make_a_wrong_call_correct(what: str) -> None:
    assert fit({}, ODD[what])[:2] == (False, "'path' is a required property")


@pytest.mark.parametrize("what", ODD)
def test_one_odd_keyword_does_not_make_a_correct_call_wrong(what: str) -> None:
    assert fit({"path": "/a"}, ODD[what]).fits is True


@pytest.mark.parametrize(
    ("schema", "value", "words"),
    [
        ({"pattern": r"^\p{Lu}"}, "a", r"x: 'a' does not match '^\\p{Lu}'"),
        ({"minimum": 0, "exclusiveMinimum": True}, 0, "x: 0 is less than or equal to the minimum of 0"),
        ({"maximum": 9, "exclusiveMaximum": True}, 9, "x: 9 is greater than or equal to the maximum of 9"),
        ({"minimum": 0, "exclusiveMinimum": False}, 0, ""),
        ({"type": "string", "nullable": True}, None, ""),
        ({"type": "string", "nullable": True, "enum": ["a"]}, None, ""),
        ({"type": "string", "nullable": True}, 5, "x: 5 is not of type 'string', 'null'"),
        ({"$ref": "#/definitions/N", "nullable": True}, None, ""),
        ({"$ref": "#/definitions/N"}, "a", "x: 'a' is not of type 'integer'"),
        ({"$ref": "#/$defs/N~1~0a%20b"}, "a", "x: 'a' is not of type 'integer'"),
        ({"$ref": "#n"}, "a", "x: 'a' is not of type 'integer'"),
        ({"type": "STRING"}, 5, "x: 5 is not of type 'string'"),
        ({"type": ["string", None]}, None, ""),
        ({"items": [{"type": "integer"}], "additionalItems": False}, [1, 2], "x: Expected at most 1 item but found 1"),
        ({"items": {"type": "integer"}}, ["a"], "x.0: 'a' is not of type 'integer'"),
        ({"properties": {"a": {"required": True}}}, {}, "x: 'a' is a required property"),
        ({"dependencies": {"a": ["b"]}}, {"a": 1}, "x: 'b' is a dependency of 'a'"),
        ({"dependencies": {"a": {"required": ["b"]}}}, {"a": 1}, "x: 'b' is a required property"),
        ({"patternProperties": {r"^\p{L}$": {"type": "integer"}}}, {"ü": "a"}, "x.ü: 'a' is not of type 'integer'"),
        (
            {"patternProperties": {r"^\p{L}$": {}}, "additionalProperties": False},
            {"12": 1},
            "x: Additional properties are not allowed ('12' was unexpected)",
        ),
        ({"multipleOf": 0.01}, 0.07, ""),
        ({"multipleOf": 0.01}, 0.075, "x: 0.075 is not a multiple of 0.01"),
        ({"multipleOf": 0.01}, 10**400, ""),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, [], "x: [] is not valid under any of the given schemas"),
        (False, 1, "False schema does not allow 1"),
    ],
)
def test_an_odd_rule_is_read_as_it_was_meant(schema: Any, value: Any, words: str) -> None:
    definitions = {"N": {"type": "integer"}}
    named = {"N/~a b": {"type": "integer"}, "other": {"$anchor": "n", "type": "integer"}}
    whole = {"properties": {"x": schema}, "definitions": definitions, "$defs": named}
    found = fit({"x": value}, whole)
    assert (found.fits, found.unjudged) == (not words, ())
    assert found.words.startswith(words)


@pytest.mark.parametrize(
    ("schema", "value", "unjudged"),
    [
        ({"type": "file"}, 1, "type: file"),
        ({"pattern": "("}, "a", "pattern: ("),
        ({"$ref": "https://example.com/x.json"}, 1, "$ref: https://example.com/x.json"),
        ({"oneOf": [{"type": "file"}, {"type": "string"}]}, "a", "oneOf"),
        ({"not": {"type": "file"}}, "a", "not"),
        ({"if": {"type": "file"}, "then": False}, "a", "if"),
        ({"patternProperties": {"(": {}}, "additionalProperties": False}, {"a": 1}, "patternProperties: ("),
    ],
)
def test_a_rule_that_cannot_be_read_is_named_where_it_would_have_judged(schema: Any, value: Any, unjudged: str) -> None:
    found = fit({"x": value}, {"type": "object", "properties": {"x": schema}})
    assert (found.fits, found.words) == (True, "")
    assert unjudged in found.unjudged
    assert fit({"y": value}, {"type": "object", "properties": {"x": schema}}) == Fit(True)


@pytest.mark.parametrize("schema", [{"type": "file"}, {"$ref": "#/nowhere"}, {"$ref": "#"}, 5, [], {"anyOf": 5}])
def test_where_there_is_no_rule_to_judge_by_nothing_is_known(schema: Any) -> None:
    assert fit({"x": 1}, schema).fits is None


def test_a_schema_may_refer_to_itself() -> None:
    tree = {"type": "object", "properties": {"kids": {"items": {"$ref": "#"}}}, "additionalProperties": False}
    assert fit({"kids": [{"kids": []}]}, tree) == Fit(True)
    assert fit({"kids": [{"kids": [{"x": 1}]}]}, tree).words.startswith("kids.0.kids.0: Additional properties")


def test_beside_a_reference_nothing_counts_in_the_drafts_that_say_so() -> None:
    schema = {"$ref": "#/definitions/N", "type": "string", "definitions": {"N": {"type": "integer"}}}
    assert fit(1, {**schema, "$schema": "http://json-schema.org/draft-07/schema#"}).fits is True
    assert fit(1, schema).fits is False


VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [
        *(
            None,
            True,
            False,
            0,
            5,
            -1,
            1.5,
            "",
            "string",
            "(",
            r"^\p{L}+$",
            "#",
            "#/properties/x",
            "http://127.0.0.1:9/x",
        ),
        *([], ["path"], [{}], [5], {}, {"type": "string"}, {"a": 5}, {"$ref": "#/nowhere"}),
    ]
)
KEYWORDS = st.sampled_from(
    [
        *("type", "enum", "const", "pattern", "minimum", "exclusiveMinimum", "multipleOf", "minLength", "format"),
        *("items", "prefixItems", "contains", "properties", "patternProperties", "additionalProperties", "definitions"),
        *("anyOf", "oneOf", "allOf", "not", "if", "then", "$ref", "$id", "$schema", "dependencies", "nullable"),
        *("required", "x-odd"),
    ]
)
BROKEN = {"type": "object", "properties": {"path": PATH}, "required": ["path"]}


@settings(deadline=None)
@given(st.dictionaries(KEYWORDS, VALUES, max_size=4), VALUES)
def test_whatever_one_property_says_a_call_without_the_required_one_is_never_correct(odd: Any, value: Any) -> None:
    assert fit({"x": value}, {**BROKEN, "properties": {"path": PATH, "x": odd}}).fits is False


@settings(deadline=None)
@given(KEYWORDS.filter(lambda name: name not in ("required", "nullable")), VALUES)
def test_whatever_is_beside_them_the_other_rules_judge(keyword: str, value: Any) -> None:
    found = fit({"x": 1}, {**BROKEN, keyword: value})
    assert found.fits is not True or keyword == "properties"


REAL: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "path": PATH,
        "x": {
            "type": "object",
            "description": "a place",
            "properties": {
                "line": {"type": "integer", "minimum": 0, "exclusiveMinimum": True},
                "kind": {"enum": ["a"]},
            },
            "required": ["line"],
            "anyOf": [{"required": ["kind"]}, {"$ref": "#/$defs/Any"}],
            "additionalProperties": False,
        },
    },
    "$defs": {"Any": {"type": ["object", "null"], "patternProperties": {"^x-": {"pattern": "^a", "maxLength": 9}}}},
    "required": ["path"],
    "additionalProperties": False,
}
"""A schema as tools have them, of old drafts and new ones."""


ODD_REAL = [
    (place, perturb([REAL], 0, place, way, other)[0])
    for place in places(REAL)
    for way in ("other type", "missing", "null", "renamed", "in a list", "in an object")
    for other in (OTHER_TYPES if way == "other type" else (None,))
    if not (place == ("properties", "x", "required") and other is True)  # that is how draft 3 requires x
]


def test_a_real_schema_with_an_odd_field_raises_nothing_and_its_other_rules_judge() -> None:
    for place, odd in ODD_REAL:
        wrong, right = fit({"x": {"line": 1, "x-": 5}}, odd), fit({"path": "/a"}, odd)
        if place[0] == "$defs" or place[:2] == ("properties", "x"):
            assert (wrong.fits, right.fits) == (False, True), (place, odd)
