"""Arguments that agree, that differ, and that only a person could compare, for a client that works in /src."""

from typing import Any

import pytest

from replay.meaning.arguments import agreement

P = {
    "type": "object",
    "properties": {
        "file_path": {"type": "string"},
        "offset": {"type": "number"},
        "limit": {"type": "number", "description": "Number of lines. Defaults to 2000."},
    },
    "required": ["file_path"],
}
MODE = {"properties": {"pattern": {}, "mode": {"enum": ["files", "content"], "description": 'Defaults to "files".'}}}

AGREE: list[Any] = [
    ("Read", {"file_path": "/src/b.py"}, {"file_path": "./a/../b.py"}, P),
    ("Read", {"file_path": "/src/b.py"}, {"file_path": "b.py", "limit": 2000, "offset": None}, P),
    ("Bash", {"command": "ls -la", "description": "List"}, {"command": "ls  -al", "description": "Show files"}, None),
    (
        "Edit",
        {"file_path": "a.py", "old_string": "x = 1\ny = 2", "new_string": "x = 1\ny = 3"},
        {"file_path": "/src/a.py", "old_string": "y = 2", "new_string": "y = 3"},
        None,
    ),
    (
        "Edit",
        {"file_path": "a.py", "old_string": "a\nb", "new_string": "a\nB"},
        {"file_path": "a.py", "old_string": "b\nc", "new_string": "B\nc"},
        None,
    ),
    ("Glob", {"pattern": "**/*.py"}, {"pattern": "**/*.py", "path": "/src"}, None),
    ("Glob", {"pattern": "**/*.py"}, {"pattern": "/src/**/*.py"}, None),
    ("Glob", {"pattern": "src/*.{ts,js}"}, {"pattern": "*.{js,ts}", "path": "src"}, None),
    ("Grep", {"pattern": "foo|bar", "path": "/src"}, {"pattern": "bar|foo"}, None),
    ("Grep", {"pattern": "foo", "glob": "*.py"}, {"pattern": "foo", "glob": "**/*.py"}, None),
    (
        "Write",
        {"file_path": "a", "content": "x = {'a':1}\n"},
        {"file_path": "a", "content": 'x = {"a": 1}'},
        {"properties": {"file_path": {}, "content": {}}},
    ),
    ("shell", {"command": ["bash", "-lc", "ls -la"]}, {"command": ["bash", "-lc", "ls -al"]}, None),
    ("x", {"n": 5}, {"n": 5.0}, None),
    ("x", {"n": 5}, {"n": "5"}, None),
    ("x", {"n": 5}, {"n": 5, "all": False}, None),
    (
        "apply_patch",
        "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n*** End Patch",
        "*** Begin Patch\n*** Update File: ./a.py\n@@\n z\n-x\n+y\n*** End Patch\n",
        None,
    ),
    ("fetch", {"url": "https://A.com/"}, {"url": "https://a.com"}, None),
    ("x", {"city": "Paris"}, {"city": "Paris", "unit": None}, None),
    ("Grep", {"pattern": "x"}, {"pattern": "x", "mode": "files"}, MODE),
    ("x", {"a": 1}, {"a": 1, "b": 2}, {"properties": {"a": {}, "b": {"default": 2}}}),
    ("x", {"tags": ["a", "b"]}, {"tags": ["b", "a"]}, {"properties": {"tags": {"uniqueItems": True}}}),
    (
        "MultiEdit",
        {"edits": [{"old_string": "a\nb", "new_string": "a\nc"}]},
        {"edits": [{"old_string": "b", "new_string": "c"}]},
        None,
    ),
    (
        "Edit",
        {"path": "a", "old_str": "b", "new_str": "c"},
        {"path": "a", "old_str": "b", "new_str": "c", "replace_all": True},
        None,
    ),
    ("x", {"input": '{"a": 1}'}, {"input": {"a": 1}}, None),
    ("Write", {"file_path": "a.txt", "content": "one \ntwo\n"}, {"file_path": "a.txt", "content": "one\ntwo"}, None),
    ("LS", {"path": "C:\\src\\a"}, {"path": "c:/src/A/"}, None),
    (
        "apply_patch",
        "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n",
        "--- x.py\n+++ x.py\n@@ -1,2 +1,2 @@\n z\n-a\n+b\n",
        None,
    ),
]
DIFFER: list[Any] = [
    ("Read", {"file_path": "/src/b.py"}, {"file_path": "b.py", "limit": 20}, P),
    ("Bash", {"command": "ls -la"}, {"command": "ls"}, None),
    (
        "Edit",
        {"file_path": "a.py", "old_string": "x = 1\ny = 2", "new_string": "x = 1\ny = 3"},
        {"file_path": "/src/a.py", "old_string": "y = 2", "new_string": "y = 4"},
        None,
    ),
    ("Glob", {"pattern": "**/*.py"}, {"pattern": "**/*.js"}, None),
    ("Task", {"prompt": "look for the thing", "subagent_type": "x"}, {"prompt": "find it", "subagent_type": "y"}, None),
    ("x", {"n": True}, {"n": 1}, None),
    ("x", {"s": "a"}, {"s": "b"}, None),
    (
        "apply_patch",
        "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n*** End Patch",
        "*** Begin Patch\n*** Update File: b.py\n@@\n-x\n+y\n*** End Patch\n",
        None,
    ),
    (
        "TodoWrite",
        {"todos": [{"content": "do a thing", "status": "pending", "activeForm": "Doing"}]},
        {"todos": [{"content": "Do it", "status": "done", "activeForm": "x"}]},
        None,
    ),
    ("x", {"city": "Paris"}, {"city": "London"}, None),
    ("x", {"city": "Paris"}, {}, None),
    ("Grep", {"pattern": "x"}, {"pattern": "x", "mode": "content"}, MODE),
    ("x", {"list": ["a", "b"]}, {"list": ["b", "a"]}, None),
    (
        "Edit",
        {"path": "a", "old_str": "b", "new_str": "c", "replace_all": True},
        {"path": "a", "old_str": "b", "new_str": "c"},
        None,
    ),
    ("Write", {"file_path": "a.txt", "content": "one"}, {"file_path": "a.txt", "content": "two"}, None),
    (
        "apply_patch",
        "--- /dev/null\n+++ b/x.py\n@@ -0,0 +1 @@\n+b\n",
        "--- a/x.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-b\n",
        None,
    ),
    ("Grep", {"pattern": "a.b"}, {"pattern": "a\\.b"}, None),
    ("x", {"todo": [1]}, {"todo": [1, 2]}, None),
]
OPEN: list[Any] = [
    (
        "Task",
        {"description": "a", "prompt": "look for the thing", "subagent_type": "x"},
        {"description": "b", "prompt": "find it", "subagent_type": "x"},
        None,
    ),
    (
        "TodoWrite",
        {"todos": [{"content": "do a thing", "status": "pending", "activeForm": "Doing"}]},
        {"todos": [{"content": "Do it", "status": "pending", "activeForm": "x"}]},
        None,
    ),
]


