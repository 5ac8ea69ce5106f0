"""What a client wrote into the user's messages, cut out of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traces.clients.claude_code.reminders import pieces

FILES = (
    "<system-reminder>\nFollow these.\n\n"
    "Contents of /src/CLAUDE.md (project instructions, checked into the codebase):\n\n# Style\nBe kind.\n\n"
    "Contents of /home/me/.claude/CLAUDE.md (user's private global instructions for all projects):\n\nBe brief.\n"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("hello", [("text", None, "hello")]),
        (
            "look: <system-reminder>be quick</system-reminder>\n\nplease",
            [
                ("text", None, "look: "),
                ("reminder", None, "<system-reminder>be quick</system-reminder>\n\n"),
                ("text", None, "please"),
            ],
        ),
        (
            "<system-reminder>a</system-reminder><system-reminder>b</system-reminder>",
            [
                ("reminder", None, "<system-reminder>a</system-reminder>"),
                ("reminder", None, "<system-reminder>b</system-reminder>"),
            ],
        ),
        ("what is <system-reminder> for?", [("text", None, "what is <system-reminder> for?")]),
        ("</system-reminder> first", [("text", None, "</system-reminder> first")]),
    ],
)
def test_a_reminder_is_cut_out_of_the_users_text(text: str, expected: list[object]) -> None:
    assert list(pieces(text)) == expected


@pytest.mark.parametrize(
    "behind",
    [
        "</system-reminder>",
        "\n# currentDate\nToday's date is 2026-11-22.\n</system-reminder>",
        "\n      IMPORTANT: this context may or may not be relevant to your tasks.\n</system-reminder>\n",
    ],
)
def test_each_claude_md_is_a_piece_with_its_path(behind: str) -> None:
    found = list(pieces(FILES + behind))
    assert [(what, path) for what, path, _ in found] == [
        ("reminder", None),
        ("claude_md", "/src/CLAUDE.md"),
        ("claude_md", "/home/me/.claude/CLAUDE.md"),
        ("reminder", None),
    ]
    assert found[1][2].endswith("# Style\nBe kind.\n\n")
    assert found[3][2].strip() == behind.strip()


def test_a_heading_outside_of_a_reminder_is_what_the_user_wrote() -> None:
    text = FILES.removeprefix("<system-reminder>")
    assert list(pieces(text)) == [("text", None, text)]


MARKERS = ("<system-reminder>", "</system-reminder>", "Contents of /a/CLAUDE.md:\n", "# currentDate\n", "\n", " ", "x")


@given(st.lists(st.sampled_from(MARKERS)).map("".join))
def test_the_pieces_joined_are_the_text(text: str) -> None:
    assert "".join(words for _, _, words in pieces(text)) == text
    assert all(words for _, _, words in pieces(text))
