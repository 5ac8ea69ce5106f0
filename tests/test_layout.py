"""What import-linter's contracts in pyproject.toml can't say of the packages."""

import re
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
EXTRAS = PROJECT["project"]["optional-dependencies"]
REQUIRED = [
    *PROJECT["project"]["dependencies"],
    *(line for name in EXTRAS if name != "dev" for line in EXTRAS[name]),
]
IMPORTED_AS = {"toktok_rs": "toktok"}
"""Distributions that are imported under another name."""


def test_no_module_of_addons_shadows_one_of_the_standard_library() -> None:
    """mitmproxy puts a script's folder at the front of the path."""
    names = {file.stem for file in (REPOSITORY / "addons").rglob("*.py")}

    assert not names & set(sys.stdlib_module_names)


def names(requirements: Iterable[str]) -> set[str]:
    """Return the distributions' names, as an import would spell them."""
    return {re.split(r"[^\w-]", line)[0].lower().replace("-", "_") for line in requirements}


def test_the_lock_file_has_whatever_the_project_requires() -> None:
    """If not: make lock."""
    locked = names(line for line in (REPOSITORY / "requirements.lock").read_text().splitlines() if "==" in line)

    assert names([*REQUIRED, *EXTRAS["dev"]]) - {"anyclaude_toolkit"} <= locked


def test_whatever_the_project_requires_is_forbidden_inside_mitmproxy() -> None:
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    (inside,) = (contract for contract in contracts if "inside mitmproxy" in contract["name"])

    brought = names(REQUIRED) - {"mitmproxy", "h11"}  # mitmproxy itself reads HTTP with h11
    assert set(inside["forbidden_modules"]) == {IMPORTED_AS.get(name, name) for name in brought}
