"""The `anthropic` package's accumulator reads what a client gets of odd servers without a complaint."""

import json

import pytest

from tests.addons.bridge.test_odd_servers import ODD, got_of
from tests.support.packages import ask, python_with
from tests.support.translating import contents_of

pytestmark = pytest.mark.io


def test_the_anthropic_package_reads_all_of_it() -> None:
    bodies = [got_of(odd.raw, streamed=True).body.decode() for odd in ODD.values()]
    sent = [[json.loads(line[6:]) for line in body.split("\n") if line.startswith("data: ")] for body in bodies]
    theirs = ask(python_with("anthropic==2.12.0"), "anthropic_assemble.py", sent)
    for (name, odd), their in zip(ODD.items(), theirs, strict=True):
        assert their["error"] is None, name
        made = contents_of(their["message"])
        assert (made["thinking"], made["text"], made["calls"]) == (odd.thinking, odd.text, list(odd.calls)), name
