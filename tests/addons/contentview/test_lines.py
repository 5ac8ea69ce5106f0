import pytest

from addons.contentview.lines import WIDTH, printable, quantity, shorten, wrap


def text_of(*arguments: object, **named: object) -> list[str]:
    return [text for _, text in wrap(*arguments, **named)]  # type: ignore[arg-type]


def test_a_long_line_is_broken_between_words_and_nothing_of_it_is_lost() -> None:
    words = "the quick brown fox " * 20
    lines = text_of(words, limit=1000)
    assert all(len(line) <= WIDTH for line in lines)
    assert " ".join(lines).split() == words.split()


def test_a_word_longer_than_a_line_is_broken_where_the_line_ends() -> None:
    assert text_of("x" * (WIDTH + 5), limit=1000) == ["x" * WIDTH, "x" * 5]


def test_the_rest_of_an_indented_line_is_indented_as_well() -> None:
    lines = text_of("    " + "code " * 40, limit=1000, indent="  ")
    assert len(lines) == 3
    assert all(line.startswith("      code") for line in lines)


def test_a_text_is_cut_at_its_limit_and_how_much_was_cut_is_said() -> None:
    assert text_of("abcdef" * 1000, limit=4) == ["abcd", "… 5,996 more characters"]


def test_an_empty_line_holds_a_space_since_mitmweb_gives_no_height_to_nothing() -> None:
    assert text_of("a\n\nb", limit=10) == ["a", " ", "b"]


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…")],
)
def test_a_short_text_says_that_it_was_shortened(text: str, width: int, shown: str) -> None:
    assert shorten(text, width) == shown


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "0 tokens"), (1, "1 token"), (1234, "1,234 tokens")],
)
def test_numbers_are_grouped_and_agree_with_their_noun(number: int, words: str) -> None:
    assert quantity(number, "token") == words


def test_what_neither_a_log_nor_utf_8_can_take_is_replaced() -> None:
    assert printable("a\x1b]0;b\x9bc\ud800 – ✓") == "a�]0;b�c� – ✓"
