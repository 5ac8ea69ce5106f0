"""Traces counted on a cluster: row by row what one process counts."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import analysis
from analysis.dataset import sources
from tests.support import synthetic
from tests.support.analyzer import Analyzer

pytestmark = [
    pytest.mark.process,
    pytest.mark.xdist_group("cluster"),
    pytest.mark.filterwarnings("ignore"),  # Dask's own
]


@pytest.fixture
def root(traced: Analyzer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Traces of several days, one of which can't be read, in slices of two."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(traced.home / "cache"))
    monkeypatch.setattr(sources, "AT_ONCE", 2)
    for day in range(1, 8):
        synthetic.write(replace(synthetic.tool_call(), timestamp=f"2025-11-0{day}T10:00:00.000Z"), traced.root)
    (traced.root / "lmstudio" / "2025-11-05T10-00-01-000.json").write_text("{")
    return traced.root


def test_a_cluster_counts_what_one_process_counts(traced: Analyzer, root: Path) -> None:
    where, alone = traced.home / "on-cluster", traced.home / "alone"
    result = traced("export", root, "-o", where, "--partition", "day", "--cluster", "local:2")
    assert result.exit_code == 0
    assert result.stdout.startswith("10 exchanges and ")
    assert "2025-11-05T10-00-01-000.json: Invalid JSON" in result.stderr
    assert traced("export", root, "-o", alone, "--partition", "day").exit_code == 0
    pd.testing.assert_frame_equal(analysis.load(where), analysis.load(alone))
    pd.testing.assert_frame_equal(analysis.parts(where), analysis.parts(alone))
    pd.testing.assert_frame_equal(analysis.parts(root, cluster="local:1"), analysis.parts(root))
