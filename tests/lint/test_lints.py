# SPDX-License-Identifier: MIT
"""Run every lint on the tree, and show for every lint that it can fail.

fixtures/good is a small tree that passes all lints.  fixtures/LINT-CASE holds the few files that
are laid over a copy of it to break one rule; what cannot lie in a directory (long files, words
that nothing may contain) a function below writes.  Each case names all findings it must bring.
"""

import pathlib
import os
import re
import shutil
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
FIXTURES = HERE / "fixtures"

LINTS = ("rooms", "purity", "budgets", "banned", "docs", "completions", "external", "musl",
         "readme", "bench", "wording")
TOOLS = {"purity": "nm", "budgets": "pmccabe", "external": "clang-format", "musl": "musl-gcc"}
TABLED = ("docs", "completions", "readme")


# --- how a lint is run -------------------------------------------------------------------------

def run(lint, *arguments, **options):
    """The exit status of a lint and what it printed, line by line.

    Another tree than ours is not judged by our build.
    """
    if "--root" in arguments:
        options.setdefault("env", {name: value for name, value in os.environ.items()
                                   if name != "POSTRIDER_BUILDDIR"})
    done = subprocess.run([HERE / lint, *map(str, arguments)], capture_output=True, text=True,
                          check=False, **options)
    assert done.stderr == "", done.stderr
    assert done.returncode in (0, 1)
    lines = done.stdout.splitlines()
    assert (done.returncode == 1) == bool(lines)
    return lines


def plant(tmp_path, *overlays):
    """A copy of the good tree with overlays: names of fixtures, or functions of the tree."""
    tree = tmp_path / "tree"
    shutil.copytree(FIXTURES / "good", tree)
    for overlay in overlays:
        if callable(overlay):
            overlay(tree)
        else:
            shutil.copytree(FIXTURES / overlay, tree, dirs_exist_ok=True)
    return tree


def judge(lint, tree):
    """What a lint says about a planted tree."""
    arguments = ["--root", tree]
    if lint == "purity":
        arguments += [archive(tree, "mail"), archive(tree, "base")]
    if lint in TABLED:
        arguments += ["--tables", tree / "tables.tsv"]
    if lint == "completions":
        arguments += ["--generator", REPOSITORY / "completions" / "generate"]
    return run(lint, *arguments)


def archive(tree, room):
    """Compile a room of a planted tree into an archive."""
    objects = []
    for source in sorted((tree / "src" / room).glob("*.c")):
        objects.append(source.with_suffix(".o"))
        subprocess.run(["gcc", "-I", tree / "src", "-c", source, "-o", objects[-1]], check=True)
    made = tree / f"lib{room}.a"
    subprocess.run(["ar", "rcs", made, *objects], check=True)
    return made


# --- overlays no directory can hold ------------------------------------------------------------

def long_files(tree):
    """Files over their limits."""
    with (tree / "src/base/str.c").open("a", encoding="utf-8") as file:
        file.write("\n" * 600)
    with (tree / "src/base/str.h").open("a", encoding="utf-8") as file:
        file.write("\n" * 150)


def long_function(tree):
    """A function of 61 lines in a test program."""
    body = "\tmain();\n" * 57
    (tree / "tests/unit/test_addr.c").write_text(
        "/* SPDX-License-Identifier: MIT */\nint main(void)\n{\n" + body + "\treturn 0;\n}\n",
        encoding="utf-8")


def common_name(tree):
    """A static function of the same name in three files."""
    for name in ("base/mem.c", "base/str.c", "mail/addr.c"):
        with (tree / "src" / name).open("a", encoding="utf-8") as file:
            file.write("\nstatic int begin(int a)\n{\n\treturn a;\n}\n")


def open_brace(tree):
    """A function that never ends."""
    (tree / "src/base/str.c").write_text("/* SPDX-License-Identifier: MIT */\nint f(void)\n{\n",
                                         encoding="utf-8")


def crowded(tree):
    """A room of fifteen modules."""
    path = tree / "src/meson.build"
    path.write_text(path.read_text("utf-8").replace(
        "'base': ['mem', 'str']", "'base': ['mem', 'str', %s]" % ", ".join(
            f"'more{n}'" for n in range(13))), encoding="utf-8")
    for number in range(13):
        (tree / f"src/base/more{number}.c").write_text("/* SPDX-License-Identifier: MIT */\n",
                                                       encoding="utf-8")


def no_scripts(tree):
    """The promised commands are gone."""
    (tree / "tests/try").unlink()


def no_table(tree):
    """A page without figures."""
    (tree / "tests/bench/README.md").write_text("# x\n\n<!-- bench -->\n<!-- /bench -->\n", "utf-8")


def no_costs(tree):
    """A README without figures."""
    (tree / "README.md").write_text("# postrider\n\n<!-- bench -->\n<!-- /bench -->\n", "utf-8")


