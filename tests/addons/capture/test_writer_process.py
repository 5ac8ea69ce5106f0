"""The frames in which calls reach the process that writes traces."""

import io

import pytest

from addons.capture.writer_process import LENGTH, read_frame

FRAME = LENGTH.pack(4) + b"call"


@pytest.mark.parametrize(
    ("data", "frames"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(FRAME + FRAME, [b"call", b"call"], id="two frames"),
        pytest.param(FRAME + FRAME[:3], [b"call"], id="a cut length"),
        pytest.param(FRAME + FRAME[:-1], [b"call"], id="a cut call"),
    ],
)
def test_a_frame_is_read_whole_or_not_at_all(data: bytes, frames: list[bytes]) -> None:
    stream = io.BytesIO(data)
    assert list(iter(lambda: read_frame(stream), b"")) == frames
