"""An edit of a recorded request: a JSON Patch (RFC 6902), or the whole request as it shall be sent."""

import hashlib
import json
import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from replay.prepare.prepare import recorded_dialect
from replay.request import Variant
from replay.variants.difference import difference
from traces import jsonio
from traces.errors import ToolkitError
from traces.model import Json, Trace


class EditError(ToolkitError):
    """An edit can't be read, or can't be made in this request. The message names it and says why."""


Edited = tuple[Variant, Trace]
"""A variant of a request, and the trace that holds it, with the recorded answer."""


def from_file(trace: Trace, path: Path) -> Edited:
    """Return the request with the edit in a file: a list is a patch, an object the request itself. Raises EditError.

    The object may be a trace, whose request is taken.
    """
    try:
        given = jsonio.loads(path.read_bytes())
    except OSError as error:
        raise EditError(f"{path}: {error.strerror or error}.") from error
    except ValueError as error:
        raise EditError(f"{path}: is no JSON: {error}") from error
    body = _body(trace)
    if isinstance(given, list):
        return _edited(trace, path.stem, _patched(body, given, path))
    return _edited(trace, path.stem, _request_in(given, body, str(path)))


def from_editor(trace: Trace, environment: Mapping[str, str] = os.environ) -> Edited:
    """Return the request as the user left it in their editor. Raises EditError."""
    body = _body(trace)
    editor = environment.get("VISUAL") or environment.get("EDITOR")
    if not editor:
        raise EditError("Which editor? Set VISUAL or EDITOR, such as EDITOR=nano.")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "request.json"
        file.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        file.chmod(0o600)
        try:
            ended = subprocess.run([*shlex.split(editor), str(file)], check=False).returncode
        except (OSError, ValueError) as error:
            raise EditError(f"{editor}: can't be started: {error}.") from error
        if ended:
            raise EditError(f"{editor} ended with {ended}: nothing is sent.")
        try:
            given = jsonio.loads(file.read_bytes())
        except (OSError, ValueError) as error:
            raise EditError(f"What {editor} left is no JSON: {error}") from error
    return _edited(trace, "edit", _request_in(given, body, "The edited request"))


def _body(trace: Trace) -> dict[str, Any]:
    recorded_dialect(trace)  # raises what says that no model is asked
    if not isinstance(trace.request.body, dict):
        raise EditError(f"{_name(trace)}: the request's body isn't recorded, so it can't be edited.")
    return trace.request.body


def _patched(body: dict[str, Any], patch: list[Any], path: Path) -> Json:
    import jsonpatch  # slow to import, and most replays edit nothing

    try:
        return dict(jsonpatch.apply_patch(body, patch))
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        raise EditError(f"{path}: can't be applied: {error}") from error
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise EditError(f"{path}: is no JSON Patch: {error}") from error


def _request_in(given: Json, body: Mapping[str, Any], what: str) -> Json:
    """Return the request that an object is, or that a trace holds."""
    held = given.get("request") if isinstance(given, dict) else None
    found = held.get("body") if isinstance(held, dict) else given
    conversations = [name for name in ("messages", "input", "contents") if name in body]
    if not isinstance(found, dict) or not all(name in found for name in conversations):
        wanted = f", which has `{conversations[0]}`" if conversations else ""
        raise EditError(
            f"{what}: is neither a JSON Patch (a list of changes) nor a request like the recorded one{wanted}."
        )
    return found


def _edited(trace: Trace, name: str, body: Json) -> Edited:
    changes = difference(trace.request.body, body)
    if not changes:
        raise EditError(f"{name}: changes nothing in the request of {_name(trace)}.")
    if (
        isinstance(body, dict)
        and isinstance(trace.request.body, dict)
        and body.get("model") != trace.request.body.get("model")
    ):
        raise EditError(f"{name}: changes the model, which is named with --model.")
    return variant(trace, name, body, changes)


def variant(trace: Trace, name: str, body: Json, changes: tuple[str, ...]) -> Edited:
    """Return a variant of this name with this request."""
    digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:12]
    return Variant(name, digest, changes), replace(trace, request=replace(trace.request, body=body))


def _name(trace: Trace) -> str:
    return trace.source.name if trace.source else trace.timestamp
