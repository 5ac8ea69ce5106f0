"""A model for llama.cpp that says what it is told, so that a real server streams a wanted tool call.

Its weights are a chain: each answer is cut into pieces, each piece is a token of its own in the vocabulary, and each
token's embedding leads to the next one alone. Which answer begins is decided by the chat template, which ends a prompt
with the token of the answer: that of the story whose name is in the user's words, as `[[name]]`, by how many answers
the conversation has. All else is the server's: its tokenizer, its prefix cache, its reader of tool calls, its streams.

Images pass a vision encoder with random weights.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
from gguf import GGUFReader, GGUFWriter

from demo import CACHE, model_server, models, tiny_models
from tests.support.locks import lock

WEIGHTS, TEMPLATE, ENCODER = "speaking.gguf", "speaking.jinja", "mmproj.gguf"

Stories = Mapping[str, Sequence[str]]
"""The name of a story -> its answers in order, as the model writes them: with calls in Hermes' tags."""

_PIECE = 3
"""Characters of a piece at least."""

_CONTROL, _USER_DEFINED = 3, 4
"""Types of tokens: one that no text has, and one that stands for its text whatever else could."""


def call(name: str, arguments: str) -> str:
    """Return a tool call as the model writes it."""
    return f'<tool_call>\n{{"name": "{name}", "arguments": {arguments}}}\n</tool_call>'


@contextmanager
def serving(stories: Stories, log: Path) -> Iterator[str]:
    """Serve a model that tells these stories, and yield the server's address."""
    made_by = Path(__file__).read_bytes() + Path(tiny_models.__file__).read_bytes() + repr(stories).encode()
    folder = CACHE / "models" / f"speaking-{sha256(made_by).hexdigest()[:12]}"
    with lock(CACHE / "speaking.lock"):
        if not folder.exists():  # reading the donor's weights takes seconds
            unfinished = folder.with_suffix(".part")
            unfinished.mkdir(parents=True, exist_ok=True)
            _write(unfinished, stories)
            _write_encoder(unfinished / ENCODER)
            unfinished.rename(folder)
    options = "--template", folder / TEMPLATE, "--mmproj", folder / ENCODER
    with model_server.start(str(folder / WEIGHTS), log, *map(str, options)) as url:
        yield url


def _write(folder: Path, stories: Stories) -> None:
    """Write the model and its chat template into a folder."""
    reader = GGUFReader(models.smollm2())
    tokens = list(reader.fields["tokenizer.ggml.tokens"].contents())
    types = list(reader.fields["tokenizer.ggml.token_type"].contents())
    known, end = set(tokens), tokens.index("<|im_end|>")
    leads: dict[int, int] = {}
    for name, answers in stories.items():
        for number, answer in enumerate(answers):
            before = len(tokens)
            tokens.append(_start(name, number))
            types.append(_CONTROL)
            for piece in _pieces(answer, known):
                leads[before] = before = len(tokens)
                tokens.append(piece)
                types.append(_USER_DEFINED)
            leads[before] = end

    draw = np.random.default_rng(1)
    embedding = draw.standard_normal((len(tokens), tiny_models.WIDTH), dtype=np.float32)
    output = np.zeros_like(embedding)
    for one, following in leads.items():
        output[following] += embedding[one] / np.linalg.norm(embedding[one]) * 12
    vocabulary = {"tokenizer.ggml.tokens": tokens, "tokenizer.ggml.token_type": types}
    ends = {"token_embd.weight": embedding, "output.weight": output}
    tiny_models.write(folder / WEIGHTS, reader, draw, ends, loudness=0.01, changed=vocabulary)
    (folder / TEMPLATE).write_text(model_server.TEMPLATE.read_text() + _beginning(stories))


def _start(name: str, number: int) -> str:
    return f"<|say {name} {number}|>"


def _pieces(text: str, known: set[str]) -> Iterator[str]:
    """Yield the pieces of a text, which no token stood for before."""
    start = 0
    while start < len(text):
        end = start + _PIECE
        while text[start:end] in known and end < len(text):
            end += 1
        if len(text) - end < _PIECE or text[end:] in known:
            end = len(text)
        known.add(text[start:end])
        yield text[start:end]
        start = end


def _beginning(stories: Stories) -> str:
    """Return the end of the template: the token of the answer."""
    names = ", ".join(f"'{name}'" for name in stories)
    return f"""
{{%- if add_generation_prompt %}}
    {{%- set found = namespace(name='', answers=0) %}}
    {{%- for message in messages %}}
        {{%- if message.role == 'assistant' %}}{{%- set found.answers = found.answers + 1 %}}{{%- endif %}}
        {{%- for name in [{names}] %}}
            {{%- if message.role == 'user' and not found.name and '[[' + name + ']]' in words(message.content) %}}
                {{%- set found.name = name %}}
            {{%- endif %}}
        {{%- endfor %}}
    {{%- endfor %}}
    {{%- if found.name %}}{{{{- '<|say ' + found.name + ' ' + (found.answers | string) + '|>' }}}}{{%- endif %}}
{{%- endif %}}
"""


_ENCODER = {
    "image_size": 28,
    "patch_size": 14,
    "embedding_length": 32,
    "feed_forward_length": 64,
    "block_count": 2,
    "projection_dim": tiny_models.WIDTH,
    "attention.head_count": 2,
}


def _write_encoder(to: Path) -> None:
    """Write a vision encoder of LLaVA's kind."""
    draw = np.random.default_rng(1)
    width, wide, patch = (_ENCODER[name] for name in ("embedding_length", "feed_forward_length", "patch_size"))
    patches = (_ENCODER["image_size"] // patch) ** 2
    writer = GGUFWriter(to, "clip")
    writer.add_bool("clip.has_vision_encoder", True)
    writer.add_string("clip.projector_type", "mlp")
    for name, value in _ENCODER.items():
        writer.add_uint32(f"clip.vision.{name}", value)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", 1e-5)
    for name in ("image_mean", "image_std"):
        writer.add_array(f"clip.vision.{name}", [0.5, 0.5, 0.5])
    writer.add_bool("clip.use_gelu", True)

    shapes: dict[str, tuple[int, ...]] = {
        "v.class_embd": (width,),
        "v.patch_embd.weight": (width, 3, patch, patch),
        "v.position_embd.weight": (patches + 1, width),
        **_linear("mm.0", tiny_models.WIDTH, width),
        **_linear("mm.2", tiny_models.WIDTH, tiny_models.WIDTH),
    }
    norms = ["v.pre_ln", "v.post_ln"]
    for block in (f"v.blk.{number}" for number in range(_ENCODER["block_count"])):
        norms += [f"{block}.ln1", f"{block}.ln2"]
        for name in ("attn_q", "attn_k", "attn_v", "attn_out"):
            shapes |= _linear(f"{block}.{name}", width, width)
        shapes |= _linear(f"{block}.ffn_up", wide, width) | _linear(f"{block}.ffn_down", width, wide)
    for name, shape in shapes.items():
        writer.add_tensor(name, draw.standard_normal(shape, dtype=np.float32) * np.float32(0.1))
    for name in norms:
        writer.add_tensor(f"{name}.weight", np.ones(width, np.float32))
        writer.add_tensor(f"{name}.bias", np.zeros(width, np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _linear(name: str, rows: int, columns: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (rows, columns), f"{name}.bias": (rows,)}
