# SPDX-License-Identifier: MIT
"""The harness itself: a mutant that nothing makes, or that is wrongly called killed, shows nothing."""

import os
import pathlib
import subprocess
import sys

import pytest

import entries
import operators
import reach
import workshop

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]

PLANTED = r"""/* if (comment == 1) return true; */
#include "if (a == 1).h"
#define LIMIT(n) ((n) == 1 && true)
struct row { const char *name; int n; };
int prototype(int a[4]);
static const int most = 4;
enum { FEW = 3, MANY };
static const struct row rows[] = {
	{ "if (a == 1) x = 2;", 1 },
	{ 0, 7 },
};
_Static_assert(sizeof(rows) == 2 * sizeof(rows[0]), "1 == 1");
ATTR_PRINTF(1, 2) int f(int a, int b)
{
	int room[16], *p = room;
	const char *text = "a == 1 && b++";
	must(a == 1 && b < 3);
	if (a && /* or 1 */ b <= 4)
		a += b; // a = 9;
	else if (!a)
		log_note("a == %d", a);
	for (int i = 0; i < most; i++) {
		if (i == 'x')
			continue;
		b = a | i;
		break;
	}
	(void)close(b);
	*p = a > b ? -1 : a - 1;
	return a || b == FEW;
}
bool g(void)
{
	return true;
}
"""

EXPECTED = {
    "negate": ["if (!(a && /* or 1 */ b <= 4))", "else if (!(!a))", "if (!(i == 'x'))",
               "*p = !(a > b) ? -1 : a - 1;"],
    "operand": ["if (true && /* or 1 */ b <= 4)", "if (a && /* or 1 */ true)",
                "return false || b == FEW;", "return a || false;"],
    "compare": ["if (a && /* or 1 */ b < 4)", "for (int i = 0; i <= most; i++) {",
                "if (i != 'x')", "*p = a >= b ? -1 : a - 1;", "return a || b != FEW;"],
    "logic": ["if (a || /* or 1 */ b <= 4)", "return a && b == FEW;"],
    "constant": ["enum { FEW = 4, MANY };", "{ 1, 7 },", "{ 0, 8 },",
                 "if (a && /* or 1 */ b <= 5)", "for (int i = 1; i < most; i++) {",
                 "*p = a > b ? -2 : a - 1;", "*p = a > b ? -1 : a - 2;"],
    "return": ["return !(a || b == FEW);", "return 0;", "return false;"],
    "assignment": ["; // a = 9;", ";", ";"],
    "compound": ["a -= b; // a = 9;", "for (int i = 0; i < most; i--) {"],
    "call": [";", ";"],
    "arithmetic": ["b = a & i;", "*p = a > b ? -1 : a + 1;"],
    "jump": ["break;", ";"],
}


def changed_lines(text, operator):
    """What the mutants of one operator make of their lines."""
    for mutant in operators.mutants(text):
        if mutant.operator == operator:
            yield mutant.apply(text).split("\n")[mutant.line - 1].strip()


@pytest.mark.parametrize("operator", EXPECTED)
def test_operators(operator):
    """Each finds the places it should, and no comment, string, prototype, row or promise."""
    assert list(changed_lines(PLANTED, operator)) == EXPECTED[operator]


def test_all_operators_are_tried():
    """None is forgotten above."""
    assert {mutant.operator for mutant in operators.mutants(PLANTED)} == set(EXPECTED)
    assert len(EXPECTED) == len(operators.OPERATORS)


def test_batches():
    """More names than a command has room for are several commands, in their order, none left out."""
    names = [f"test_é[{'x' * n}]" for n in range(300)]
    found = list(workshop.batches(names, 2000))
    assert [name for some in found for name in some] == names and len(found) > 20
    assert all(len(some) == 1 or sum(len(name.encode()) for name in some) <= 2000 for some in found)
    assert not list(workshop.batches([]))
    assert list(workshop.batches([f"a.py::test_x[{'(' * 500000}]"])) == [["a.py::test_x"]]


def test_changes_are_of_one_line():
    """In all of our sources."""
    for path in sorted((ROOT / "src").rglob("*.c"))[::10]:
        text = path.read_text("utf-8")
        for mutant in operators.mutants(text):
            assert "\n" not in text[mutant.begin:mutant.end] + mutant.new


# --- the lists ---------------------------------------------------------------------------------

ENTRY = "why  it is\nin   src/max.c\n-    {old}\n+    {new}\n"


@pytest.mark.parametrize("name, with_test", [("fixed", True), ("equivalent", False)])
def test_lists_fit_the_sources(name, with_test):
    """Whoever changes a line that an entry names has to change the entry."""
    for entry in entries.read(HERE / name, name, with_test):
        text = (ROOT / entry.path).read_text("utf-8")
        assert entry.apply(text).count("\n") == text.count("\n")


@pytest.mark.parametrize("text, words", [
    ("why  it is\nin   a.c\n-    x\n", "list:1: wants why, in"),
    ("why  it is\nin   a.c\n-    x\n+    y\n", "and by"),
    ("# comment\n\nwho  it is\n", "list:3: is no row"),
])
def test_bad_entries(tmp_path, text, words):
    """A list that cannot be read is an error, and says where."""
    (tmp_path / "list").write_text(text)
    with pytest.raises(entries.Stale, match=words):
        entries.read(tmp_path / "list", "list", True)


# --- a small project ---------------------------------------------------------------------------

