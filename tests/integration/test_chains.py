# SPDX-License-Identifier: MIT
"""Generated chains: our verdict, and that of GnuTLS with all authorities loaded.

GnuTLS does not look at the constraints of a trusted authority, nor at those of services, and of several
authorities of one name it takes one: that part of what is right is written down here a second time.
"""

import ipaddress
import pathlib
import random
import subprocess

import pytest
from cryptography import x509

from pki import Pki, general, new_key, srv_name

HOST, SERVICE = "mail.x.example", "_submissions.x.example"
CHAINS = 200
SERVICES = ["_submissions.x.example", "_imaps.x.example", "_submissions.y.example"]
NAMES = ["mail.x.example", "*.x.example", "y.example", "127.0.0.1", "::1"]
TREES = ["x.example", "mail.x.example", "example", "y.example", "ple", ".x.example", "192.0.2.0/24",
         "127.0.0.0/8", "::/0"]
SERVICE_TREES = ["x.example", "y.example", "_submissions", "_imaps", "_submissions.x.example", "example"]


def below(name, limit):
    """Whether a domain is in a tree of names; `.x` is what is below x."""
    if limit.startswith("."):
        return name.endswith(limit)
    return not limit or name == limit or name.endswith("." + limit)


def inside(name, tree):
    """Whether a name is within a tree; None: that is of another form."""
    (kind, value), (tree_kind, limit) = name, tree
    if kind != tree_kind:
        return None
    if kind == "service":
        service, _, domain = value.partition(".")
        wanted, _, rest = limit.partition(".") if limit.startswith("_") else ("", "", limit)
        return wanted in ("", service) and below(domain, rest)
    if kind == "dns":
        return below(value, limit)
    network = ipaddress.ip_network(limit)
    return ipaddress.ip_address(value) in network


def allows(limits, names):
    """Whether nameConstraints, as {permitted or excluded: trees}, allow all names."""
    for name in names:
        permitted = [inside(name, tree) for tree in limits["permitted"] if tree[0] == name[0]]
        if permitted and not any(permitted):
            return False
        if any(inside(name, tree) for tree in limits["excluded"]):
            return False
    return True


def form(text, service=False):
    """A name or a tree with its form."""
    if service:
        return "service", text
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return "dns", text
    return "address", text


def written(named, tree=False):
    """It as a GeneralName."""
    kind, text = named
    if kind == "service":
        return srv_name(text)
    if tree and kind != "dns":
        return x509.IPAddress(ipaddress.ip_network(text))
    return general(text)


class Maker:
    """Draws chains: `rows` for verdicts, and what is right beside GnuTLS's opinion."""

    def __init__(self, folder, seed):
        self.random = random.Random(seed)
        self.pki = Pki(folder)
        self.key = new_key()
        self.rows = []

    def limits(self):
        """nameConstraints, or none: what they say, and they."""
        said = {"permitted": [], "excluded": []}
        if self.random.random() < 0.6:
            return said, None
        for part in self.random.choice([["permitted"], ["excluded"], ["permitted", "excluded"]]):
            said[part] = [form(one) for one in self.random.sample(TREES, self.random.randint(0, 2))]
            said[part] += [form(one, True) for one in self.random.sample(SERVICE_TREES,
                                                                        self.random.randint(0, 2))]
        trees = {part: [written(one, True) for one in some] or None for part, some in said.items()}
        if not any(trees.values()):
            return said, None
        return said, x509.NameConstraints(trees["permitted"], trees["excluded"])

    def draw(self, number):
        """One chain."""
        flip = self.random.random
        identified = flip() < 0.5
        said, limits = self.limits()
        anchor = self.pki.authority("anchor", limits=limits, identified=identified)
        all_said, by, chain = [said], anchor, []
        for level in range(self.random.randint(0, 2)):
            said, limits = self.limits()
            by = self.pki.authority(f"level {level}", by, limits=limits, identified=identified,
                                    days=(-60, -1) if flip() < 0.05 else (-60, 4000))
            all_said.append(said)
            chain.insert(0, by)
        names = [form(one) for one in self.random.sample(NAMES, self.random.randint(0, 2))]
        names += [form(one, True) for one in self.random.sample(SERVICES, self.random.randint(0, 1))]
        names = names or [form(HOST)]
        leaf = self.pki.leaf(by, list(map(written, names)), key=self.key, identified=identified)
        twins = [self.pki.authority("anchor", identified=identified)
                 for _ in range(self.random.choice([0, 0, 1, 2]))]
        trusted = [*twins, *([anchor] if flip() < 0.9 else []), self.pki.authority("other")]
        self.random.shuffle(trusted)
        shown = [anchor] if flip() < 0.3 else []
        self.pki.store(f"c{number}", leaf, *chain, *shown)
        service = SERVICE if flip() < 0.5 else "-"
        named = form(HOST) in names or form("*.x.example") in names or (
            service == SERVICE and form(SERVICE, True) in names)
        self.rows.append({
            "line": f"{HOST} {service} {self.pki.paths[f'c{number}']} {self.pki.paths['c0.key']} "
                    f"{self.pki.write(f't{number}.pem', *trusted)}",
            # The host counts as a name: a "*" may stand for it.
            "right": named and all(allows(one, [*names, form(HOST)]) for one in all_said),
            "text": f"{names} under {all_said}, for {service}"})


@pytest.mark.parametrize("seed", [1])
def test_generated_chains(postrider, tmp_path, sanitized, seed):
    judge = pathlib.Path(postrider).parents[1] / "tests" / "verdicts"
    if not judge.exists():
        pytest.skip("this build has no verdicts")
    maker = Maker(tmp_path, seed)
    for number in range(CHAINS // 10 if sanitized else CHAINS):
        maker.draw(number)
    done = subprocess.run([judge], capture_output=True, text=True, check=True, timeout=120,
                          input="".join(row["line"] + "\n" for row in maker.rows))
    verdicts = done.stdout.splitlines()
    assert len(verdicts) == len(maker.rows)
    wrong, accepted = [], 0
    for row, verdict in zip(maker.rows, verdicts):
        ours, with_all, alone = (part == "1" for part in verdict.split()[:3])
        accepted += ours
        if ours != (row["right"] and alone) or (with_all and row["right"] and not ours):
            wrong.append(f"{verdict}: {row['text']}: right is {row['right']}")
    assert not wrong, "\n".join(wrong)
    assert len(verdicts) * 0.05 < accepted < len(verdicts) * 0.95
