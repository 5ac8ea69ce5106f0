"""The index of the traces' folder: what lists and searches need of each trace, so that they needn't open the files.

It is derived from the traces, and harmless to delete. A file is read again when its size, its time of change or its
inode differ from those of the last reading.
"""
