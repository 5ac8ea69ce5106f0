"""A tokenizer for clients that can't do without one, as Hugging Face keeps it in a folder: a word is a token."""

import json
from pathlib import Path


def write(folder: Path) -> Path:
    folder.mkdir()
    model = {"type": "WordLevel", "vocab": {"word": 0, "?": 1}, "unk_token": "?"}
    whole = {"version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "Whitespace"}, "model": model}
    (folder / "tokenizer.json").write_text(json.dumps(whole))
    said = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "?"}
    (folder / "tokenizer_config.json").write_text(json.dumps(said))
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    return folder
