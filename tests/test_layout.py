"""What import-linter's contracts in pyproject.toml can't say of the packages."""

import re
import sys
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
IMPORTED_AS = {"toktok_rs": "toktok"}
"""Distributions that are imported under another name."""


def test_no_module_of_addons_shadows_one_of_the_standard_library() -> None:
    """mitmproxy puts a script's folder at the front of the path."""
    names = {file.stem for file in (REPOSITORY / "addons").rglob("*.py")}

    assert not names & set(sys.stdlib_module_names)


def test_whatever_the_project_requires_is_forbidden_inside_mitmproxy() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    required = [
        *PROJECT["project"]["dependencies"],
        *(line for name in extras if name != "dev" for line in extras[name]),
    ]
    names = {re.split(r"[^\w-]", line)[0].replace("-", "_") for line in required} - {"mitmproxy"}
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    (inside,) = (contract for contract in contracts if "inside mitmproxy" in contract["name"])

    assert set(inside["forbidden_modules"]) == {IMPORTED_AS.get(name, name) for name in names}
