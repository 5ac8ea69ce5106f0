"""Whether two tool calls mean the same: paths, commands, patterns and edits by what they do, not by their letters."""
