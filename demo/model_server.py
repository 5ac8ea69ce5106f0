"""A real model server on loopback: llama.cpp's own, which answers in Anthropic's and OpenAI's API formats.

    python -m demo.model_server --model smollm2 --port 8080

It prints its address once it listens, and runs until it is stopped.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from demo import models
from traces.errors import ToolkitError

TEMPLATE = Path(__file__).with_name("chatml-tools.jinja")
CACHE_RAM = 8192
"""llama.cpp's own default, in MiB: prompts that another one displaced from a slot are kept there."""


def serve(
    weights: Path,
    name: str,
    port: int,
    context: int,
    stop: list[str],
    slots: int,
    cache_ram: int,
    template: Path = TEMPLATE,
    mmproj: Path | None = None,
) -> None:
    try:
        import xllamacpp  # type: ignore[import-untyped]
    except ImportError:
        raise ToolkitError("llama.cpp is missing. Install the extra `demo`, or run `make demo`.") from None
    settings = xllamacpp.CommonParams()
    settings.model.path = str(weights)
    settings.model_alias = {name}
    settings.hostnames = ["127.0.0.1"]
    settings.port = port
    settings.n_ctx = context  # if it is more than the model was trained for, the server takes that instead
    settings.n_parallel = slots
    settings.cache_ram_mib = cache_ram
    settings.sampling.temp = 0.0  # unless a request asks for another, so that answers are the same each time
    settings.antiprompt = stop
    settings.endpoint_metrics = True  # how many requests run and wait: `trace-replayer load` shows it
    settings.chat_template = template.read_text()
    if mmproj:
        settings.mmproj.path = str(mmproj)
    try:
        server = xllamacpp.Server(settings)
    except RuntimeError as error:
        raise ToolkitError(
            f"llama.cpp can't serve {weights} at port {port}: {error} Its own messages are above."
        ) from None
    print(server.listening_address, flush=True)
    signal.pause()


@contextmanager
def start(model: str, log: Path, *options: str) -> Iterator[str]:
    """Run the server in a process of its own for the duration of the block; yield its address."""
    argv = [sys.executable, "-m", "demo.model_server", "--model", model, *options]
    with (
        log.open("wb") as errors,
        subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            if not address:
                raise ToolkitError(f"The model server didn't start: {_reason(log.read_text())} (all of it: {log})")
            yield address
        finally:
            process.terminate()


def _reason(log: str) -> str:
    """Return why a server didn't start: the error of `main`, which llama.cpp's own lines may follow."""
    lines = log.strip().splitlines() or [""]
    return next((line for line in reversed(lines) if line.startswith("Error: ")), lines[-1])


@click.command()
@click.option("--model", default="smollm2", show_default=True, help=f"{', '.join(models.BY_NAME)}, or a .gguf file.")
@click.option("--port", default=0, help="0 takes a free one.", show_default=True)
@click.option("--context", default=32_768, show_default=True, help="Tokens of prompt and answer together.")
@click.option("--slots", default=1, show_default=True, help="Prompts that it holds at once; they share the context.")
@click.option("--cache-ram", default=CACHE_RAM, show_default=True, help="MiB of memory for prompts that left a slot.")
@click.option("--template", type=click.Path(exists=True, path_type=Path), default=TEMPLATE, help="Of its prompts.")
@click.option("--mmproj", type=click.Path(exists=True, path_type=Path), help="Weights that read images.")
@click.option("--stop", multiple=True, help="A text that ends an answer, where a request names none.")
def main(
    model: str,
    port: int,
    context: int,
    slots: int,
    cache_ram: int,
    template: Path,
    mmproj: Path | None,
    stop: tuple[str, ...],
) -> None:
    """Serve a small model on 127.0.0.1."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        serve(models.find(model), model, port, context, list(stop), slots, cache_ram, template, mmproj)
    except ToolkitError as error:
        raise click.ClickException(str(error)) from None


if __name__ == "__main__":
    main()
