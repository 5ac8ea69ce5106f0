"""What a comparison can be sorted by; apart, so that no command's options wait for the comparison itself."""

SORTS = {
    "time": None,
    "model": "model",
    "prompt": "ttft",
    "generation": "generation",
    "total": "total",
    "tokens": "tokens",
    "speed": "end_to_end",
    "decode": "decode",
}
"""What rows can be sorted by, with the key of the row; `time` is the order of the runs."""
