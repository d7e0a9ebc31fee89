# SPDX-License-Identifier: MIT
"""What the lints share: the list of files, a C tokenizer, the tables, the command line.

A lint is a script with a function check(args) that yields Finding values and ends with
`sys.exit(lintlib.main(check, __doc__))`.  It prints one line per finding, `file:line: what is
wrong; what to do`, and exits 1 if there is any.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
from typing import NamedTuple

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = "tests/lint/fixtures/"


class Finding(NamedTuple):
    """One broken rule: where (line 0: the whole file), and what to do about it."""

    path: str
    line: int
    text: str

    def __str__(self):
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.text}"


class Broken(Exception):
    """The lint cannot work: a tool or a file is missing.  This is a finding, never a skip."""

    def __init__(self, path, text):
        super().__init__(f"{path}: {text}")
        self.finding = Finding(str(path), 0, text)


def main(check, description, *, builddir=False, tables=False, arguments=()):
    """Run a lint: parse the command line, print what check() finds, return the exit status."""
    args = _parse(description, builddir or tables, tables, arguments)
    count = 0
    try:
        for finding in check(args):
            print(finding)
            count += 1
    except Broken as broken:
        print(broken.finding)
        count += 1
    return 1 if count else 0


def _parse(description, builddir, tables, arguments):
    """The command line all lints have, and what this one adds."""
    parser = argparse.ArgumentParser(description=description.strip().splitlines()[0])
    parser.add_argument("--root", type=pathlib.Path, default=REPOSITORY,
                        help="the tree to check (default: the repository)")
    if builddir:
        parser.add_argument("--builddir", type=pathlib.Path,
                            help="default: $POSTRIDER_BUILDDIR, or build/ below the root")
    if tables:
        parser.add_argument("--tables", type=pathlib.Path,
                            help="rows to use instead of what src/tables of the build prints")
    for names, options in arguments:
        parser.add_argument(*names, **options)
    args = parser.parse_args()
    args.root = args.root.resolve()
    if builddir and args.builddir is None:
        args.builddir = pathlib.Path(os.environ.get("POSTRIDER_BUILDDIR") or args.root / "build")
    return args


# --- files -------------------------------------------------------------------------------------

def tree(root, *, fixtures=False):
    """Every file git tracks or would add, relative to the root, sorted; fixtures only if asked."""
    names = _git_files(root)
    if names is None:
        names = _walk(root)
    return sorted(n for n in names if (fixtures or not n.startswith(FIXTURES))
                  and os.path.lexists(root / n))


def _git_files(root):
    """What git lists, or None where there is no git or no work tree."""
    command = ["git", "-C", str(root), "ls-files", "-z", "-co", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return {os.fsdecode(n) for n in done.stdout.split(b"\0") if n}


def _walk(root):
    """The same by walking, for a release archive or a fixture."""
    names = set()
    for directory, below, files in os.walk(root):
        below[:] = [d for d in below if d not in (".git", "__pycache__", ".pytest_cache")]
        if pathlib.Path(directory) == root:
            below[:] = [d for d in below if not d.startswith("build")]
        links = [d for d in below if os.path.islink(os.path.join(directory, d))]
        names.update(os.path.relpath(os.path.join(directory, f), root) for f in files + links)
    return names


def sources(root, *prefixes, suffixes=(".c", ".h")):
    """The files below the prefixes ("src/") with these endings."""
    return [n for n in tree(root) if n.startswith(prefixes) and n.endswith(suffixes)]


def src(root, suffixes=(".c", ".h")):
    """The sources below src/; that there are none is an error, or a lint would pass on nothing."""
    names = sources(root, "src/", suffixes=suffixes)
    if not names:
        raise Broken("src", "holds no source file; run this in the repository or give --root")
    return names


def read(root, name):
    """The text of a file; a missing one breaks the lint with a plain message."""
    try:
        return (root / name).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise Broken(name, f"cannot be read ({error.strerror}); add it or correct its name") \
            from None


# --- tools -------------------------------------------------------------------------------------

def tool(name, *arguments, cwd=None):
    """Run a tool and return the finished process; a missing tool breaks the lint."""
    path = shutil.which(name)
    if path is None:
        raise Broken(name, "is not installed; install it, this lint is never skipped")
    return subprocess.run([path, *map(str, arguments)], cwd=cwd, capture_output=True, text=True,
                          errors="replace", stdin=subprocess.DEVNULL)


def complaints(done, advice, pattern):
    """Findings from a tool's output: the lines that match pattern (groups path, line, text).

    If the tool failed and no line matches, its last words are the finding.
    """
    output = done.stdout + done.stderr
    found = False
    for match in re.finditer(pattern, output, re.M):
        found = True
        path = match["path"].removeprefix("./")
        yield Finding(path, int(match["line"]), f"{match['text']}; {advice}")
    if done.returncode != 0 and not found:
        words = output.strip().splitlines() or ["it said nothing"]
        name = os.path.basename(done.args[0])
        yield Finding(name, 0, f"failed with status {done.returncode}: {words[-1]}; {advice}")


# --- C -----------------------------------------------------------------------------------------

class Token(NamedTuple):
    """A piece of C source: kind is comment, string, char, word, number, newline, space, punct."""

    kind: str
    text: str
    line: int


_TOKEN = re.compile(r"""
    (?P<comment> //(?:\\\n|[^\n])* | /\*.*?(?:\*/|\Z) )
  | (?P<string>  (?:u8|[uUL])?"(?:\\.|[^"\\\n])*"? )
  | (?P<char>    [uUL]?'(?:\\.|[^'\\\n])*'? )
  | (?P<word>    [A-Za-z_]\w* )
  | (?P<number>  \.?\d(?:[eEpP][+-]|[\w.])* )
  | (?P<newline> \n )
  | (?P<space>   (?:\\\n|[ \t\r\f\v])+ )
  | (?P<punct>   -> | \.\.\. | . )
