"""How well this machine measures, as a person reads it. Knows nothing of how that is found out."""

from collections.abc import Sequence

from replay.calibrate import Errors

HEAD = """\
Error of what is measured here against a built-in server whose times are known, in milliseconds (measured - true)
Streams  TTFT p50  TTFT p99  Inter-token p50  Inter-token p99  CPU per chunk"""


def line(errors: Errors) -> str:
    shown = (
        f"{errors.streams:>7}  {_ms(errors.ttft, 50):>8}  {_ms(errors.ttft, 99):>8}  {_ms(errors.gaps, 50):>15}  "
        f"{_ms(errors.gaps, 99):>15}  {errors.cpu_per_chunk * 1e6:>10.0f} µs"
    )
    return shown + (f"  ({errors.doubts} answers not to be trusted)" if errors.doubts else "")


def _ms(seconds: Sequence[float], percent: int) -> str:
    """Of the values that there are, the one that so many percent don't exceed."""
    ordered = sorted(seconds)
    return f"{ordered[(len(ordered) - 1) * percent // 100] * 1e3:.3f}"
