"""Each repair changes what it is for, leaves the rest alone, and says what it changed."""

import base64
from typing import Any

import pytest

from tests.support.bodies import HELLO, IMAGE, PDF, READ, anthropic, assistant, chat, result, said, text, use, user
from traces.repairs import REPAIRS, Outgoing, parse, repair

LATE = said("system", "It is late.")
TOLD = "<system-reminder>\nIt is late.\n</system-reminder>"
BILLING = "x-anthropic-billing-header: cc_version=2.1.330.d01; cch=42e25;"
MARKER = {"cache_control": {"type": "ephemeral"}}
SIGNED = {"type": "thinking", "thinking": "Hm.", "signature": base64.b64encode(bytes(range(90))).decode()}
UNSIGNED = {"type": "thinking", "thinking": "Hm.", "signature": ""}
MADE_UP = {"type": "thinking", "thinking": "Hm.", "signature": "c2hvcnQ="}
HIDDEN = {"type": "redacted_thinking", "data": base64.b64encode(bytes(90)).decode()}
FAR_TEXT = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "x"}}

Case = tuple[str, dict[str, Any], dict[str, Any], tuple[str, ...]]
FOLDED = "a system message in mid-conversation: folded into the user's message"
MOVED = "a system message among the messages: moved to the system prompt"
IN_PLACE = "an image: a line of text in its place"

