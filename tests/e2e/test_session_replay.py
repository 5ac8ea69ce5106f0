"""A session whose billing header changes, replayed to a real llama.cpp: what the fix saves, in both dialects.

The real client's own session is replayed by the proof: see `tests/demo/test_proof.py`.
"""

import csv
from pathlib import Path

import pytest

from tests.support import synthetic, talks
from tests.support.replayer import Replayer

TURNS = 4


def a_session(folder: Path) -> None:
    """As Claude Code sends it to Anthropic: each prompt of the user has an id of its own in the header."""
    talk, messages = talks.Talk(), [talks.user("What is in the first file?")]
    for number in range(TURNS):
        header = f"cch=0000{number}; cc_prompt_id=0000000{number};"
        talk.ask(talks.body(*messages, system=talks.system(header), max_tokens=4), talks.said("A fox."))
        messages += [talks.said("A fox."), talks.user("And in the next?")]
    synthetic.write_all(talk.traces, folder)


@pytest.mark.parametrize("dialect", ["anthropic", "chat"])
def test_the_fix_lets_the_server_reuse_each_turn_s_prompt(tmp_path: Path, tiny_server: str, dialect: str) -> None:
    replayer = Replayer(tmp_path)
    a_session(replayer.traces)
    asked = ("--target", tiny_server, "--dialect", dialect, "--fix", "none,attribution", "--output", replayer.results)
    assert replayer("session", "latest", *asked).exit_code == 0
    (table,) = replayer.results.rglob("session.csv")
    first, *later, total = list(csv.DictReader(table.read_text().splitlines()))
    assert len(later) == TURNS - 1
    assert int(first["input"]) > 500
    for variant in ("none", "attribution"):
        assert int(first[f"cached_{variant}"]) < 0.1 * int(first["input"])  # each pass begins cold
    for turn in later:
        assert int(turn["cached_none"]) < 0.2 * int(turn["input"])
        assert int(turn["cached_attribution"]) > 0.9 * int(turn["input"]) - 60  # the header's tokens aren't there
    assert int(total["cached_attribution"]) > 5 * int(total["cached_none"])


def test_what_llama_cpp_blanks_of_the_header_by_itself_it_blanks_in_a_replay_too(
    tmp_path: Path, tiny_server: str
) -> None:
    replayer = Replayer(tmp_path)
    talk = talks.Talk()
    for cch in ("0e9a3", "be007"):
        system = talks.system(f"cc_entrypoint=cli; cch={cch};")
        talk.ask(talks.body(talks.user("Hi"), system=system, max_tokens=4), talks.said("Hello."))
    synthetic.write_all(talk.traces, replayer.traces)
    replayer("session", "latest", "--target", tiny_server, "--output", replayer.results)
    (table,) = replayer.results.rglob("session.csv")
    _, again, _ = list(csv.DictReader(table.read_text().splitlines()))
    assert int(again["cached_none"]) > 0.9 * int(again["input"])
