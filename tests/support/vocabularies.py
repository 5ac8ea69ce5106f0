"""tiktoken's own vocabularies of o200k_base and cl100k_base, without its servers.

The wheel of llama-index-core carries them as the files that tiktoken keeps in its cache folder. It is fetched once,
into the repository's .cache, and nothing of it is installed.
"""

import subprocess
import sys
import zipfile
from pathlib import Path

WHEEL = "llama-index-core==0.14.25"
FOLDER = Path(__file__).parents[2] / ".cache" / "tiktoken"

_INSIDE = "llama_index/core/_static/tiktoken_cache/"


def tiktoken_cache() -> Path | None:
    """Return the folder for TIKTOKEN_CACHE_DIR; None if the wheel can't be downloaded."""
    if FOLDER.is_dir():
        return FOLDER
    beside = FOLDER.with_name("wheels")
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(beside), WHEEL]
    if subprocess.run(pip, capture_output=True, check=False).returncode:
        return None
    part = FOLDER.with_name("tiktoken.part")
    part.mkdir(exist_ok=True)
    with zipfile.ZipFile(next(beside.glob("llama_index_core-*.whl"))) as wheel:
        for name in wheel.namelist():
            if name.startswith(_INSIDE) and not name.endswith(".gitignore"):
                (part / name.removeprefix(_INSIDE)).write_bytes(wheel.read(name))
    part.rename(FOLDER)
    return FOLDER
