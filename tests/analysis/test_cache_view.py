"""What `cache` puts together from sessions that were read."""

import pytest

from analysis.cache_view import View, view
from tests.support.talks import ANSWERED, Talk, body, user

ASKED = user("Fix the test. " * 20)


def of(*usages: dict[str, int] | None, leave_out: str) -> View:
    talk = Talk()
    for number, usage in enumerate(usages):
        talk.ask(body(ASKED, *[ANSWERED, user("Go on.")] * number), ANSWERED, usage=usage)
    return view(talk.sessions, leave_out=[leave_out])


@pytest.mark.parametrize("left_out", ["Glob", "system:2"])
def test_what_is_left_out_is_saved_also_where_the_server_reports_a_total(left_out: str) -> None:
    """The total that it reports is with what is left out."""
    plain = of(None, None, leave_out=left_out)
    usages = [{"input_tokens": row.total * 3 // 2, "cache_read_input_tokens": 0} for row in plain.rows]
    scaled = of(*usages, leave_out=left_out)
    assert plain.saving is not None
    assert scaled.saving is not None
    assert plain.saving.tokens > plain.saving.prefilled > 20
    assert scaled.saving.tokens == pytest.approx(1.5 * plain.saving.tokens, abs=2)
    assert scaled.saving.prefilled == pytest.approx(1.5 * plain.saving.prefilled, abs=2)
