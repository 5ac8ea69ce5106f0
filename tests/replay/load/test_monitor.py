"""A server is watched from beside: what it tells before, during and after a load."""

import stat
from pathlib import Path

import pytest

from replay.load.monitor import Monitor, Sample
from replay.request import Target
from tests.replay.load.test_gauges import LLAMACPP
from tests.support.patience import eventually
from tests.support.scripted import Answer, Received, serving, whole

pytestmark = pytest.mark.io


def answer(request: Received) -> Answer:
    assert request.path == "/metrics"
    return Answer(steps=(LLAMACPP.encode(),), headers={"content-type": "text/plain"})


def watched(url: str, most: int) -> tuple[Monitor, list[Sample]]:
    found: list[Sample] = []
    monitor = Monitor(Target(url, "box"), found.append, every=0.01)
    monitor.start()
    eventually(lambda: len(found) >= most or monitor.is_silent)
    monitor.stop()
    return monitor, found


def test_samples_are_taken_before_during_and_after(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # no GPU is asked
    with serving(answer) as server:
        monitor, found = watched(server.url, most=3)
    assert not monitor.is_silent
    assert len(found) >= 4
    assert found[0].values == {"running": 2.0, "waiting": 1.0, "prompt_tokens": 1234.0}
    assert [sample.at for sample in found] == sorted(sample.at for sample in found)


def test_a_server_that_tells_nothing_makes_no_trouble(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with serving(lambda request: whole({"error": "no such path"}, status=404)) as server:
        monitor, found = watched(server.url, most=1)
    assert monitor.is_silent
    assert found == []


def test_a_gpu_of_this_machine_is_asked_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho '35, 8000, 120.5'\necho '90, 4000, [N/A]' | sed 's/.N.A./80/'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with serving(lambda request: whole({}, status=404)) as server:
        _, found = watched(server.url, most=1)
    assert found[0].values == {"gpu_usage": 0.9, "gpu_memory": 12000.0, "gpu_power": 200.5}
