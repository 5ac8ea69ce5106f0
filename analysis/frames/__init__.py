"""Traces as data tables: pandas data frames, and CSV and parquet files."""
