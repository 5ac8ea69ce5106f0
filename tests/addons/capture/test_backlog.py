"""When the writer writes what, by a clock that the test sets."""

from addons.capture.backlog import PATIENCE, QUIET, ROOM, Backlog
from addons.capture.spool import Segment


class Story:
    """A backlog, the spool that its frames lie in, and the time."""

    def __init__(self) -> None:
        self.backlog = Backlog()
        self.segment = Segment.create(in_memory=True)
        self.now = 0.0

    def begin(self, key: str) -> None:
        self.backlog.begin(key, self.segment.frame(self.segment.append(("begin", key))), self.now)

    def end(self, key: str, size: int = 0) -> None:
        self.backlog.end(key, self.segment.frame(self.segment.append(("end", key), bytes(size))), self.now)

    def written(self) -> list[str]:
        """Return what is written now: a key, in brackets where it is only the request."""
        found = []
        while waiting := self.backlog.next(self.now):
            found.append(waiting.key if waiting.ended else f"({waiting.key})")
        return found


def test_what_has_ended_is_written_soon_while_no_answer_is_under_way() -> None:
    story = Story()
    story.begin("one")
    assert story.written() == []
    story.end("one")
    assert story.written() == []
    assert story.backlog.delay(story.now) == QUIET
    story.now = QUIET
    assert story.written() == ["one"]
    assert story.backlog.delay(story.now) is None


def test_what_has_ended_waits_while_answers_are_under_way_but_not_for_long() -> None:
    story = Story()
    story.begin("one")
    story.begin("two")
    story.end("one")
    story.now = PATIENCE / 2
    assert story.written() == []
    assert story.backlog.delay(story.now) == PATIENCE / 2
    story.now = PATIENCE
    assert story.written() == ["one", "(two)"]


def test_what_has_ended_does_not_wait_where_too_much_does() -> None:
    story = Story()
    for key in ("one", "two", "open"):
        story.begin(key)
    story.end("one", ROOM)
    assert story.written() == []
    story.end("two", 1)
    assert story.backlog.delay(story.now) == 0
    assert story.written() == ["one"]


def test_a_request_whose_answer_lasts_is_written_once_before_it_has_ended() -> None:
    story = Story()
    story.begin("one")
    story.now = PATIENCE
    assert story.written() == ["(one)"]
    assert story.backlog.delay(story.now) is None
    story.now += 100
    story.end("one")
    story.now += QUIET
    assert story.written() == ["one"]


def test_nothing_waits_once_the_proxy_has_ended() -> None:
    story = Story()
    for key in ("one", "two", "three"):
        story.begin(key)
    story.end("two")
    story.backlog.is_closing = True
    assert story.backlog.delay(story.now) == 0
    assert story.written() == ["two", "(one)", "(three)"]
