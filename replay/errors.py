"""Errors that a user of `trace-replayer` can fix.

    ToolkitError
    ├── TargetError           the server can't be asked, or has no model to ask
    │   └── NoAnswer          nothing answers at its address
    ├── TranslationError      the recorded request can't be written in the server's API format
    └── ResultError           a file can't be read as a result of a replay
        └── NoResult          it is a trace that isn't a replay's

A run that fails is no error but a result: see `replay.result`.
"""

from traces.errors import ToolkitError
from traces.errors import TranslationError as TranslationError


class TargetError(ToolkitError):
    """A server isn't there, isn't known, or has no model. The message says what to do."""


class NoAnswer(TargetError):
    """Nothing answers at the server's address.

    `kind` is the kind of error of a run that fails so: refused, unreachable, …
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class ResultError(ToolkitError):
    """A file can't be read as a result. The message names the file."""


class NoResult(ResultError):
    """A file is a trace that isn't a replay's."""
