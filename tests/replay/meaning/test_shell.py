"""Shell commands that do the same, and ones that don't, in the folder /src."""

from typing import Any

import pytest

from replay.meaning.shell import same_command

SAME: list[tuple[Any, Any]] = [
    ("ls -la", "ls -al"),
    ("ls -la", "ls -l -a"),
    ("ls -la .", "ls -al /src"),
    ("A=1 B=2 make", "B=2 A=1 make"),
    ("grep -rn 'foo' src", 'grep -nr "foo" ./src/'),
    ("cd /src && ls", "ls"),
    ("cat a.py | head -20", "cat ./a.py|head -n 20"),
    ("git log -5 --oneline", "git log --oneline -n 5"),
    ("cd src && cat a.py", "cat src/a.py"),
    ("python ./x.py", "python x.py"),
    ('echo "a  b"', "echo 'a  b'"),
    ("bash -lc 'ls -a'", "ls -a"),
    (["bash", "-lc", "ls -a"], "ls -a"),
    ("find . -name '*.py'", 'find . -name "*.py"'),
    ("npm test 2>&1", "npm test"),
    ("pytest -q; ", "pytest -q"),
    ("ls --all", "ls -a"),
    ("ls dir -la", "ls -la dir"),
    ("a \\\n b", "a b"),
    ("git commit -m 'x y' -a", 'git commit -am "x y"'),
    ("make |& tee log", "make 2>&1 | tee log"),
    ("wc -l < /src/a.txt", "wc -l<a.txt"),
    ("ls # all of them", "ls"),
    ("cd /src", "cd ."),
    ("grep -e foo a.py", "grep --regexp=foo ./a.py"),
    ("npm run build --if=x", "npm run build --if x"),
    ("for f in *; do echo $f; done", "for f in *;  do echo $f; done"),
]
OTHER: list[tuple[Any, Any]] = [
    ("ls -la", "ls -l"),
    ("echo '$HOME'", "echo $HOME"),
    ("rm a", "rm b"),
    ("a && b", "a || b"),
    ("cp a b", "cp b a"),
    ("docker run -v a -p b", "docker run -p a -v b"),
    ("make", "cd x && make"),
    ("head -n 5 f", "head -n 6 f"),
    ("find . -name '*.py'", "find . -name *.py"),
    ("A=1 make", "make"),
    ("ls > a", "ls > b"),
    ("ls > a", "ls"),
    ('echo "a  b"', 'echo "a b"'),
    ("sed -i s/a/b/ f", "sed s/a/b/ f"),
    ("a|b", "b|a"),
    ("grep foo", "grep bar"),
    ("run.sh", "./run.sh"),
    ("for i in 1 2; do ls; done", "for i in 1 3; do ls; done"),
    ("find -name a", "find -name b"),
    ("cat <<E\nx\nE", "cat <<E\ny\nE"),
    ("echo 'open", "echo 'other"),
    ("cd a && make", "cd b && make"),
    ("ls; rm a", "ls && rm a"),
    ("echo ./a", "echo a"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_commands_that_are_only_written_otherwise_are_the_same(one: Any, other: Any) -> None:
    assert same_command(one, other, "/src")
    assert same_command(other, one, "/src")


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_commands_that_may_do_something_else_are_not(one: Any, other: Any) -> None:
    assert not same_command(one, other, "/src")


def test_without_a_known_folder_paths_are_compared_as_they_lead_from_there() -> None:
    assert same_command("cat ./a/../b", "cat b")
    assert not same_command("cat /src/b", "cat b")
