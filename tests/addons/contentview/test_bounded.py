"""What is looked at in mitmweb holds neither its event loop nor much memory."""

import bz2

import pytest
from mitmproxy.net import encoding
from mitmproxy.test import taddons, tflow, tutils

from addons.contentview.view import ContentView, lines
from tests.support.bombs import BOMBS, MIB
from tests.support.bounded import within


def looked_at(coding: str, body: bytes) -> tuple[bool, list[str]]:
    """Return whether mitmproxy decodes the body, and what our view shows of it."""
    headers = ((b"content-encoding", coding.encode()),)
    flow = tflow.tflow(req=tutils.treq(method=b"POST", path=b"/v1/messages", content=body, headers=headers))
    addon = ContentView()
    with taddons.context(addon):
        try:
            is_decoded = flow.request.content != body
        except ValueError:
            is_decoded = False
        addon.done()
    shown = lines(flow, flow.request) or []
    return is_decoded, [text for _, text in shown]


@pytest.mark.parametrize("kind", ["gzip", "brotli", "zstd", "raw deflate", "brotli within gzip"])
def test_a_bomb_is_shown_as_it_came(kind: str) -> None:
    coding, make = BOMBS[kind]

    assert within(160 * MIB, looked_at, coding, make(2048)) == (
        False,
        ["More than 8 MiB: too much to be shown here. The trace has it."],
    )


def test_a_coding_that_only_python_knows_is_not_decoded() -> None:
    assert within(160 * MIB, looked_at, "bz2", bz2.compress(b"{}"))[0] is False


def test_mitmproxy_decodes_as_ever_what_is_small() -> None:
    assert within(160 * MIB, looked_at, "gzip", encoding.encode(b'{"model": "m"}', "gzip"))[0]