def odd_row(tree):
    """A table that speaks of what nobody knows."""
    with (tree / "tables.tsv").open("a", encoding="utf-8") as file:
        file.write("colour\tred\n")


def hidden_option(tree):
    """An option and a setting nobody wrote about."""
    with (tree / "tables.tsv").open("a", encoding="utf-8") as file:
        file.write("option\t\tnew-one\t\tsomething new\n")


CASES = [
    ("rooms", "rooms-upward", [
        r'src/base/str.c:4: base may not see mail \("mail/addr.h"\); move the code down .*',
        r'src/base/str.c:5: base may not see submit .*']),
    ("rooms", "rooms-sideways", [r"src/mail/addr.c:4: mail may not see tls .*",
                                   r"src/os/poll.c:5: os may not see mail .*"]),
    ("rooms", "rooms-later", [
        r'src/conf/setting.h:2: "conf/cli.h" is listed after setting; a module includes only .*']),
    ("rooms", "rooms-form", [
        r'src/conf/cli.c:2: #include "cli.h" names no room; write #include "room/name.h"',
        r'src/conf/cli.c:3: #include "../mail/addr.h" names no room; .*',
        r'src/conf/cli.c:4: "conf/ghost.h" belongs to no module in src/meson.build; list it']),
    ("rooms", "rooms-system", [
        r"src/conf/cli.c:2: only tls may include <gnutls/gnutls.h>; offer .*",
        r"src/conf/cli.c:3: only os and net may include <sys/socket.h>; .*"]),
    ("rooms", "rooms-impure", [r"src/mail/addr.c:3: mail may not include <time.h>; .*",
                                 r"src/mail/addr.c:4: mail may not include <unistd.h>; .*"]),
    ("rooms", "rooms-unlisted", [
        r"src/base/stray.c: is not listed; add its module to base in src/meson.build",
        r"src/extra/more.c: lies in no room; .*"]),
    ("rooms", "rooms-list", [
        r"src/meson.build:3: src/base/ghost.c does not exist; remove .*",
        r"src/meson.build:10: sees has no entry for cmd; say which rooms it sees",
        r"src/meson.build:18: conf may not see mail, which is not listed before it; .*"]),
    ("rooms", "rooms-circle", [
        r"src/meson.build:18: base may not see cmd, which is not listed before it; .*",
        r"src/meson.build:20: os may not see mail: pure rooms and the outside world .*"]),
    ("rooms", crowded, [
        r"src/meson.build:5: base has 15 modules, the limit is 14; make it two rooms"]),
    ("rooms", "rooms-prints", [
        r"src/submit/deliver.c:6: only ui and cmd print, not fprintf\(\) here; .*",
        r"src/submit/deliver.c:7: only ui and cmd print, not printf\(\) here; .*",
        r"src/submit/deliver.c:12: only base formats, not snprintf\(\) here; .*",
        r"src/submit/deliver.c:4: only ui and cmd print, no FILE \* here; .*"]),
    ("purity", "purity-call", [
        r"libmail.a\(addr.o\): uses open, but mail is pure; let the caller .*"]),
    ("purity", "purity-log", [r"libmail.a\(reply.o\): uses log_note, but mail is pure; .*"]),
    ("budgets", "budgets-shape", [
        r"src/submit/deliver.c:4: deliver_six has 6 parameters, the limit is 5; .*",
        r"src/submit/deliver.c:22: deliver_deep nests 5 deep, the limit is 4; .*"]),
    ("budgets", "budgets-complex", [
        r"tests/unit/test_addr.c:2: main has complexity \d\d, the limit is 15; .*"]),
    ("budgets", long_files, [
        r"src/base/str.c: has \d+ lines, the limit is 600; make it two modules",
        r"src/base/str.h: has \d+ lines, the limit is 150; make it two modules"]),
    ("budgets", long_function, [
        r"tests/unit/test_addr.c:2: main has 61 lines, the limit is 60; split it"]),
    ("budgets", common_name, [
        r"src/base/mem.c:\d+: begin is a static function of 3 files, the limit is 2; name .*"]),
    ("budgets", open_brace, [
        r"src/base/str.c:4: pmccabe finds not enough }'s; .*",
        r"src/base/str.c: { in line 3 is never closed; .*"]),
    ("banned", "banned-functions", [
        r"src/cmd/send.c:6: strdup\(\) is banned: it can fail; use base/mem",
        r"src/cmd/send.c:8: poll\(\) is banned: it ignores the deadline; use os/poll",
        r"src/cmd/send.c:9: atoi\(\) is banned: .*",
        r"src/cmd/send.c:9: isdigit\(\) is banned: it depends on the locale; .*",
        r"src/cmd/send.c:10: free\(\) is banned: .*",
        r"src/cmd/send.c:8: EINTR is handled in .*",
        r"src/cmd/send.c:2: <ctype.h> is banned: .*"]),
    ("banned", "banned-words", [
        r"src/cmd/send.c:12: goto is banned; .*",
        r"src/cmd/send.c:7: a comment says FIXME; do it or open an issue",
        r"src/cmd/send.c:14: a comment says TODO; .*",
        r"src/cmd/send.c:2: a macro holds return; no control flow in macros, .*"]),
    ("banned", "banned-licence", [r"src/base/attr.h:1: no licence in the first three lines; .*",
                                  r"tests/helper:1: no licence .*"]),
    ("wording", "wording-turns", [
        r'src/cmd/send.c:4: "is wanted" is a turn that readers stumble over; say "must be ..."',
        r'src/cmd/send.c:5: "write the line" is a turn .*; say "add the line ..." and to which .*',
        r'src/cmd/send.c:8: "by nobody" is a turn .*; name who does it',
        r'README.md:3: "looked into" is a turn .*',
        r'man/postrider.1:2: "are told" is a turn .*; say "is reported", .*']),
    ("docs", "docs-options", [
        r"man/postrider.1:3: --account lacks its argument NAME; write Ar NAME",
        r"man/postrider.1:4: the item lacks a name of --file \(-C\); list both",
        r"man/postrider.1: --queue-dir is not documented; add an item .It Fl -queue-dir",
        r"man/postrider.1:3: .* shows the argument WHO, the table has NAME; .*",
        r"man/postrider.1:5: --no-such is no option; remove it here or add it to the table",
        r"man/postrider.1:12: status 0 is not EX_NONE but EX_OK; correct the item",
        r"man/postrider.1:14: 99 is no exit status; .*",
        r"man/postrider.1: exit status 64 is not documented; add .It 64 to EXIT STATUS"]),
    ("docs", "docs-settings", [
        r"man/postrider.conf.5:3: tls shows the argument yes\|no, the table has \[on\|off\]; .*",
        r"man/postrider.conf.5:3: tls says .* write the line: "
        r"Default: on; off in files of msmtp's name\.",
        r"man/postrider.conf.5:5: tls_trust_file says no default; write .* Default: system\.",
        r"man/postrider.conf.5:8: no_such is no setting; remove it here or add it to the table",
        r"man/postrider.conf.5: host is not documented; add an item .It Ic host"]),
    ("docs", "docs-migration", [
        r"man/postrider-migrate.7: MailHub, which other.c reads, is not documented; .*"]),
    ("docs", "docs-environment", [
        r"man/postrider.1: HIDDEN, which send.c reads, is not documented; .*"]),
    ("docs", hidden_option, [r"man/postrider.1: --new-one is not documented; .*"]),
    ("docs", odd_row, [r"tables.tsv:14: is no row of a table; .*"]),
    ("completions", "completions-stale", [
        r"completions/postrider.fish:2: is out of date, now: .*; run completions/generate"]),
    ("completions", hidden_option, [
        r"completions/postrider.bash:\d+: is out of date, now: .*--new-one.*; .*",
        r"completions/_postrider:\d+: is out of date, now: '--new-one\[something new\]' .*; .*",
        r"completions/postrider.fish:\d+: is out of date, now: complete .* new-one .*; .*"]),
    ("external", "external-mandoc", [
        r"man/postrider.1:9: ERROR: skipping unknown macro: .Zz no such macro; .*"]),
    ("external", "external-format", [
        r"tests/unit/test_addr.c:3: code should be clang-formatted; run clang-format -i",
        r"tests/unit/test_addr.c:4: code should be clang-formatted; .*"]),
    ("external", "external-shell", [r"tests/helper:3: Double quote to prevent globbing .*"]),
    ("external", no_scripts, [r"tests/try: does not exist; README and CI promise it"]),
    ("external", "external-cppcheck", [r"src/cmd/send.c:9: .*list\[4\].*out of bounds.*"]),
    ("musl", "musl-glibc", [
        r"src/os/poll.c:12: implicit declaration of function .getaddrinfo_a.*; other systems .*",
        r"src/os/poll.c:12: .GAI_NOWAIT. undeclared .*; other systems .*"]),
    ("musl", "musl-header", [r"src/os/poll.c:4: sys/pidfd.h: No such file or directory; .*"]),
    ("readme", "readme-promises", [
        r"README.md: does not name tests/try; tell the reader how to run it",
        r"README.md:8: 76 is no exit status; remove it here or add it to the table"]),
    ("readme", no_scripts, [r"tests/try: does not exist; README.md names it"]),
    ("bench", "bench-worse", [
        r"tests/bench/README.md:7: round trips, TLS, later: 5, the limit is at most 4; find out .*",
        r"tests/bench/README.md:14: 50 messages in a row, median time: the limit is at most 0.9, "
        r"not at most 2; run tests/bench/run --readme",
        r"tests/bench/README.md:16: instructions of a small message: the figure is no number; run .*",
        r"tests/bench/README.md:18: 106 MB over TLS, beside msmtp: 9.4, the limit is at least 10; .*",
        r"tests/bench/README.md:21: no benchmark is called KiB for 2 GB above those for 1 MB; run .*",
        r"tests/bench/README.md: has no figure for KiB of memory for 1 GB; run tests/bench/run --readme",
        r"tests/bench/README.md: has no figure for KiB for an attachment of 1 GB; run .*",
        r"tests/bench/README.md: has no figure for KiB for 1 GB above those for 1 MB; run .*",
        r"README.md: the table of costs is not that of tests/bench/README.md; run .*"]),
    ("bench", no_table, [
        r"tests/bench/README.md: has no table between <!-- bench --> and <!-- /bench -->; run .*"]),
    ("bench", no_costs, [r"README.md: the table of costs is not that of tests/bench/README.md; .*"]),
]


