from pathlib import Path

import pytest

from tests.support import synthetic
from tests.support.analyzer import Analyzer


@pytest.fixture
def analyzer(tmp_path: Path) -> Analyzer:
    """Return the command with an empty folder of traces."""
    return Analyzer(tmp_path)


@pytest.fixture
def traced(analyzer: Analyzer) -> Analyzer:
    """Return the command with the synthetic traces in its folder."""
    synthetic.write_all(synthetic.all_kinds(), analyzer.root)
    return analyzer
