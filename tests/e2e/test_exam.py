"""An exam, an edit and other depths with real model servers: one model always calls a tool, the other never does."""

import json
from pathlib import Path

from replay.results import files
from tests.support import exams, synthetic
from tests.support.replayer import Replayer


def test_an_exam_tells_a_model_that_calls_tools_from_one_that_does_not(
    tool_server: str, tiny_server: str, tmp_path: Path
) -> None:
    replayer = Replayer(tmp_path)
    synthetic.write_all(exams.session().traces, replayer.traces)
    servers = ("--target", tool_server, "--target", tiny_server, "-o", replayer.results)
    asked = ("exam", "latest", *servers, "--set", "max_tokens=60", "--format", "json")
    report = json.loads(replayer(*asked).stdout)
    tool, tiny = report["models"]
    assert (tool["failed"], tiny["failed"]) == (0, 0)
    assert [tool["checks"][key]["passed"] for key in ("calls", "calls_nothing", "arguments_parse")] == [5, 0, 6]
    assert [tiny["checks"][key]["passed"] for key in ("calls", "calls_nothing")] == [0, 1]
    assert all(answer["next_action"] > 0 for answer in report["answers"])
    again = replayer(*asked)
    assert "12 of 12 are answered already" in again.stderr
    assert json.loads(again.stdout)["models"] == report["models"]


def test_a_request_is_replayed_edited_and_at_other_depths(tool_server: str, tmp_path: Path) -> None:
    replayer = Replayer(tmp_path)
    synthetic.write_all(exams.session(repeat=4).traces, replayer.traces)
    patch = tmp_path / "two.json"
    patch.write_text(json.dumps([{"op": "remove", "path": "/tools/3"}, {"op": "remove", "path": "/tools/2"}]))
    trace = sorted(replayer.traces.rglob("*.json"))[12]
    asked = ("--target", tool_server, "--edit", patch, "--depth", "1500,2k", "--set", "max_tokens=60")
    said = replayer.replay(trace, *asked)
    assert said.exit_code == 0, said.output
    assert "tokens by llama.cpp's tokenizer" in said.stdout
    runs = {run.run.variant.name if run.run.variant else "": run for run in map(files.load, replayer.saved)}
    assert len(runs) >= 3
    read = {name: run.metrics.input.total for name, run in runs.items() if run.metrics.input}
    assert read["two"] < read[""]
    for name, tokens in (("depth 1500", 1500), ("depth 2k", 2000)):
        assert name not in read or read[name] <= tokens * 1.02
