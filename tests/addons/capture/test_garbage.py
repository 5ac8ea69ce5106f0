"""Garbage is collected only where and when it may be."""

import gc

from addons.capture import garbage
from addons.capture.garbage import Frozen


def test_what_is_there_at_the_start_is_out_of_later_collections() -> None:
    held: list[list[int]] = [[]]
    try:
        Frozen().running()
        assert gc.get_freeze_count() > 1000
        assert all(each is not held for each in gc.get_objects())
    finally:
        gc.unfreeze()


def test_nothing_is_collected_while_a_request_is_read_and_collecting_goes_on_after_it() -> None:
    assert gc.isenabled()
    with garbage.paused():
        assert not gc.isenabled()
        with garbage.paused():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