""", re.S | re.X)


def scan(text):
    """Every token of the text, white space and comments included."""
    line = 1
    for match in _TOKEN.finditer(text):
        yield Token(match.lastgroup, match.group(), line)
        line += match.group().count("\n")


def blank(text, *kinds):
    """The text with tokens of these kinds replaced by spaces; lines and columns stay."""
    return "".join(re.sub(r"[^\n]", " ", t.text) if t.kind in kinds else t.text
                   for t in scan(text))


def code(text):
    """The text without comments and without what strings and characters hold."""
    return blank(text, "comment", "string", "char")


def includes(text):
    """Each #include as (line, delimiter, name); the delimiter is '"' or '<'."""
    pattern = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]*)[">]', re.M)
    clean = blank(text, "comment")
    for match in pattern.finditer(clean):
        yield clean.count("\n", 0, match.start()) + 1, match[1], match[2]


def calls(clean):
    """Each call or definition `name(` in text that code() cleaned, as (line, name).

    Members (`x.name(`, `x->name(`) are somebody's own function and not reported.
    """
    for match in re.finditer(r"(?<![\w.])(?<!->)([A-Za-z_]\w*)[ \t]*\(", clean):
        yield clean.count("\n", 0, match.start()) + 1, match[1]


def defines(text):
    """Each #define as (line, text of the logical line), comments and strings blanked."""
    clean = code(text)
    for match in re.finditer(r"^[ \t]*#[ \t]*define\b(?:\\\n|[^\n])*", clean, re.M):
        yield clean.count("\n", 0, match.start()) + 1, match.group()


def statements(text):
    """The tokens a C compiler would see, without preprocessor lines, comments, white space."""
    directive, fresh = False, True
    for token in scan(text):
        if token.kind == "newline":
            directive, fresh = False, True
        elif token.kind in ("space", "comment"):
            continue
        elif directive:
            continue
        elif fresh and token.text == "#":
            directive = True
        else:
            fresh = False
            yield token


# --- tables ------------------------------------------------------------------------------------

class Option(NamedTuple):
    """One option of the command line; short and long come without their dashes."""

    short: str
    long: str
    arg: str
    help: str
    flags: str = ""


class Setting(NamedTuple):
    """One key of the configuration file; flags is a set of words."""

    name: str
    type: str
    default: str
    msmtp_default: str
    flags: str
    arg: str
    help: str


class Renamed(NamedTuple):
    """An old name of a setting."""

    old: str
    name: str


class Status(NamedTuple):
    """One exit status."""

    number: str
    name: str
    phrase: str


_ROWS = {"option": Option, "setting": Setting, "renamed": Renamed, "status": Status}


def load_tables(args):
    """The rows the program declares: {"option": [...], "setting": [...], "status": [...]}."""
    where, text = _table_text(args)
    rows = {kind: [] for kind in _ROWS}
    for number, line in enumerate(text.splitlines(), 1):
        kind, *fields = line.split("\t")
        row = _ROWS.get(kind)
        if row is None or len(fields) > len(row._fields):
            raise Broken(f"{where}:{number}", "is no row of a table; "
                         "see the class of that name in tests/lint/lintlib.py for its fields")
        fields += [""] * (len(row._fields) - len(fields))
        rows[kind].append(row(*(f.strip() for f in fields)))
    for kind, found in rows.items():
        if not found and kind != "renamed":
            raise Broken(where, f"holds no {kind} row; every kind must be printed")
    rows["option"] = [o._replace(short=o.short.lstrip("-"), long=o.long.lstrip("-"))
                      for o in rows["option"]]
    return rows


def _table_text(args):
    """The rows as text, from --tables or from the program of the build, and where from."""
    if args.tables:
        try:
            return args.tables.name, args.tables.read_text(encoding="utf-8")
        except OSError as error:
            raise Broken(args.tables, f"cannot be read ({error.strerror})") from None
    program = args.builddir / "src" / "tables"
    if not program.exists():
        raise Broken(program, "is not built; run meson compile, or give --builddir or --tables")
    done = tool(str(program))
    if done.returncode != 0:
        raise Broken(program, f"failed with status {done.returncode}; it must print the tables")
    return "src/tables", done.stdout
