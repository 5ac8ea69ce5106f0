"""What some tests need and not every machine has: on a user's machine they skip and say why, in CI they fail."""

import os

import pytest


def need(there: object, otherwise: str) -> None:
    """`otherwise` says what is missing and how to get it."""
    if there:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(otherwise)
    pytest.skip(otherwise)
