"""What a trace is and how it is kept: one exchange between Claude Code and a model server, on disk as one JSON file.

This is the ground floor. It imports nothing of ours, and nothing but the standard library and mitmproxy, so that the
addon runs in a mitmproxy that was installed on its own.
"""
