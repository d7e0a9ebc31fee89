# SPDX-License-Identifier: MIT
"""The sample configurations of dist/examples: each is copied, and the program has no complaint."""

import pathlib
import re

import pytest

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "dist" / "examples"
SAMPLES = sorted(path.stem for path in FOLDER.glob("*.conf"))
WITHOUT_TLS = {"lmtp", "local"}


@pytest.fixture
def sample(program):
    """sample(NAME): the settings in use, as a mapping, after -C COPY -a ACCOUNT -P."""
    def read(name):
        text = (FOLDER / f"{name}.conf").read_text(encoding="utf-8")
        program.write_config(text)
        account = re.search(r"^account (\S+)$", text, re.M).group(1)
        done = program("-a", account, "-P")
        assert (done.returncode, done.err) == (0, "")
        assert program("-P").out == done.out  # the only account of the file
        return dict(line.split(" ", 1) for line in done.out.splitlines()
                    if not line.startswith("#"))
    return read


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_is_taken(sample, name):
    settings = sample(name)
    assert settings["account"] == re.sub(r"-\d+$", "", name)
    assert settings["tls"] == ("off" if name in WITHOUT_TLS else "on")
    assert settings["from"]
    if settings.get("auth", "off") != "off":
        assert {"password_file", "passwordeval"} & set(settings)
    if settings["tls"] == "on" and settings["host"] != "127.0.0.1":
        assert settings["port"] in {"on": ("25", "587"), "off": ("465",)}[settings["tls_starttls"]]


@pytest.mark.parametrize("name", SAMPLES)
def test_e16_sample_has_no_mistake(program, name):
    """-bC looks at every account of the file and at what the settings lead to."""
    program.write_config((FOLDER / f"{name}.conf").read_text(encoding="utf-8"))
    done = program("-bC")
    assert done.returncode == 0, done.out + done.err


def test_samples_can_be_joined(program):
    """All in one file: the sender chooses."""
    program.write_config("\n".join((FOLDER / f"{name}.conf").read_text(encoding="utf-8")
                                   for name in SAMPLES if not name.startswith("company-587")))
    assert "account gmx\n" in program("-f", "you@gmx.net", "-P").out
    assert "account icloud\n" in program("-f", "you@icloud.com", "-P").out


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_tells_what_to_do(name):
    """A title and two lines, then the account."""
    lines = (FOLDER / f"{name}.conf").read_text(encoding="utf-8").splitlines()
    assert [line.startswith("# ") for line in lines[:4]] == [True, True, True, False]
    assert (lines[3], lines[4].split()[0]) == ("", "account")
