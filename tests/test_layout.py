"""The arrows of the house: who may import whom."""

import ast
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
ROOMS = ("traces", "ui", "addons", "analysis", "replay", "demo")
MAY_IMPORT = {
    "traces": {"traces"},
    "addons": {"addons", "traces"},
    "ui": {"ui", "traces"},
    "analysis": {"analysis", "ui", "traces"},
    "replay": {"replay", "ui", "traces"},
    "demo": set(ROOMS),
}
THIN = {"mitmproxy", "brotli", *sys.stdlib_module_names}
"""What is there wherever mitmproxy is."""

INSIDE = ("anyclaude_trace.py", "capture/*.py", "contentview/*.py", "launcher/proxy_script.py")
"""The modules of addons that mitmproxy loads; the others are the launcher's."""

INSIDE_MITMPROXY = [
    *(str(path.relative_to(REPOSITORY)) for path in sorted((REPOSITORY / "traces").rglob("*.py"))),
    *(str(path.relative_to(REPOSITORY)) for name in INSIDE for path in sorted((REPOSITORY / "addons").glob(name))),
]


def imports(file: Path, optional: bool) -> set[str]:
    """The top-level names a file imports; without `optional`, those inside a `try` or a function are left out."""
    tree = ast.parse(file.read_text())
    nodes = ast.walk(tree) if optional else iter(tree.body)
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import"
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_where_its_arrows_point(room: str) -> None:
    wrong = {
        f"{file.relative_to(REPOSITORY)} imports {name}"
        for file in (REPOSITORY / room).rglob("*.py")
        for name in imports(file, optional=True) & {*ROOMS, "tests", "benchmarks"}
        if name not in MAY_IMPORT[room]
    }

    assert wrong == set()


@pytest.mark.parametrize("name", INSIDE_MITMPROXY)
def test_what_runs_inside_mitmproxy_needs_nothing_else(name: str) -> None:
    assert imports(REPOSITORY / name, optional=False) - THIN <= {"addons", "traces"}


def test_no_module_of_addons_shadows_one_of_the_standard_library() -> None:
    """mitmproxy puts a script's folder at the front of the path."""
    names = {file.stem for file in (REPOSITORY / "addons").rglob("*.py")}

    assert not names & set(sys.stdlib_module_names)
