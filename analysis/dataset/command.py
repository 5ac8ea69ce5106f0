"""What `trace-analyzer export --partition day` does: brings a data set up to date, and says what it did."""

from collections.abc import Iterator

import click

from analysis.dataset import count, places, sources, write
from ui.terminal import printable


def run(
    name: str, output: str | None, tokenizer: str, cluster: str | None, unfit: bool, skipped: list[str]
) -> Iterator[str]:
    """Write what a name or a URL means into the data set at a path or a URL; yield what to print.

    `unfit` is whether there are options that a data set has no use for. Raises UsageError, ToolkitError.
    """
    if output is None:
        raise click.UsageError("Name the data set's folder or URL with -o.")
    if unfit:
        raise click.UsageError(
            "--partition writes Parquet files with both tables: it goes with no --format, --parts, --text, --otlp or "
            "--block-size."
        )
    place = places.place(output)
    found = sources.sources_of(name, skipped)
    with count.nodes_at(cluster) as nodes:
        done = write.write(place, found, tokenizer, skipped, nodes)
        lost = nodes.lost() if nodes else ()
    replaced = f", in place of what {_several(done.replaced, 'file')} of traces held before" if done.replaced else ""
    added = f"{_several(done.added, 'exchange')} and {_several(done.parts, 'part')}"
    yield f"{added} written to {printable(place.shown)}{replaced}"
    yield f"It holds {_several(done.total.exchanges, 'exchange')} and {_several(done.total.parts, 'part')} now."
    for node in lost:
        yield f"The worker {printable(node)} was lost; others did its work."


def _several(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