def name_case(case):
    """An id for pytest: rooms-upward, budgets-long_files."""
    lint, overlay, _ = case
    return f"{lint}-{overlay.__name__}" if callable(overlay) else overlay


# --- tests -------------------------------------------------------------------------------------

@pytest.mark.parametrize("lint", LINTS)
def test_tree(lint):
    """The repository passes; cppcheck takes as long as all others."""
    lines = run(lint, *(["clang-format", "mandoc", "shellcheck"] if lint == "external" else []))
    assert not lines, "\n" + "\n".join(lines)


@pytest.mark.ci
def test_tree_by_cppcheck():
    """The repository passes."""
    lines = run("external", "cppcheck")
    assert not lines, "\n" + "\n".join(lines)


@pytest.mark.ci
@pytest.mark.parametrize("lint", LINTS)
def test_good(lint, tmp_path):
    """A lint is content with a tree that follows the rules."""
    assert judge(lint, plant(tmp_path)) == []


@pytest.mark.ci
@pytest.mark.parametrize("case", CASES, ids=name_case)
def test_breaks(case, tmp_path):
    """A broken rule brings these findings and no others."""
    lint, overlay, expected = case
    lines = judge(lint, plant(tmp_path, overlay))
    assert len(lines) == len(expected), "\n" + "\n".join(lines)
    for line, pattern in zip(lines, expected):
        assert re.fullmatch(pattern, line), f"{line}\ndoes not match\n{pattern}"


