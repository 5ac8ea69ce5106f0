"""Sessions in the formats of other tools: one module a format, and the table of all of them in `formats`."""
