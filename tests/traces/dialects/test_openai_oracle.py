"""The `openai` package reads no more than ours of recorded streams, and of streams in which one field is odd.

Its accumulators of chat completions and responses run in an environment of their own. ANYCLAUDE_TEST_EXAMPLES sets the
number of streams with an odd field.
"""

import os
from pathlib import Path

import pytest

from tests.support.packages import ask, python_with
from tests.support.perturbed import events_of, read_events, sample, texts_by_model, unread_texts
from tests.support.streams import files
from traces.dialects import Dialect

PACKAGE = "openai==3.51.0"
EXAMPLES = int(os.environ.get("ANYCLAUDE_TEST_EXAMPLES", "1000"))
DIALECTS: tuple[Dialect, ...] = ("chat", "responses")


@pytest.fixture(scope="module")
def openai_package() -> Path:
    """Return the Python that has the package."""
    return python_with(PACKAGE)


def test_the_package_reads_no_more_of_perturbed_streams(openai_package: Path) -> None:
    cases = sample(DIALECTS, EXAMPLES)
    theirs = ask(openai_package, "openai_assemble.py", [(case.dialect, case.changed) for case in cases])
    more = [(case, unread_texts(case, their["message"])) for case, their in zip(cases, theirs, strict=True)]
    assert [(case.field, case.way, texts) for case, texts in more if texts] == []


def test_the_package_reads_what_ours_reads_of_recorded_streams(openai_package: Path) -> None:
    """Each text of its messages is in ours, whole."""
    streams = [(dialect, file) for dialect in DIALECTS for file in files(dialect)]
    theirs = ask(openai_package, "openai_assemble.py", [(dialect, events_of(file)) for dialect, file in streams])
    read = 0
    for (dialect, file), their in zip(streams, theirs, strict=True):
        ours = set(texts_by_model(read_events(dialect, events_of(file)).message()))
        texts = [text for text in texts_by_model(their["message"]) if text]
        assert [text for text in texts if text not in ours] == [], file.stem
        read += len(texts)
    assert read > 20
