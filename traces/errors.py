"""The errors a user can fix.

    ToolkitError              anything below; a command prints its one line and exits with 1
    ├── TraceFormatError      a file isn't a trace, or was cut short
    │   └── LeftOut           a file was read, but for some records in it
    ├── TranslationError      a request can't be translated to another API format
    └── resolve.NoTrace       nothing has the given name

Every message says what, where, and what to do. Only the commands catch these.
"""


class ToolkitError(Exception):
    """Something the user can fix. The message is one line, to be printed as it is."""


class TraceFormatError(ToolkitError):
    """A file can't be read as a trace. The message names the file."""


class LeftOut(TraceFormatError):
    """Some records in a file weren't understood; all others were read. The message counts them and names the first."""


class TranslationError(ToolkitError):
    """A part of the request has no counterpart in the other API format. The message names the part."""