@pytest.mark.parametrize(("tool", "recorded", "answered", "schema"), AGREE)
def test_arguments_that_mean_the_same_agree(tool: str, recorded: Any, answered: Any, schema: Any) -> None:
    assert agreement(tool, recorded, answered, schema, "/src").agrees is True


@pytest.mark.parametrize(("tool", "recorded", "answered", "schema"), DIFFER)
def test_arguments_that_mean_something_else_differ(tool: str, recorded: Any, answered: Any, schema: Any) -> None:
    assert agreement(tool, recorded, answered, schema, "/src").agrees is False


@pytest.mark.parametrize(("tool", "recorded", "answered", "schema"), OPEN)
def test_texts_for_people_cannot_be_compared(tool: str, recorded: Any, answered: Any, schema: Any) -> None:
    assert agreement(tool, recorded, answered, schema, "/src").agrees is None


def test_what_differs_is_named() -> None:
    found = agreement("Read", {"path": "a", "limit": 3}, {"path": "b", "limit": 3})
    assert (found.differs, found.open) == (("path",), ())


def test_a_relative_path_in_an_unknown_folder_may_be_the_same() -> None:
    assert agreement("Read", {"path": "/src/a.py"}, {"path": "a.py"}).agrees is None
    assert agreement("Read", {"path": "/src/a.py"}, {"path": "b.py"}).agrees is False


def test_odd_schemas_and_code_that_warns_are_compared_all_the_same() -> None:
    for schema in ({"required": True, "properties": 3}, {"properties": {"n": True}}, True, None):
        assert agreement("x", {"n": 1}, {"n": 1.0}, schema).agrees is True
    code = {"path": "a.py", "content": "x = '\\d'\n"}
    assert agreement("Write", code, {**code, "content": "x='\\d'"}).agrees is True
