"""Traces and sessions as web pages, written to a file or served while the sessions are running."""
