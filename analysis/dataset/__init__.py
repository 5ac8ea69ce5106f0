"""Traces as a data set of Parquet files, here or in an object store: for more of them than memory holds.

    DIR/exchanges/day=2026-11-28/000007-1f3a90c2.parquet    a row for each exchange: `analysis.frames.columns`
    DIR/parts/day=2026-11-28/000007-1f3a90c2.parquet        a row for each part of their requests
    DIR/_manifests/000007.json                              which of these files are the data set, since the 7th write

A write adds files, then names all that count in a new manifest: until that is there, the old one holds. Its name can be
taken once only, so that of two writes at the same time one fails. Files that no manifest names are left from a write
that was interrupted; the next one removes them.

Modules: `places` (folders here and elsewhere: the one module that knows fsspec), `manifest`, `sources` (traces to be
read, here or elsewhere), `count` (traces to rows, also on a cluster), `segments` (writes files), `write`, `read`, `sql`
(questions to it, by DuckDB), `frame` (what `import analysis` offers).
"""