PROJECT = {
    "meson.build": "project('planted', 'c')\nsubdir('src')\nsubdir('tests')\n",
    "meson_options.txt": "option('tests', type: 'boolean', value: false)\n",
    "src/meson.build": "lib = static_library('max', 'max.c')\n"
                       "executable('postrider', 'main.c', link_with: lib, install: true)\n",
    "src/max.c": "int max(int a, int b);\nint max(int a, int b)\n{\n\tif (a > b)\n\t\treturn a;\n"
                 "\treturn b;\n}\nint two(void);\nint two(void)\n{\n\treturn 2;\n}\n"
                 "int unseen(void);\nint unseen(void)\n{\n\treturn 9;\n}\n",
    "src/main.c": "#include <stdlib.h>\nint max(int a, int b);\nint two(void);\n"
                  "int main(int argc, char **argv)\n{\n"
                  "\t_Exit(max(atoi(argv[argc - 1]), two()));\n}\n",
    "tests/meson.build": "test('max', executable('test_max', 'max.c', link_with: lib))\n",
    "tests/max.c": "int max(int a, int b);\nint main(void)\n{\n\treturn max(2, 1) != 2;\n}\n",
    "tests/integration/test_main.py":
        "import os\nimport subprocess\n\n\ndef test_status():\n"
        "    status = subprocess.run([os.environ['POSTRIDER'], '1'], check=False).returncode\n"
        "    assert status == 2\n",
}
FIRST = ENTRY.format(old="if (a > b)", new="if (a < b)")


@pytest.fixture(name="run")
def _run(tmp_path):
    """run(text of the list, arguments...): the harness in the small project; the process."""
    root = tmp_path / "project"
    for name, text in PROJECT.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)

    def run(fixed, *args):
        (tmp_path / "fixed").write_text(fixed)
        (tmp_path / "equivalent").write_text(ENTRY.format(old="a > b", new="a >= b"))
        return subprocess.run(
            [sys.executable, HERE / "mutate.py", "--root", root, "--fixed", tmp_path / "fixed",
             "--equivalent", tmp_path / "equivalent", "--cache", tmp_path / "cache", "--jobs", "1", *args],
            capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            env={**os.environ, "TMPDIR": str(tmp_path)})

    return run


@pytest.mark.ci
def test_killed_and_survived(run):
    """What a test sees is killed, by a program or by Python; what it does not see survived."""
    unseen = ENTRY.format(old="return b;", new="return b + 1;")
    done = run(f"{FIRST}by   test_max\n\n{unseen}by   test_max\n\n"
               f"{unseen}by   tests/integration/test_main.py::test_status\n", "--jobs", "2")
    lines = sorted(done.stdout.splitlines())
    assert "src/max.c:4, it is: killed by test_max" in lines, done.stdout + done.stderr
    assert "src/max.c:6, it is: killed by tests/integration/test_main.py::test_status" in lines
    assert "src/max.c:6, it is: survived (1 tests)" in lines
    assert "-\treturn b;" in lines and "+\treturn b + 1;" in lines
    assert done.stdout.endswith("\n2 passed, 1 failed\n") and done.returncode == 1


@pytest.mark.parametrize("fixed, words", [
    (ENTRY.format(old="if (c > b)", new="x") + "by   test_max\n", "fixed:1: its text is found 0"),
    (ENTRY.format(old="return", new="x") + "by   test_max\n", "fixed:1: its text is found 4"),
    (FIRST.replace("max.c", "min.c") + "by   test_max\n", "fixed:1: there is no src/min.c"),
    ("# nothing\n", "has no entries"),
])
def test_stale_list(run, fixed, words):
    """A list that does not fit is an error, before anything is built."""
    done = run(fixed)
    assert done.returncode == 1 and words in done.stderr and "passed" not in done.stdout


@pytest.mark.ci
def test_list_names_what_is_not_there(run):
    """Neither is a test that does not exist a test that fails."""
    done = run(f"{FIRST}by   tests/integration/test_main.py::test_other\n")
    assert done.returncode == 1 and "not found" in done.stderr and "passed" not in done.stdout


@pytest.mark.ci
def test_sample(run):
    """All that can be drawn: the tests of a line are found, and what is excused is not counted."""
    done = run("", "99", "--seed", "1", "--only", "max.c")
    lines = done.stdout.splitlines()
    assert "src/max.c:4, negate: killed by test_max" in lines, done.stdout + done.stderr
    assert "src/max.c:4, compare: equivalent (it is)" in lines
    assert "src/max.c:11, return: killed by tests/integration/test_main.py::test_status" in lines
    assert "src/max.c:16, return: survived (no test comes here)" in lines
    assert done.returncode == 1 and lines[-1].endswith(" passed, 1 failed")


def test_map_is_kept(tmp_path):
    """It is measured once for a state of the tree; a line belongs to the block above it."""
    found = {"tests": [["one", 1.0], ["two", 2.0]], "lines": {"a.c": {"3": "1", "7": "3"}}}
    first = reach.load(ROOT, tmp_path, lambda: found)
    again = reach.load(ROOT, tmp_path, lambda: pytest.fail("it was measured again"))
    for reached in (first, again):
        assert reached.tests("a.c", 5, 9) == (["one"], 1.0)
        assert reached.tests("a.c", 8, 9) == (["one", "two"], 3.0)
        assert reached.tests("a.c", 8, 2) == (["one"], 1.0)
        assert not reached.knows("a.c", 2) and not reached.knows("b.c", 3)
