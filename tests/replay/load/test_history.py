"""The history that a turn is sent with: recorded answers, or the model's own in their place."""

from dataclasses import replace
from typing import Any

from replay.exchange import Sent
from replay.load.history import Histories
from replay.load.lane import Due
from replay.load.script import Script, ScriptTurn
from tests.support.factories import call, result
from tests.support.load_scripts import turn
from tests.support.talks import said, user
from traces import jsonio
from traces.model import Failure, Json

READ = call("Read", "toolu_recorded", file_path="a.txt")


def script(*requests: list[Any]) -> Script:
    """Return a session whose requests have these messages, each continuing the one before it."""
    return Script(
        "s", tuple(turn(n, *([n - 1] if n > 1 else []), body={"messages": said}) for n, said in enumerate(requests, 1))
    )


def message(*blocks: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks), "stop_reason": "end_turn", "id": "msg_1"}


class Copy:
    """One copy of a session that is played by hand."""

    def __init__(self, played: Script, answers: Any = "live") -> None:
        self.histories = Histories(answers)
        self.script = played

    def _due(self, each: ScriptTurn) -> Due:
        return Due(self.script, each, 1, 1, 0.0, 0.0)

    def ask(self, number: int, answer: Json, error: Failure | None = None) -> tuple[list[Any], str]:
        """Return the messages that turn is sent with, and whose they are; then take its answer."""
        each = self.script.turns[number - 1]
        body, history = self.histories.body(self._due(each), each.prepared.body)
        sent = Sent(replace(each.prepared, body=body), "", message=answer, error=error)
        self.histories.answered(self._due(each), sent)
        request = jsonio.loads(body)
        assert isinstance(request, dict)
        return request["messages"], history


QUESTION, ANSWER, NEXT, AGAIN = user("What?"), said("A fox."), user("And now?"), said("Still a fox.")
TALK = script([QUESTION], [QUESTION, ANSWER, NEXT], [QUESTION, ANSWER, NEXT, AGAIN, user("Why?")])


def test_recorded_answers_stay() -> None:
    copy = Copy(TALK, "recorded")
    copy.ask(1, message({"type": "text", "text": "A bear."}))
    assert copy.ask(2, message()) == ([QUESTION, ANSWER, NEXT], "recorded")


def test_the_models_own_answers_take_the_place_of_the_recorded_ones() -> None:
    copy = Copy(TALK)
    bear, bees = {"type": "text", "text": "A bear."}, {"type": "text", "text": "Bees."}
    assert copy.ask(1, message(bear)) == ([QUESTION], "recorded")
    own = {"role": "assistant", "content": [bear]}
    assert copy.ask(2, message(bees)) == ([QUESTION, own, NEXT], "live")
    messages, history = copy.ask(3, message())
    assert (messages[1], messages[3], history) == (own, {"role": "assistant", "content": [bees]}, "live")


def test_a_failed_or_empty_answer_leaves_the_recorded_one_and_it_is_told() -> None:
    copy = Copy(TALK)
    copy.ask(1, None, Failure("stalled", "nothing more came"))
    assert copy.ask(2, message({"type": "text", "text": "Bees."})) == ([QUESTION, ANSWER, NEXT], "recorded")
    assert copy.ask(3, message())[1] == "mixed"


def test_calls_get_the_ids_that_their_recorded_results_name() -> None:
    recorded = {"role": "assistant", "content": [READ]}
    copy = Copy(script([QUESTION], [QUESTION, recorded, user(), result("plum", "toolu_recorded")]))
    own = {"type": "text", "text": "I look."}, call("Glob", "toolu_own", pattern="*")
    copy.ask(1, message(*own))
    messages, history = copy.ask(2, message())
    assert messages[1]["content"] == [own[0], {**own[1], "id": "toolu_recorded"}]
    assert history == "live"


def test_an_answer_without_the_calls_whose_results_follow_can_t_stand_there() -> None:
    recorded = {"role": "assistant", "content": [READ]}
    copy = Copy(script([QUESTION], [QUESTION, recorded, result("plum", "toolu_recorded")]))
    copy.ask(1, message({"type": "text", "text": "No idea."}))
    assert copy.ask(2, message()) == ([QUESTION, recorded, result("plum", "toolu_recorded")], "recorded")


def test_a_chats_answer_is_its_message() -> None:
    asked = {"role": "user", "content": "What?"}
    recorded = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "call_recorded", "type": "function", "function": {"name": "Read", "arguments": "{}"}}],
    }
    followed = {"role": "tool", "tool_call_id": "call_recorded", "content": "plum"}
    copy = Copy(script([asked], [asked, recorded, followed]))
    own = {"id": "call_own", "type": "function", "function": {"name": "Glob", "arguments": "{}"}}
    copy.ask(1, {"choices": [{"message": {"role": "assistant", "content": "", "tool_calls": [own]}}]})
    messages, history = copy.ask(2, None)
    assert messages[1] == {"role": "assistant", "content": "", "tool_calls": [{**own, "id": "call_recorded"}]}
    assert (messages[2], history) == (followed, "live")


def test_thoughts_that_nobody_signed_are_left_out() -> None:
    copy = Copy(TALK)
    thoughts = [{"type": "thinking", "thinking": "Hm.", "signature": sign} for sign in ("", "signed")]
    copy.ask(1, message(*thoughts, {"type": "text", "text": "A bear."}))
    messages, _ = copy.ask(2, message())
    assert messages[1]["content"] == [thoughts[1], {"type": "text", "text": "A bear."}]
