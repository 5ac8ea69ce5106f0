"""A tokenizer for clients that need one, in a folder as Hugging Face's: each word is a token."""

import json
from pathlib import Path


def write(folder: Path) -> Path:
    folder.mkdir()
    model = {"type": "WordLevel", "vocab": {"word": 0, "?": 1}, "unk_token": "?"}
    whole = {"version": "1.0", "added_tokens": [], "pre_tokenizer": {"type": "Whitespace"}, "model": model}
    (folder / "tokenizer.json").write_text(json.dumps(whole))
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "unk_token": "?"}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    (folder / "config.json").write_text(json.dumps({"model_type": "gpt2"}))
    return folder
