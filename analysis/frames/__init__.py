"""Traces as data tables: for pandas, and for files."""
