"""The measures of one exchange, with tokens counted by any counter, and their form in JSON."""

from dataclasses import asdict

from analysis.tokens.counters import Counter
from traces import measures
from traces.measures import Figures
from traces.model import Trace


def figures(trace: Trace, counter: Counter) -> Figures:
    """Return the measures; the counter counts the output where the server reports none, or one that can't be true."""
    message = trace.response.body if trace.response else None
    return measures.figures(
        message, trace.request.body, trace.timing, trace.events, lambda texts: sum(counter.count_many(texts))
    )


def timing(measured: Figures) -> dict[str, float | None]:
    """Return the moments of an exchange, in seconds."""
    return {**asdict(measured.timing), "generation": measured.generation}


def document(measured: Figures) -> dict[str, float | None]:
    """Return the measures by their keys, without those in `timing`, and which of them are estimates."""
    moments = timing(measured)
    return {
        **{key: value for key, value in measures.values(measured, "analyze").items() if key not in moments},
        "output_counted": measured.output.estimated,
        "output_reported": measured.output.reported,
        "reasoning_tokens": measured.output.reasoning,
        "generation_estimated": measured.decode.estimated,
    }
