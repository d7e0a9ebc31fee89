# SPDX-License-Identifier: MIT
"""The completions in bash, zsh and fish: what stands on the screen when Tab was pressed."""

import pathlib

import pytest

from tmux import PROMPT, Tmux

COMPLETIONS = pathlib.Path(__file__).resolve().parents[2] / "completions"


def bash(home):
    """The command that starts it."""
    (home / "rc").write_text(f"""\
PS1='{PROMPT}'
set +o history
bind 'set bell-style none' 'set show-all-if-ambiguous on'
. /usr/share/bash-completion/bash_completion
. {COMPLETIONS}/postrider.bash
""")
    return ["bash", "--noprofile", "--rcfile", str(home / "rc"), "-i"]


def bare_bash(home):
    """The same without the functions that distributions bring."""
    (home / "rc").write_text(f"""\
PS1='{PROMPT}'
set +o history
bind 'set bell-style none' 'set show-all-if-ambiguous on'
. {COMPLETIONS}/postrider.bash
""")
    return ["bash", "--noprofile", "--rcfile", str(home / "rc"), "-i"]


def zsh(home):
    """The command that starts it."""
    (home / ".zshrc").write_text(f"""\
PROMPT='{PROMPT}'
unsetopt PROMPT_SP LIST_AMBIGUOUS
fpath=({COMPLETIONS} $fpath)
autoload -U compinit
compinit -u -D
""")
    return ["zsh", "-i"]


def fish(home):
    """The command that starts it."""
    (home / "start.fish").write_text(f"""\
source {COMPLETIONS}/postrider.fish
function fish_prompt
	echo -n '{PROMPT}'
end
""")
    return ["fish", "--no-config", "-C", f"source {home}/start.fish"]


SHELLS = {"bash": bash, "bare-bash": bare_bash, "zsh": zsh, "fish": fish}


@pytest.fixture(params=SHELLS)
def shell(request, home):
    """Each shell at its first prompt."""
    environment = {"HOME": str(home), "PATH": f"{home}/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8",
                   "ZDOTDIR": str(home)}
    with Tmux(SHELLS[request.param](home), environment, home) as screen:
        screen.name = request.param
        screen.wait_for(PROMPT.strip())
        yield screen


def after_tab(shell, line, done):
    """The screen when that was typed and Tab has done what is expected."""
    shell.type(line)
    shell.wait_for(line.rstrip())
    shell.keys("Tab")
    return shell.wait_for(done)


ONE = [
    ("postrider --acc", "postrider --account"),
    ("postrider --dry", "postrider --dry-run"),
    ("postrider -a w", "postrider -a work"),
    ("postrider -a hom", r"postrider -a home\ sweet"),
    ("postrider --account=w", "postrider --account=work"),
    ("postrider -f joe@h", "postrider -f joe@home.example"),
    ("postrider --from=joe@w", "postrider --from=joe@work.example"),
    ("postrider --attach a", r"postrider --attach a\ file.txt"),
    ("postrider --attach=fol", "postrider --attach=folder/"),
    ("postrider --message fol", "postrider --message folder/"),
    ("postrider -C other.conf -a ", "postrider -C other.conf -a third"),
    ("postrider --file=other.conf -f ", "postrider --file=other.conf -f t@third.example"),
    ("postrider -C ~/other.conf -a ", "postrider -C ~/other.conf -a third"),
    (r"postrider -C my\ conf -a q", r"postrider -C my\ conf -a quoted"),
    ("postrider --pipelining=b", "postrider --pipelining=basic"),
    ("~/bin/postrider -a w", "~/bin/postrider -a work"),
]


@pytest.mark.parametrize("line, completed", ONE)
def test_one(shell, home, line, completed):
    """What is the only one is written out."""
    after_tab(shell, line, PROMPT + completed)
    assert not (home / "evaluated").exists()


SEVERAL = [
    ("postrider -a ", ["work", "home"]),
    ("postrider --from ", ["joe@work.example", "joe@home.example"]),
    ("postrider --progress=o", ["on", "off"]),
    ("postrider --tls-c", ["--tls-certcheck", "--tls-crl-file"]),
    ("postrider --attach folder/../", ["other.conf", "folder"]),
]


@pytest.mark.parametrize("line, words", SEVERAL, ids=range(len(SEVERAL)))
def test_several(shell, line, words):
    """What may be meant is listed, and nothing else of its kind."""
    shown = after_tab(shell, line, lambda screen: all(
        word in screen.split("\n", 1)[-1] for word in words) and screen.count("\n"))
    assert "wild.example" not in shown and "third" not in shown


def test_again(shell):
    """--attach may be given again; zsh leaves out what may not."""
    after_tab(shell, "postrider --attach x --att", "--attach x --attach")


def test_no_configuration(shell, home):
    """Without one there is nothing to name, and no error on the screen."""
    (home / ".config/postrider/config").unlink()
    shell.type("postrider -a ")
    shell.wait_for("-a")
    shell.keys("Tab", "Tab")
    shell.type("END")
    screen = shell.wait_for("END")
    assert screen.split() == ["ready>", "postrider", "-a", "END"]
