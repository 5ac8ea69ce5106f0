"""A .flow file as mitmproxy writes it where our addon isn't loaded."""

import json
from pathlib import Path

from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow, tutils

from tests.support import answers


def recorded_flow(path: Path, exchanges: int) -> None:
    """Each exchange asks more than the one before: `1`, `1 2`, `1 2 3`. All are answered with a greeting."""
    headers = ((b"content-type", b"application/json"),)
    answer = json.dumps(answers.message(answers.text("Hello"))).encode()
    with path.open("wb") as file:
        for number in range(1, exchanges + 1):
            asked = " ".join(map(str, range(1, number + 1)))
            question = {"model": "m", "messages": [{"role": "user", "content": asked}]}
            request = tutils.treq(
                method=b"POST", path=b"/v1/messages", content=json.dumps(question).encode(), headers=headers
            )
            FlowWriter(file).add(tflow.tflow(req=request, resp=tutils.tresp(content=answer, headers=headers)))
