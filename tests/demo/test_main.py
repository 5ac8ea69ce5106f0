"""What the demo prints by itself."""

from pathlib import Path

import pytest

from demo.__main__ import show_traces
from tests.support import synthetic


@pytest.mark.io
def test_counts_that_no_server_reported_are_shown_as_unknown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    synthetic.write_all([synthetic.failed()], tmp_path)

    show_traces(tmp_path)

    assert "error  – tokens in, – out, no content" in capsys.readouterr().out
