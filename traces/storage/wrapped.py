"""Files that must be unpacked or written anew before they can be read, told by their first bytes."""

_KINDS = (
    (b"\x1f\x8b", "It is compressed by gzip. Unpack it first, with gunzip."),
    (b"\x28\xb5\x2f\xfd", "It is compressed by zstd. Unpack it first, with unzstd."),
    (b"PK\x03\x04", "It is a ZIP file. Unpack it first, with unzip."),
    (b"\xff\xfe", "It is UTF-16. Write it as UTF-8 first, with iconv -f UTF-16 -t UTF-8."),
    (b"\xfe\xff", "It is UTF-16. Write it as UTF-8 first, with iconv -f UTF-16 -t UTF-8."),
)


def advice(head: bytes) -> str | None:
    """Return what is to be done with a file that begins so; None where nothing is."""
    return next((words for begin, words in _KINDS if head.startswith(begin)), None)
