"""Runs of several models -> statistics, warnings and advice."""
