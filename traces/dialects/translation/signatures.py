"""The signature of thinking that another server's model wrote: it says in which field that server sent it.

A client sends thinking back with its signature. The server then gets its own thinking again, as it sent it: chat
templates keep it while a model calls tools one after another, and its prompt stays the one that is in the cache.
"""

PREFIX = "anyclaude:"
WITHIN_TEXT = "think"
"""In place of a field: the thinking was in the text, between tags."""


def sign(field: str) -> str:
    """Return the signature of thinking that came in this field."""
    return PREFIX + field


def field_of(signature: object) -> str | None:
    """Return the field that thinking with this signature came in; None where another server signed it."""
    return signature.removeprefix(PREFIX) if isinstance(signature, str) and signature.startswith(PREFIX) else None
