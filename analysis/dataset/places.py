"""Folders on this machine and in object stores, by fsspec's URLs: s3://bucket/folder, gs://…, memory://…, or a path.

This is the one module that knows fsspec. Keys, regions and endpoints are set as each store's own tools take them
(AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL, …), never here.
"""

import os
import posixpath
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from traces import redact
from traces.errors import ToolkitError
from traces.storage.writing import make_private_folder

EXTRAS = {"s3": "s3", "s3a": "s3"}
"""URL schemes -> our extra with the package that they need."""


class PlaceError(ToolkitError):
    """A folder or a file can't be read or written. The message names it, without secrets."""


def is_url(name: str) -> bool:
    """Return whether a name is a URL of fsspec's, not a path."""
    scheme, separator, _ = name.partition("://")
    return bool(separator) and scheme.isidentifier()


def place(name: str | Path) -> "Place":
    """Return the folder with this path or URL, whether it exists or not. Raises PlaceError."""
    text = str(name)
    if not is_url(text):
        text = os.path.abspath(Path(text).expanduser())  # noqa: PTH100 - links stay as they are
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise PlaceError("A data set needs fsspec: pip install 'anyclaude-toolkit[parquet]'") from error
    with named(text):
        filesystem, root = url_to_fs(text)
    kind = LocalPlace if _is_local(filesystem) else Place
    return kind(text, filesystem, str(root).rstrip("/"))


def read_all(urls: Sequence[str]) -> list[bytes | PlaceError]:
    """Return what is in each of these files of one store, or why it can't be read; it is asked for many at once."""
    if not urls:
        return []
    from fsspec.core import url_to_fs

    with named(urls[0]):
        filesystem = url_to_fs(urls[0])[0]
        paths = [str(url_to_fs(url)[1]) for url in urls]
        found = filesystem.cat(paths, on_error="return", recursive=False) if len(paths) > 1 else {}
    if len(paths) == 1:  # of one, `cat` raises
        try:
            found[paths[0]] = filesystem.cat_file(paths[0])
        except Exception as error:  # stores' errors have no common base
            found[paths[0]] = error
    outcomes = ((url, found.get(path)) for url, path in zip(urls, paths, strict=True))
    return [data if isinstance(data, bytes) else _error(url, data or FileNotFoundError()) for url, data in outcomes]


def _is_local(filesystem: Any) -> bool:
    protocol = filesystem.protocol
    return "file" in ((protocol,) if isinstance(protocol, str) else protocol)


class Place:
    """A folder in an object store. Names are relative to it, their parts separated by /."""

    def __init__(self, url: str, filesystem: Any, root: str) -> None:
        self.url = url.rstrip("/")
        self.shown = redact.url(self.url)
        self.filesystem = filesystem
        self._root = root

    def path(self, name: str) -> str:
        """Return the path of a file as the file system takes it."""
        return posixpath.join(self._root, name)

    def files(self, folder: str = "") -> dict[str, dict[str, Any]]:
        """Return the files in a folder and those below it by their names, with what the store says of each."""
        with named(self.url):
            self.filesystem.invalidate_cache()
            try:
                found = self.filesystem.find(self.path(folder) if folder else self._root, detail=True)
            except FileNotFoundError:
                return {}
        start = len(self._root) + 1
        return {path[start:]: about for path, about in found.items()}

    def read(self, name: str) -> bytes:
        """Return what is in a file. Raises PlaceError, FileNotFoundError where it isn't there."""
        with named(f"{self.url}/{name}", missing_is_told=False):
            data: bytes = self.filesystem.cat_file(self.path(name))
            return data

    @contextmanager
    def writing(self, name: str) -> Iterator[Any]:
        """Yield a file for the block to write. It is there when the block ends without an error."""
        path = self.path(name)
        with named(f"{self.url}/{name}"):
            file = self.open(path)
            try:
                yield file
            except BaseException:
                with suppress(Exception):
                    file.discard() if hasattr(file, "discard") else None
                    file.closed = True
                raise
            file.close()

    def open(self, path: str) -> Any:
        """Open a new file for writing."""
        return self.filesystem.open(path, "wb")

    def create(self, name: str, data: bytes) -> bool:
        """Write a file that must be new, whole or not at all; return whether it was.

        Of two that write it at once only one succeeds where the store knows conditional writes (S3, GCS, SeaweedFS).
        """
        path = self.path(name)
        with named(f"{self.url}/{name}"):
            self.filesystem.invalidate_cache()
            if self.filesystem.exists(path):
                return False
            try:
                self.filesystem.pipe_file(path, data, mode="create")
            except Exception:  # each store has its own for a name that is taken; or only the answer was lost
                self.filesystem.invalidate_cache()
                if not self.filesystem.exists(path):
                    raise
                return bool(self.filesystem.cat_file(path) == data)
        return True

    def delete(self, names: Iterable[str]) -> None:
        """Delete files, as far as they are there."""
        for name in names:
            with named(f"{self.url}/{name}"), suppress(FileNotFoundError):
                self.filesystem.rm_file(self.path(name))


class LocalPlace(Place):
    """A folder on this machine. What is made in it is for its owner alone, as traces are."""

    def open(self, path: str) -> Any:
        make_private_folder(Path(path).parent)
        return open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600))

    def create(self, name: str, data: bytes) -> bool:
        path = Path(self.path(name))
        part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        with named(str(path)):
            try:
                with self.open(str(part)) as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                try:
                    os.link(part, path)  # fails where the name is taken, and shows the file whole
                except FileExistsError:
                    return False
                except OSError:  # a file system without links
                    if path.exists():
                        return False
                    part.rename(path)
                return True
            finally:
                part.unlink(missing_ok=True)


@contextmanager
def named(what: str, missing_is_told: bool = True) -> Iterator[None]:
    """Turn whatever a store raises into PlaceError: each has errors of its own, and some have no common base."""
    try:
        yield
    except (ToolkitError, GeneratorExit):
        raise
    except FileNotFoundError as error:
        if not missing_is_told:
            raise
        raise _error(what, error) from error
    except Exception as error:
        raise _error(what, error) from error


def _error(what: str, error: BaseException) -> PlaceError:
    scheme = what.partition("://")[0]
    if isinstance(error, ImportError):
        if scheme in EXTRAS:
            return PlaceError(f"{scheme}:// needs s3fs: pip install 'anyclaude-toolkit[{EXTRAS[scheme]}]'")
        return PlaceError(f"{scheme}:// needs a package that isn't installed: {_words(error)}")
    return PlaceError(f"{redact.url(what)}: {_words(error)}")


def _words(error: BaseException) -> str:
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    line = redact.cleaner(frozenset()).text(" ".join(str(said).split()))[:300]
    return line if line.endswith(".") else f"{line}."
