"""The billing header that Claude Code writes at the top of its system prompt, and that changes between requests."""

import re

NAME = "x-anthropic-billing-header:"
"""The start of its line, by which llama.cpp recognises it, too."""

LINE = re.compile(r"^x-anthropic-billing-header:[^\n]*(?:\n+|\Z)", re.MULTILINE)

CHECKSUM = re.compile(r"\bcch=[^;]{5};")
"""The part of it that differs from request to request."""


def remove_header(text: str) -> str:
    """Return the text without the header."""
    return LINE.sub("", text)
