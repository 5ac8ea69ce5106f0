import pytest

from traces.clients.claude_code.ids import ids_of
from traces.model import Ids, Json

SESSION = "0b9e8f3a-5a4c-4e0f-9a51-2f9e5a8d7c10"

CASES: list[tuple[dict[str, str], Json, Ids]] = [
    ({"x-claude-code-session-id": SESSION}, {}, Ids(SESSION)),
    (
        {
            "x-claude-code-session-id": SESSION,
            "x-claude-code-agent-id": "a1",
            "x-claude-code-parent-agent-id": "a0",
        },
        {},
        Ids(SESSION, "a1", "a0"),
    ),
    ({}, {"metadata": {"user_id": f"user_ab12_account__session_{SESSION}"}}, Ids(SESSION)),
    ({}, {"metadata": {"user_id": f'{{"device_id":"d","session_id":"{SESSION}"}}'}}, Ids(SESSION)),
    (
        {"x-claude-code-session-id": "of the header"},
        {"metadata": {"user_id": f"x_session_{SESSION}"}},
        Ids("of the header"),
    ),
    ({}, {"metadata": {"user_id": "{not json"}}, Ids()),
    ({}, {"metadata": {"user_id": '{"session_id": 7}'}}, Ids()),
    ({}, {"metadata": {"user_id": 7}}, Ids()),
    ({}, {"metadata": "none"}, Ids()),
    ({}, {}, Ids()),
    ({}, None, Ids()),
    ({}, "text", Ids()),
]


@pytest.mark.parametrize(("headers", "body", "ids"), CASES)
def test_ids_come_from_headers_or_else_from_the_body(headers: dict[str, str], body: Json, ids: Ids) -> None:
    assert ids_of(headers, body) == ids