def test_all_lints_are_shown_to_fail():
    """No lint and no fixture is left out above."""
    scripts = {path.name for path in HERE.iterdir() if path.is_file() and path.suffix == ""}
    assert scripts == set(LINTS) == {lint for lint, _, _ in CASES}
    overlays = {path.name for path in FIXTURES.iterdir()} - {"good"}
    assert overlays == {overlay for _, overlay, _ in CASES if isinstance(overlay, str)}


@pytest.mark.ci
@pytest.mark.parametrize("lint", TOOLS)
def test_missing_tool_fails(lint, tmp_path):
    """A lint whose tool is not installed fails and says so."""
    tree = plant(tmp_path)
    archives = [archive(tree, "mail"), archive(tree, "base")] if lint == "purity" else []
    lines = run(lint, "--root", tree, *archives, env={"PATH": str(tmp_path)})
    assert lines == [f"{TOOLS[lint]}: is not installed; install it, this lint is never skipped"]


@pytest.mark.ci
@pytest.mark.parametrize("lint", LINTS)
def test_empty_tree_fails(lint, tmp_path):
    """Nothing to check is a finding, not a success."""
    assert run(lint, "--root", tmp_path)


BASH = r"""
source "$1"
compopt() { :; }
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_postrider
printf '%s\n' "${COMPREPLY[@]}"
"""


@pytest.mark.parametrize("words_typed, offered", [
    (["--a"], ["--account="]),
    (["-a", "w"], ["work", "wiki"]),
    (["--account", "=", "h"], ["home"]),
    (["--account=h"], ["--account=home"]),
    (["--tls", "=", ""], ["on", "off"]),
    (["--file", "no-such"], [""]),
    (["somebody@"], [""]),
])
def test_bash_completion(words_typed, offered, tmp_path):
    """The completion for bash offers options, choices and what the program lists."""
    program = tmp_path / "postrider"
    program.write_text("#!/bin/sh\n[ $1 = --list=accounts ] && printf 'work\\nwiki\\nhome\\n'\n")
    program.chmod(0o700)
    done = subprocess.run(
        ["bash", "-c", BASH, "bash", FIXTURES / "good/completions/postrider.bash", "postrider",
         *words_typed], env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)},
        check=True, capture_output=True, text=True)
    assert sorted(done.stdout.splitlines()) == sorted(offered)
