"""The archive: traces of past days in a fortieth of the space, and still read as if each were a file of its own.

    <root>/archive/2026-11.traces      a month's traces: an SQLite file

A part of a request (a tool, a block of the system prompt, a message) is kept once, however many requests repeat it.
What is read back is the plain file, byte for byte. All is in the file twice, in two places: where one is damaged, the
other is read.
"""
