"""What is loaded at the start isn't looked through again by each full garbage collection."""

import gc

from addons.capture.garbage import Frozen


def test_what_is_there_at_the_start_is_out_of_later_collections() -> None:
    held: list[list[int]] = [[]]
    try:
        Frozen().running()
        assert gc.get_freeze_count() > 1000
        assert all(each is not held for each in gc.get_objects())
    finally:
        gc.unfreeze()
