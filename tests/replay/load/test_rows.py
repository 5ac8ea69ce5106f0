import json
from dataclasses import fields

import pytest

from replay.load import rows
from replay.load.rows import Row
from tests.support import load_rows


def test_a_row_survives_json() -> None:
    row = load_rows.row(stamps=(0.5, 0.6), wrong="whole")
    document = json.loads(json.dumps(rows.to_dict(row)))
    assert rows.from_dict(document) == row
    assert rows.from_dict({**document, "of_a_later_version": 1}) == row


def test_a_document_holds_what_is_derived_too() -> None:
    document = rows.to_dict(load_rows.row(due=10.0, sent=10.25, connect=0.05, ttft=1.0, total=3.0))
    assert document["lag"] == pytest.approx(0.2)
    assert (document["ended"], document["generation"], document["next_action"]) == (13.25, 2.0, 3.0)


def test_an_agent_can_act_as_soon_as_a_tool_call_is_whole() -> None:
    assert load_rows.row(first_tool_call=1.5, total=3.0).next_action == 1.5


def test_a_request_can_t_go_out_before_its_time() -> None:
    assert load_rows.row(due=10.0, sent=10.0, connect=0.002).lag == 0


def test_every_column_is_documented() -> None:
    words = (Row.__doc__ or "").replace(",", " ").replace("`", " ").split()
    assert [field.name for field in fields(Row) if field.name not in words] == []
