"""The formats of `trace-analyzer export` other than tables. A new one is one row in `FORMATS`.

Each writes sessions to a path, and returns what it did in lines to print.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from analysis.exports.files import write
from analysis.frames.export import ExportError
from traces import jsonio
from traces.sessions.model import Session
from ui.terminal import printable


@dataclass(frozen=True, slots=True)
class Options:
    """What a user can choose: texts in spans, the tokens of a block, and the tokenizer where no server counted."""

    texts: bool
    block_size: int
    tokenizer: str


Write = Callable[[Sequence[Session], Path, Options], list[str]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format: its name on the command line, the endings that imply it, and the function that writes it."""

    name: str
    suffixes: tuple[str, ...]
    write: Write


def _har(sessions: Sequence[Session], path: Path, options: Options) -> list[str]:
    from analysis.exports import har

    write(path, har.pieces(sessions))
    return [f"{_several(sum(len(session.turns) for session in sessions), 'exchange')} written to {printable(path)}"]


def _otlp(sessions: Sequence[Session], path: Path, options: Options) -> list[str]:
    from analysis.exports.spans import Spans

    spans = Spans(sessions, options.texts)
    write(path, spans.pieces())
    return [f"{_several(spans.written, 'span')} written to {printable(path)}"]


def _sft(sessions: Sequence[Session], path: Path, options: Options) -> list[str]:
    from analysis.exports.sft import Lines

    lines = Lines(sessions)
    write(path, lines.pieces())
    left_out = ", ".join(f"{reason} ({count:,})" for reason, count in lines.left_out.most_common())
    masked = f"In {_several(lines.masked, 'of them', 'of them')} [redacted] stands for a secret."
    return [
        f"{_several(lines.written, 'conversation')} written to {printable(path)}",
        *([f"Left out, of {_several(_turns(sessions), 'turn')}: {left_out}."] if left_out else []),
        *([masked] if lines.masked else []),
    ]


def _mooncake(sessions: Sequence[Session], path: Path, options: Options) -> list[str]:
    from analysis.exports import kv_blocks, traffic

    found = kv_blocks.workload(sessions, options.block_size, options.tokenizer)
    write(path, traffic.mooncake(found))
    return [
        f"{_several(len(found.requests), 'request')} written to {printable(path)}",
        _about(found.hit_ratio, found.block_size),
    ]


def _weka(sessions: Sequence[Session], path: Path, options: Options) -> list[str]:
    """Write a file for each session: into a folder, or, as one line each, to a .jsonl."""
    from analysis.exports import kv_blocks, traffic
    from analysis.prefix_cache.view import NoRequestServed

    found = []
    for session in sessions:
        try:
            found.append(kv_blocks.workload([session], options.block_size, options.tokenizer))
        except NoRequestServed:
            continue  # the others may have some
    if not found:
        raise NoRequestServed("No model was given any of these requests, or their texts aren't recorded.")
    traces = [traffic.weka(one, number) for number, one in enumerate(found, 1)]
    if path.suffix == ".jsonl":
        write(path, (jsonio.dumps(trace) + b"\n" for trace in traces))
    elif path.suffix == ".json" and len(traces) == 1:
        write(path, [jsonio.dumps(traces[0]) + b"\n"])
    elif path.suffix == ".json":
        raise ExportError(f"{path}: {len(traces)} sessions need a folder (a name without .json), or a .jsonl.")
    else:
        _make_folder(path)
        for trace in traces:
            write(path / f"{trace['id']}.json", [jsonio.dumps(trace) + b"\n"])
    input = sum(one.input for one in found)
    reused = sum(one.reused for one in found)
    return [
        f"{_several(len(traces), 'session')} written to {printable(path)}",
        _about(reused / input if input else 0.0, options.block_size),
    ]


def _aiperf(sessions: Sequence[Session], path: Path, options: Options) -> list[str]:
    from analysis.exports.aiperf import Inputs

    inputs = Inputs(sessions)
    write(path, inputs.pieces())
    how = f"aiperf profile --custom-dataset-type inputs_json --endpoint-type {inputs.endpoint or 'chat'} --input-file …"
    missing = f"Left out: {_several(inputs.left_out, 'request')} that no model was given, or not recorded whole."
    return [
        f"{_several(inputs.written, 'request')} written to {printable(path)}",
        *([missing] if inputs.left_out else []),
        *([f"To send them: {how}"] if inputs.written else []),
    ]


FORMATS: Mapping[str, Format] = {
    each.name: each
    for each in (
        Format("har", (".har",), _har),
        Format("otlp", (), _otlp),
        Format("sft", (), _sft),
        Format("mooncake", (), _mooncake),
        Format("weka", (), _weka),
        Format("aiperf", (), _aiperf),
    )
}
"""Every format by its name."""

TABLES = ("csv", "parquet")
"""The formats of `analysis.frames.export`, by their endings."""


def format_named(name: str | None, path: Path) -> Format | None:
    """Return the format with this name, else the one that the file's ending implies; None for a table.

    Raises ExportError where neither says it.
    """
    if name is not None:
        return FORMATS.get(name)
    if path.suffix[1:] in TABLES:
        return None
    found = next((each for each in FORMATS.values() if path.suffix in each.suffixes), None)
    if found is None:
        raise ExportError(f"{path}: the name must end in .csv, .parquet or .har; else name a --format: {_names()}.")
    return found


def _names() -> str:
    return ", ".join((*TABLES, *FORMATS))


def _about(ratio: float, block_size: int) -> str:
    return (
        f"Blocks of {block_size} tokens; earlier requests hold {100 * ratio:.1f}% of the input (the prefix hit ratio)."
    )


def _make_folder(path: Path) -> None:
    """Make a folder for the user alone. Raises ExportError where it isn't empty: two exports would mix."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_empty = next(path.iterdir(), None) is None
    except OSError as error:
        raise ExportError(f"{path}: can't be written: {error.strerror or error}.") from error
    if not is_empty:
        raise ExportError(f"{path}: is a folder that isn't empty. Name a new one.")


def _turns(sessions: Sequence[Session]) -> int:
    return sum(len(session.turns) for session in sessions)


def _several(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"
