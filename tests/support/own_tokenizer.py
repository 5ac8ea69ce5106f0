"""The tokenizer of the demo's models as a tokenizer.json, the file in which Hugging Face keeps it beside a model.

All of it stands in the weights' file: the vocabulary, the merges, and the name of the rule that cuts a text into words.
"""

import json
from pathlib import Path

from gguf import GGUFReader

from demo import models

CONTROL = 3
"""The type of a token that no text can bring about."""

WORDS = {
    "type": "Sequence",
    "pretokenizers": [
        {"type": "Digits", "individual_digits": True},
        {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True},
    ],
}
"""What llama.cpp calls `smollm`: words as GPT-2 has them, each digit alone."""


def write(to: Path) -> Path:
    reader = GGUFReader(models.smollm2())
    held = {
        name: reader.fields[f"tokenizer.ggml.{name}"].contents() for name in ("tokens", "merges", "token_type", "pre")
    }
    assert held["pre"] == "smollm"
    tokens = {token: number for number, token in enumerate(held["tokens"])}
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    controls = [
        {"id": number, "content": token, "special": True, **flags}
        for token, number in tokens.items()
        if held["token_type"][number] == CONTROL
    ]
    model = {"type": "BPE", "vocab": tokens, "merges": held["merges"]}
    to.write_text(json.dumps({"version": "1.0", "added_tokens": controls, "pre_tokenizer": WORDS, "model": model}))
    return to
