"""Traces and sessions as pages, written to a file or served while they go on."""
