"""What a server can reuse: by examples, and against a server that compares word by word."""

from dataclasses import dataclass, field
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from analysis.prefix_cache.cache import predict
from analysis.prefix_cache.templates import ORDERS
from tests.support import talks
from tests.support.talks import ANSWERED, Talk, body, said, turn, user
from traces.sessions.model import Turn

FIRST = turn(["a b c d"], ["e f"])
OTHER = turn(["x y z"], at=10)
NEXT = turn(["a b c d", "e f", "g h"], at=20)


def tokens(turns: list[Turn], slots: int = 1, host: float = 0) -> list[int]:
    return [reuse.tokens for reuse in predict(turns, talks.words, slots, ORDERS["chatml"], host=host)]


def test_a_slot_holds_what_was_asked_and_what_was_answered() -> None:
    assert tokens([FIRST, NEXT]) == [0, 6]


def test_the_last_token_is_always_prefilled() -> None:
    assert tokens([FIRST, FIRST]) == [0, 3]
    assert tokens([turn(["a"]), turn(["a"])]) == [0, 0]


def test_words_in_common_within_a_part_count() -> None:
    assert tokens([FIRST, turn(["a b c x"])]) == [0, 3]
    assert tokens([FIRST, turn(["a b cc d"])]) == [0, 2]  # how a tokenizer cuts `cc` needn't have to do with `c`


def test_with_one_slot_another_conversation_drives_out_the_first() -> None:
    assert tokens([FIRST, OTHER, NEXT]) == [0, 0, 0]


def test_with_two_slots_each_conversation_has_its_own() -> None:
    assert tokens([FIRST, OTHER, NEXT], slots=2) == [0, 0, 6]


def test_with_all_slots_taken_that_goes_which_was_not_used_for_longest() -> None:
    third = turn(["p q r"], at=15)
    assert tokens([FIRST, OTHER, third, NEXT, OTHER], slots=2) == [0, 0, 0, 0, 0]
    assert tokens([FIRST, OTHER, third, NEXT, OTHER], slots=3) == [0, 0, 0, 6, 2]


def test_a_slot_with_less_than_a_tenth_in_common_is_not_preferred() -> None:
    long = turn(["a " * 19 + "z"], at=20)
    assert tokens([turn(["a b"]), OTHER, long], slots=2) == [0, 0, 0 + 1]
    assert tokens([turn(["a b"]), OTHER, long, turn(["x y w"], at=30)], slots=2)[-1] == 2


def test_a_slot_that_still_answers_is_not_taken() -> None:
    at_once = turn(["a b c d", "q"], at=0.1)
    assert tokens([turn(["a b c d"]), at_once], slots=2) == [0, 0]
    assert tokens([turn(["a b c d"]), at_once], slots=1) == [0, 4]


def test_the_hosts_memory_gives_back_what_a_slot_lost() -> None:
    assert tokens([FIRST, OTHER, NEXT, OTHER], host=inf) == [0, 0, 6, 2]


def test_the_hosts_memory_is_as_large_as_it_is() -> None:
    third = turn(["p q r"], at=15)
    assert tokens([FIRST, OTHER, third, NEXT], host=9) == [0, 0, 0, 6]
    assert tokens([FIRST, OTHER, third, NEXT], host=8) == [0, 0, 0, 0]


def test_nothing_large_is_loaded_for_a_small_prefix() -> None:
    large = turn(["a b " + "c " * 40])
    assert tokens([large, OTHER, turn(["a b x"], at=20)], host=inf) == [0, 0, 0]


def test_each_model_can_have_a_cache_of_its_own() -> None:
    turns = [FIRST, turn(["a b c d", "e f", "g h"], model="other")]
    assert [one.tokens for one in predict(turns, talks.words)] == [0, 6]
    assert [one.tokens for one in predict(turns, talks.words, by_model=True)] == [0, 0]


def test_what_no_model_was_given_is_not_held() -> None:
    talk = Talk().ask(body(user("It is long.")), said("Yes.")).ask(body(user("Other.")), said(""), status=529)
    again = talk.ask(body(user("It is long.")), said("Yes."))
    first, _, third = predict(again.turns, talks.words)
    assert third.tokens == first.total - 1


def test_the_template_decides_what_a_change_costs() -> None:
    talk = Talk().ask(body(user("a b")), ANSWERED).ask(body(user("a b"), tools=[talks.tool("Bash")]), ANSWERED)
    late, early = (predict(talk.turns, talks.words, 1, ORDERS[name])[1] for name in ("chatml", "anthropic"))
    assert late.tokens > early.tokens


# A server that knows nothing but words.


@dataclass
class Naive:
    """Slots as lists of parts, each a list of words; an empty list of slots holds everything."""

    slots: list[list[list[str]]]
    everything: bool = False
    used: list[int] = field(default_factory=list)

    def ask(self, asked: list[list[str]], answer: list[list[str]], now: int) -> int:
        total = sum(map(len, asked))
        shared = [_shared(asked, held) for held in self.slots]
        best = max(range(len(shared)), key=lambda at: shared[at], default=0)
        if self.everything:
            found = max(shared, default=0)
            self.slots.append(asked + answer)
        else:
            if shared[best] <= 0.1 * total:
                best = min(range(len(self.slots)), key=lambda at: self.used[at])
            found = shared[best]
            self.slots[best], self.used[best] = asked + answer, now
        return max(min(found, total - 1), 0)


def _shared(asked: list[list[str]], held: list[list[str]]) -> int:
    count = 0
    for one, other in zip(asked, held, strict=False):
        same = 0
        while same < min(len(one), len(other)) and one[same] == other[same]:
            same += 1
        count += same
        if one != other:
            break
    return count


TEXTS = st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), max_size=5)
ASKED = st.lists(st.tuples(TEXTS, TEXTS), max_size=12)


@given(asked=ASKED, slots=st.integers(0, 3))
def test_a_prediction_is_what_a_comparison_word_by_word_says(
    asked: list[tuple[list[list[str]], list[list[str]]]], slots: int
) -> None:
    turns = [
        turn([" ".join(text) for text in texts], [" ".join(text) for text in answer], at=10 * at)
        for at, (texts, answer) in enumerate(asked)
    ]
    naive = Naive([[] for _ in range(slots)], everything=not slots, used=[-1] * slots)
    expected = [naive.ask(texts, answer, at) for at, (texts, answer) in enumerate(asked)]
    assert tokens(turns, slots) == expected


@given(asked=ASKED)
def test_more_is_never_reused_than_a_server_has_that_forgets_nothing(
    asked: list[tuple[list[list[str]], list[list[str]]]],
) -> None:
    turns = [turn([" ".join(text) for text in texts], at=10 * at) for at, (texts, _) in enumerate(asked)]
    everything = tokens(turns, 0)
    for slots, host in ((1, 0.0), (2, 0.0), (1, inf), (1, 5.0)):
        assert all(some <= most for some, most in zip(tokens(turns, slots, host), everything, strict=True))