CASES: dict[str, Case] = {
    "a system message is folded": (
        "system-role",
        anthropic(HELLO, LATE, system="Be brief."),
        anthropic(said("user", f"Hello\n{TOLD}"), system="Be brief."),
        (FOLDED,),
    ),
    "one before the conversation goes to the system prompt": (
        "system-role",
        anthropic(LATE, HELLO, system=[text("Be brief.")]),
        anthropic(HELLO, system=[text("Be brief."), text("It is late.")]),
        (MOVED,),
    ),
    "to a system prompt that is a text, too": (
        "system-role",
        anthropic(LATE, HELLO, system="Be brief."),
        anthropic(HELLO, system="Be brief.\n\nIt is late."),
        (MOVED,),
    ),
    "also where there was none": (
        "system-role",
        anthropic(LATE, HELLO),
        anthropic(HELLO, system="It is late."),
        (MOVED,),
    ),
    "all system messages are moved to the top": (
        "system-top",
        anthropic(HELLO, said("system", [text("It is late.")]), assistant(text("Hi")), LATE, system="Be brief."),
        anthropic(HELLO, assistant(text("Hi")), system="Be brief.\n\nIt is late.\n\nIt is late."),
        (f"{MOVED} (2 times)",),
    ),
    "the billing header": (
        "billing",
        anthropic(HELLO, system=[text(BILLING), text("Be brief.")]),
        anthropic(HELLO, system=[text("Be brief.")]),
        ("the billing header in the system prompt: dropped",),
    ),
    "images of the user and of results": (
        "images",
        anthropic(user(text("Look:"), IMAGE), assistant(use("a")), user(result("a", [IMAGE]), PDF, FAR_TEXT)),
        anthropic(
            user(text("Look:"), text("(image/png left out: this server reads no images)")),
            assistant(use("a")),
            user(
                result("a", [text("(image/png left out: this server reads no images)")]),
                text("(application/pdf left out: this server reads no documents)"),
                FAR_TEXT,
            ),
        ),
        (f"{IN_PLACE} (2 times)", "a document: a line of text in its place"),
    ),
    "thinking that Anthropic didn't sign": (
        "thinking",
        anthropic(HELLO, assistant(UNSIGNED, text("Hi")), HELLO, assistant(SIGNED, HIDDEN, MADE_UP, text("Hi")), HELLO),
        anthropic(HELLO, assistant(text("Hi")), HELLO, assistant(SIGNED, HIDDEN, text("Hi")), HELLO),
        ("thinking without a valid signature: dropped (2 times)",),
    ),
    "an answer of nothing but such thinking": (
        "thinking",
        anthropic(HELLO, assistant(UNSIGNED), HELLO),
        anthropic(HELLO, HELLO),
        ("thinking without a valid signature: dropped",),
    ),
    "thinking before a call that isn't over turns thinking off": (
        "thinking",
        anthropic(HELLO, assistant(UNSIGNED, use("a")), user(result("a", "x")), thinking={"type": "adaptive"}),
        anthropic(HELLO, assistant(use("a")), user(result("a", "x"))),
        (
            "thinking without a valid signature: dropped",
            "thinking: turned off for this request, which answers a call whose thinking is left out",
        ),
    ),
    "all thinking": (
        "all-thinking",
        anthropic(HELLO, assistant(SIGNED, HIDDEN, text("Hi")), HELLO),
        anthropic(HELLO, assistant(text("Hi")), HELLO),
        ("thinking of an earlier answer: dropped (2 times)",),
    ),
    "fields and markers of newer versions of the API": (
        "betas",
        anthropic(
            user({**text("Hello"), **MARKER}),
            said("assistant", [{**use("a"), "caller": {"type": "direct"}}], output_config={"effort": "low"}),
            user({**result("a", [{**text("x"), **MARKER}]), **MARKER}),
            system=[{**text("Be brief."), **MARKER}],
            context_management={"edits": []},
            metadata={"user_id": "u", "more": 1},
            thinking={"type": "adaptive", "display": "omitted"},
            temperature=None,
        ),
        anthropic(
            user(text("Hello")),
            assistant(use("a")),
            user(result("a", [text("x")])),
            system=[text("Be brief.")],
            metadata={"user_id": "u"},
        ),
        (
            "context_management: dropped",
            "text.cache_control: dropped (2 times)",
            "messages[].output_config: dropped",
            "tool_use.caller: dropped",
            "tool_result.cache_control: dropped",
            "system[].cache_control: dropped",
            "thinking adaptive: dropped",
            "metadata.more: dropped",
        ),
    ),
    "a budget of thinking is no beta": (
        "betas",
        anthropic(HELLO, thinking={"type": "enabled", "budget_tokens": 1024, "display": "omitted"}),
        anthropic(HELLO, thinking={"type": "enabled", "budget_tokens": 1024}),
        ("thinking.display: dropped",),
    ),
    "tools of Anthropic's servers, deferred ones, and their fields": (
        "betas",
        anthropic(
            HELLO,
            tools=[
                {"type": "web_search_20250305", "name": "web_search"},
                {**READ, "name": "Later", "defer_loading": True},
                {**READ, "type": "custom", "strict": True, "eager_input_streaming": True, **MARKER},
            ],
            tool_choice={"type": "auto"},
        ),
        anthropic(HELLO, tools=[READ], tool_choice={"type": "auto"}),
        (
            "the tool web_search, which runs on Anthropic's servers: dropped",
            "a deferred tool that nothing had loaded yet: dropped",
            "tools[].strict: dropped",
            "tools[].eager_input_streaming: dropped",
            "tools[].cache_control: dropped",
        ),
    ),
    "a choice of a tool that goes": (
        "betas",
        anthropic(
            HELLO,
            tools=[{"type": "web_search_20250305", "name": "web_search"}],
            tool_choice={"type": "tool", "name": "web_search"},
        ),
        anthropic(HELLO),
        (
            "the tool web_search, which runs on Anthropic's servers: dropped",
            "tool_choice web_search, for which no tool is left: dropped",
        ),
    ),
    "a search that Anthropic's servers ran": (
        "betas",
        anthropic(
            HELLO,
            assistant(
                {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}},
                {
                    "type": "web_search_tool_result",
                    "tool_use_id": "s",
                    "content": [{"type": "web_search_result", "title": "X", "url": "https://x.example"}],
                },
                text("Found."),
            ),
            HELLO,
        ),
        anthropic(
            HELLO,
            assistant({"type": "tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}}),
            user(result("s", [text("X"), text("https://x.example")])),
            assistant(text("Found.")),
            HELLO,
        ),
        ("a call that the server ran itself (web_search): sent as a call of a tool",),
    ),
    "a field of every tool": (
        "drop:tools.strict",
        anthropic(HELLO, tools=[{**READ, "strict": True}, READ, {**READ, "strict": False}]),
        anthropic(HELLO, tools=[READ] * 3),
        ("tools.strict: dropped (2 times)",),
    ),
    "tools of one type, and what chooses among none": (
        "drop:tools:web_search_20250305",
        anthropic(HELLO, tools=[{"type": "web_search_20250305", "name": "w"}], tool_choice={"type": "auto"}),
        anthropic(HELLO),
        ("tools:web_search_20250305: dropped", "tool_choice, for which no tool is left: dropped"),
    ),
    "blocks of one type, of which a message may consist": (
        "drop:messages.content:thinking",
        anthropic(HELLO, assistant(SIGNED), user(text("Hello"))),
        anthropic(HELLO, said("assistant", "(left out)"), user(text("Hello"))),
        ("messages.content:thinking: dropped",),
    ),
    "a field of blocks of one type": (
        "drop:messages.content:tool_use.caller",
        anthropic(HELLO, assistant({**use("a"), "caller": 1}, {**text("x"), "caller": 1})),
        anthropic(HELLO, assistant(use("a"), {**text("x"), "caller": 1})),
        ("messages.content:tool_use.caller: dropped",),
    ),
    "a field of one kind": (
        "drop:thinking:adaptive",
        anthropic(HELLO, thinking={"type": "adaptive"}),
        anthropic(HELLO),
        ("thinking:adaptive: dropped",),
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_a_repair_changes_what_it_is_for(what: str) -> None:
    name, before, after, notes = CASES[what]
    assert repaired(before, name) == (after, notes)
    assert repaired(after, name) == (after, ()), "what is repaired needs no repair"


@pytest.mark.parametrize("name", [*REPAIRS, "drop:context_management", "drop:messages.content:thinking"])
def test_a_plain_request_stays_as_it_is(name: str) -> None:
    plain = anthropic(
        HELLO,
        assistant(text("Hi"), use("a")),
        user(result("a", "x", is_error=True)),
        system=[text("Be brief.")],
        tools=[READ],
        tool_choice={"type": "any"},
        stop_sequences=["x"],
    )
    request = Outgoing("/v1/messages?k=v", {"X-Api-Key": "k"}, plain)
    assert repair(request, [name]) == (request, ())


def test_the_beta_header_and_its_query_go_with_betas() -> None:
    request = Outgoing("/proxy/v1/messages?beta=true&k=v", {"Anthropic-Beta": "a,b", "Accept": "*/*"}, anthropic(HELLO))
    new, notes = repair(request, ["betas"])
    assert new == Outgoing("/proxy/v1/messages?k=v", {"Accept": "*/*"}, anthropic(HELLO))
    assert notes == ("the header anthropic-beta: dropped",)


def test_a_header_can_be_dropped_by_its_name() -> None:
    new, notes = repair(Outgoing("/v1/messages", {"Anthropic-Beta": "a"}, {}), ["drop:anthropic-beta"])
    assert (new.headers, notes) == ({}, ("anthropic-beta: dropped",))


def test_in_chat_completions_a_system_message_is_folded_or_moved_too() -> None:
    body = chat(said("system", "Be brief."), HELLO, LATE)
    assert repaired(body, "system-role", path="/v1/chat/completions") == (
        chat(said("system", "Be brief."), said("user", f"Hello\n{TOLD}")),
        (FOLDED,),
    )
    assert repaired(body, "system-top", path="/v1/chat/completions") == (
        chat(said("system", "Be brief.\nIt is late."), HELLO),
        (MOVED,),
    )
    assert repaired({**body, "reasoning_effort": "low"}, "betas", path="/v1/chat/completions")[1] == ()


def test_all_together_are_applied_in_one_order() -> None:
    body = anthropic(user(IMAGE), LATE, system=[{**text(BILLING), **MARKER}], context_management={})
    one = repaired(body, "billing,images,betas,system-role,drop:system")
    assert one == repaired(body, "drop:system,system-role,betas,images,billing")
    assert one[0] == anthropic(user(text("(image/png left out: this server reads no images)"), text(TOLD)))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": None, "system": 5, "tools": {}},
        {"messages": "Hello", "tools": "Read"},
        {"messages": [5, "x", {}, {"role": "system"}, {"role": "user", "content": [5, {"type": 7}]}], "tools": [5]},
        {"messages": [{"role": "system", "content": 5}], "metadata": 1, "tool_choice": "auto", "tools": [{}]},
        {"messages": [{"role": "user", "content": [{"type": "tool_use"}]}], "thinking": "yes"},
    ],
)
@pytest.mark.parametrize("name", [*REPAIRS, "drop:tools.strict", "drop:messages.content:thinking.x"])
def test_what_has_no_requests_shape_breaks_nothing(name: str, body: dict[str, Any]) -> None:
    new, _ = repaired(body, name)
    assert isinstance(new, dict)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("sytem-role", "'sytem-role' is no repair: known are system-role, system-top, betas"),
        ("drop:", "a path is written as"),
        ("drop:a b", "a path is written as"),
        ("drop:messages", "no request can do without messages"),
        ("betas,drop:model", "no request can do without model"),
    ],
)
def test_an_unknown_name_is_answered_with_those_that_there_are(name: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse(name)


def test_names_are_read_once_each_with_blanks_around_them() -> None:
    assert parse(" betas, auto,betas,,drop:tools.strict ") == ("betas", "auto", "drop:tools.strict")


def repaired(body: dict[str, Any], names: str, path: str = "/v1/messages") -> tuple[dict[str, Any], tuple[str, ...]]:
    new, notes = repair(Outgoing(path, {}, body), parse(names))
    return new.body, tuple(notes)
