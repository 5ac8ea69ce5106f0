"""The demo's models are made once, and found by their names."""

import pytest

from demo import models
from traces.errors import ToolkitError


@pytest.mark.parametrize("name", models.BY_NAME)
def test_every_model_is_a_file_of_weights_that_is_made_once(name: str) -> None:
    weights = models.find(name)
    assert weights.read_bytes()[:4] == b"GGUF"
    made = weights.stat()
    assert models.find(name).stat() == made


def test_an_unknown_model_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(ToolkitError, match=r"'gpt-2'.*smollm2, tiny, tool"):
        models.find("gpt-2")
