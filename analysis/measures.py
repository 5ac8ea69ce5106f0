"""What one exchange measured, with tokens counted by any counter, and its figures as JSON."""

from dataclasses import asdict

from analysis.tokens.counters import Counter
from traces import measures
from traces.measures import Figures
from traces.model import Trace


def figures(trace: Trace, counter: Counter) -> Figures:
    """Return the figures; where the server has no count that can be true, the counter counts the output."""
    message = trace.response.body if trace.response else None
    return measures.figures(
        message, trace.request.body, trace.timing, trace.events, lambda texts: sum(counter.count_many(texts))
    )


def timing(of: Figures) -> dict[str, float | None]:
    """Return the moments of an exchange, in seconds."""
    return {**asdict(of.timing), "generation": of.generation}


def document(of: Figures) -> dict[str, float | None]:
    """Return its measures, by their keys, but for those that are in its `timing`; which of them are estimates, too."""
    moments = timing(of)
    return {
        **{key: value for key, value in measures.values(of, "analyze").items() if key not in moments},
        "output_counted": of.output.estimated,
        "output_reported": of.output.reported,
        "reasoning_tokens": of.output.reasoning,
        "generation_estimated": of.decode.estimated,
    }
