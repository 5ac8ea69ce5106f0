"""A tokenizer in the cache of a hub, where a program finds it without a network: each byte is a token.

So the tokens that two prompts share are their common characters, and no text is joined anew where two blocks meet.
"""

import json
from pathlib import Path

NAME = "bench/bytes"
_VERSION = "a" * 40


def write(home: Path) -> dict[str, str]:
    """Write the tokenizer below this folder; return the variables of the environment by which it is found."""
    model = home / "hub" / "models--bench--bytes"
    folder = model / "snapshots" / _VERSION
    folder.mkdir(parents=True)
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text(_VERSION)
    vocabulary = {character: byte for byte, character in enumerate(_characters())} | {"<end>": 256}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": False, "use_regex": False}
    whole = {
        "version": "1.0",
        "added_tokens": [_special("<end>", 256)],
        "pre_tokenizer": level,
        "decoder": level,
        "model": {"type": "BPE", "vocab": vocabulary, "merges": []},
    }
    (folder / "tokenizer.json").write_text(json.dumps(whole))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<end>", "eos_token": "<end>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    return {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}


def _characters() -> list[str]:
    """Return the character that stands for each byte in such a vocabulary: those that can't be seen are replaced."""
    visible = {*range(33, 127), *range(161, 173), *range(174, 256)}
    hidden = (256 + number for number in range(256))
    return [chr(byte) if byte in visible else chr(next(hidden)) for byte in range(256)]


def _special(text: str, number: int) -> dict[str, object]:
    sides = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": text, "special": True, **sides}
