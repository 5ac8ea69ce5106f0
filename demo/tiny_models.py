"""Small models for llama.cpp, made in seconds, for tests that need a real server but no sensible answers.

Each has the tokenizer of a donor and weights of its own: random ones, or ones set so that the model always calls a
tool.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGUFReader, GGUFValueType, GGUFWriter, LlamaFileType
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

WIDTH, LAYERS, HEADS, FEED_FORWARD = 64, 2, 2, 192
HEAD_WIDTH = WIDTH // HEADS  # one head of keys and values serves both heads of queries
CONTEXT = 131_072


def random(to: Path, donor: Path) -> None:
    """Write a model with random weights."""
    reader = GGUFReader(donor)
    draw = np.random.default_rng(1)
    embedding = _normal(draw, len(_tokens(reader)), WIDTH, deviation=3 / np.sqrt(WIDTH))
    write(to, reader, draw, {"token_embd.weight": embedding}, loudness=1.0)


def tool_caller(to: Path, donor: Path) -> None:
    """Write a model that always calls a tool.

    The layers contribute almost nothing, so a token's successor is decided by its embedding times the output matrix.

    The two hold a graph. A new answer opens a tool call token by token, then the server's grammar for tool calls takes
    over: it leaves few choices, between which the graph walks on. Words have one of `phases` and lead to words of the
    next one; the last one closes the string. One more dimension is the same for all tokens, a bias: it keeps the JSON
    compact.
    """
    reader = GGUFReader(donor)
    draw = np.random.default_rng(1)
    tokens = _tokens(reader)
    number = {token: index for index, token in enumerate(tokens)}
    every = np.arange(len(tokens))
    newline, space, tab = "Ċ", "Ġ", "ĉ"  # as byte-level BPE writes them

    phases = 12
    opening = [number[t] for t in (newline, "<", "tool", "_", "call", ">", newline * 2, "<|im_end|>")]
    bias = phases + len(opening)

    embedding = _normal(draw, len(tokens), WIDTH, deviation=0.35)
    output = _normal(draw, len(tokens), WIDTH, deviation=0.25)
    embedding[:, :bias] = output[:, : bias + 1] = 0
    embedding[every, every % phases] = 4

    words = [i for t, i in number.items() if t[0] == space and len(t) > 3 and t[1:].isascii() and t[1:].islower()]
    for word in [i for i in words if tokens[i][1:].isalpha() and i % phases][:2500]:
        output[word, word % phases - 1] += 3
    for token, pull in (('"', 6), ("<|im_end|>", 5), (".", 4)):
        output[number[token], phases - 1] += pull

    for step, index in enumerate(opening):
        embedding[index] = 0
        embedding[index, phases + step] = 5
    for step, index in enumerate(opening[1:]):
        output[index, phases + step] += 9

    for token, index in number.items():
        if token.endswith('"') and len(token) <= 4 and not token.isalnum():  # a string begins at the first phase
            embedding[index] = 0
            embedding[index, 0] = 4
        if not token.strip(space + newline + tab + " ") or token[0] in newline + tab:
            output[index, bias] = -9
        elif "," in token:
            output[index, bias] = -5
        elif token.isdigit():
            output[index, bias] = -1
    output[number[newline * 2], bias] = -1
    embedding[:, bias] = 2

    write(to, reader, draw, {"token_embd.weight": embedding, "output.weight": output}, loudness=0.05)


def _tokens(reader: GGUFReader) -> list[str]:
    return list(reader.fields["tokenizer.ggml.tokens"].contents())


def _normal(draw: np.random.Generator, *shape: int, deviation: float) -> Matrix:
    return draw.standard_normal(shape, dtype=np.float32) * np.float32(deviation)


def write(
    to: Path,
    donor: GGUFReader,
    draw: np.random.Generator,
    ends: Mapping[str, Matrix],
    loudness: float,
    changed: Mapping[str, Sequence[Any]] | None = None,
) -> None:
    """Write a model; `ends` are its first and its last matrix, `loudness` scales what the layers between add.

    `changed` are fields that take the place of the donor's.
    """
    writer = GGUFWriter(to, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(1)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(1e6)
    writer.add_rope_dimension_count(HEAD_WIDTH)
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    for name, entry in donor.fields.items():
        if name.startswith("tokenizer."):
            kind, *of = entry.types
            inner = of[0] if kind == GGUFValueType.ARRAY else None
            writer.add_key_value(name, (changed or {}).get(name) or entry.contents(), kind, sub_type=inner)

    for name, matrix in ends.items():
        writer.add_tensor(name, matrix.astype(np.float16))
    writer.add_tensor("output_norm.weight", np.ones(WIDTH, np.float32))
    for layer in range(LAYERS):
        _write_layer(writer, f"blk.{layer}", draw, loudness)

    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _write_layer(writer: GGUFWriter, layer: str, draw: np.random.Generator, loudness: float) -> None:
    for name in ("attn_norm", "ffn_norm"):
        writer.add_tensor(f"{layer}.{name}.weight", np.ones(WIDTH, np.float32))
    even = 1 / np.sqrt(WIDTH)
    for name, rows, columns, deviation in (
        ("attn_q", WIDTH, WIDTH, even),
        ("attn_k", HEAD_WIDTH, WIDTH, even),
        ("attn_v", HEAD_WIDTH, WIDTH, even),
        ("attn_output", WIDTH, WIDTH, even * loudness),
        ("ffn_gate", FEED_FORWARD, WIDTH, even),
        ("ffn_up", FEED_FORWARD, WIDTH, even),
        ("ffn_down", WIDTH, FEED_FORWARD, loudness / np.sqrt(FEED_FORWARD)),
    ):
        weights = _normal(draw, rows, columns, deviation=deviation)
        writer.add_tensor(f"{layer}.{name}.weight", weights.astype(np.float16))
