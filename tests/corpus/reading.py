# SPDX-License-Identifier: MIT
"""How the judge reads a message: line ends, header fields and address lists.

Written from the specification, not from the program's sources, and on purpose in another way: by
regular expressions over the whole text, where the program takes octet after octet. Python's email
package is not used for the header, since it drops, joins or repairs what the judge must see.
"""

import binascii
import dataclasses
import re

CR_OCTETS = 1 << 16  # without an LF in them, CR is the line end
_ONCE = {b"from", b"sender", b"date", b"message-id"}  # in a block of resending
PEOPLE = (b"to", b"cc", b"bcc")
ADDRESS_FIELDS = (b"from", b"sender", b"reply-to", *PEOPLE, b"mail-followup-to", b"mail-reply-to",
                  b"errors-to", b"disposition-notification-to", b"return-receipt-to")

_MBOX = re.compile(rb"(?:>*From [^\n]*|[ \t]+\r*)(?:\n|\Z)")
_MBOX_DATED = re.compile(rb"From[ \t]+[^ \t]+(?:[ \t]+[A-Za-z]{3}){2}[ \t]+\d\S?[ \t]+\d\S*:\S\S(?:[ \t].*)?")
_FIELD = re.compile(rb"([!-9;-~]{1,999})[ \t]*:(.*)", re.DOTALL)
_WORD = re.compile(rb"=\?([^?\s]+)\?([bBqQ])\?([^?\s]*)\?=")


class Malformed(Exception):
    """A list of addresses that readers take in different ways."""


@dataclasses.dataclass
class Field:
    """One header field; `value` is what follows the colon, folds included."""
    name: bytes
    value: bytes

    @property
    def key(self):
        """The name as it is compared, without Resent-."""
        return self.name.lower().removeprefix(b"resent-")

    @property
    def resent(self):
        """Whether it belongs to a block of resending."""
        return self.name.lower().startswith(b"resent-")


@dataclasses.dataclass
class Reading:
    """A message in canonical form. `stray`: the header ended at a line that is no field."""
    fields: list
    body: bytes
    stray: bool

    def values(self, name):
        """The values of all fields of that name, in lower case."""
        return [field.value for field in self.fields if field.name.lower() == name]

    def whole(self):
        """The message as a text of its own."""
        lines = [field.name + b":" + field.value + b"\r\n" for field in self.fields]
        return b"".join(lines) + b"\r\n" + self.body


def canonical(body):
    """A body as it must arrive: CRLF at each end of a line, no other CR or LF, no NUL."""
    text = re.sub(rb"\r*\n|\r", b"\r\n", body.replace(b"\0", b"?"))
    return text if not text or text.endswith(b"\r\n") else text + b"\r\n"


def read_message(raw):
    """Take a message apart, in whatever way its lines end."""
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    if b"\n" not in raw[:CR_OCTETS]:
        raw = raw.replace(b"\r", b"\n")
    while mark := _MBOX.match(raw):
        raw = raw[mark.end():]
        if not mark[0]:
            break
    return _read_header(raw)


def _read_header(raw):
    fields, at = [], 0
    while at < len(raw):
        end = raw.find(b"\n", at)
        end = len(raw) if end < 0 else end
        line = raw[at:end].rstrip(b"\r").replace(b"\r", b" ")
        if not line:
            return Reading(fields, canonical(raw[end + 1:]), False)
        if line[:1] in b" \t" and fields:
            fields[-1].value += b"\r\n" + line.replace(b"\0", b"?")
        elif found := _FIELD.fullmatch(_without_nul(line)):
            fields.append(Field(found[1], found[2]))
        elif not (fields and len(line) <= 500 and _MBOX_DATED.fullmatch(line)):
            return Reading(fields, canonical(raw[at:]), True)
        at = end + 1
    return Reading(fields, b"", False)


def _without_nul(line):
    """NUL is nothing in the name of a field, and a question mark elsewhere."""
    name, colon, value = line.partition(b":")
    return name.replace(b"\0", b"") + colon + value.replace(b"\0", b"?")


def decode_words(value):
    """The octets that encoded-words stand for (RFC 2047), whatever their charset."""
    value = re.sub(rb"(\?=)[ \t\r\n]+(?==\?[^?\s]+\?[bBqQ]\?)", rb"\1", value)
    return _WORD.sub(_word_octets, value)


def find_words(value):
    """The encoded-words of a field: charset, encoding, text."""
    return _WORD.findall(value)


def _word_octets(match):
    if match[2] in b"qQ":
        text = match[3].replace(b"_", b" ")
        return re.sub(rb"=([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), text)
    try:
        return binascii.a2b_base64(match[3] + b"=" * (-len(match[3]) % 4))
    except ValueError:
        return match[0]


# --- addresses ---

@dataclasses.dataclass(frozen=True)
class Mailbox:
    """One mailbox of a list; `domain` is None for a bare name, `whole` what was written."""
    local: bytes
    domain: bytes
    phrase: bytes
    whole: bytes

    @property
    def address(self):
        """As it is compared: the local part unquoted, the domain in lower case and A-labels."""
        return (self.local, self.domain)


_TOKEN = re.compile(rb"""
    (?P<white>[ \t\r\n]+) |
    (?P<word>=\?[^?\s]+\?[bBqQ]\?[^?]*?\?=) |
    (?P<string>"(?:\\.|[^"\\])*") |
    (?P<literal>\[[^\[\]]*\]) |
    (?P<special>[<>,:;@.()\\\[\]"]) |
    (?P<atom>[^ \t\r\n<>,:;@.()\\\[\]"]+)
    """, re.VERBOSE | re.DOTALL)


def _comment_end(text, at):
    """Behind the comment that begins there."""
    depth = 0
    for match in re.compile(rb"\\.|[()]", re.DOTALL).finditer(text, at):
        depth += {b"(": 1, b")": -1}.get(match[0], 0)
        if depth == 0 and match[0] == b")":
            return match.end()
    raise Malformed("a comment without an end")


def _tokens(text):
    """(kind, octets, where) of what counts; white space and comments do not."""
    found, at = [], 0
    while at < len(text):
        if text[at:at + 1] == b"(":
            at = _comment_end(text, at)
            continue
        match = _TOKEN.match(text, at)
        kind = match.lastgroup
        if kind == "special" and match[0] in (b"\\", b")", b"[", b"]", b'"'):
            raise Malformed("a stray %r" % match[0].decode())
        if kind != "white":
            name = match[0].decode() if kind == "special" else kind
            found.append((name, match[0], at))
        at = match.end()
    return found


def mailboxes(text):
    """The mailboxes of a list, groups opened. Malformed where readers would differ."""
    found, element, in_group, angle = [], [], False, False
    for token in [*_tokens(text), (",", b"", len(text))]:
        kind = token[0]
        angle = (angle or kind == "<") and kind != ">"
        if kind == ":" and not angle:
            if in_group or any(t[0] == "@" for t in element) or not element:
                raise Malformed("a colon where no group can begin")
            in_group, element = True, []
        elif kind in (",", ";") and not angle:
            if kind == ";" and not in_group:
                raise Malformed("a semicolon without a group")
            in_group = in_group and kind != ";"
            found += _mailbox(element, text[:token[2]])
            element = []
        else:
            element.append(token)
    if angle or element:
        raise Malformed("a bracket without an end")
    return found


def _mailbox(element, text):
    """No or one mailbox: `phrase <address>`, an address, a name."""
    if not element:
        return []
    kinds = [token[0] for token in element]
    whole = text[element[0][2]:].strip()
    if "<" not in kinds:
        return [Mailbox(*_address(element), b"", whole)]
    first = kinds.index("<")
    if kinds[-1] != ">" or kinds.count("<") > 1:
        raise Malformed("something beside the brackets")
    inside = element[first + 1:-1]
    if not inside or ":" in kinds[first:] and kinds[-2] == ";":
        return []  # <> and <word:;> are nobody
    if ":" in kinds[first:]:  # a source route
        inside = element[kinds.index(":", first) + 1:-1]
    phrase = text[element[0][2]:element[first][2]].strip()
    return [Mailbox(*_address(inside), phrase, whole)]


def _address(tokens):
    """Local part and domain."""
    kinds = [token[0] for token in tokens]
    at = kinds.index("@") if "@" in kinds else len(kinds)
    local, domain = tokens[:at], tokens[at + 1:]
    if not local or kinds.count("@") > 1 or (at < len(kinds) and not domain):
        raise Malformed("half an address")
    if {"<", ">"} & set(kinds) or "string" in kinds[at:]:
        raise Malformed("something that no address has")
    words = b" ".join(b"." if token[0] == "." else b"w" for token in local)
    name = b"".join(_unquoted(token) for token in local)
    if b"w w" in words or not (name.isascii() or is_utf8(name)):
        raise Malformed("words without a dot between them, or in no charset")
    return name, _domain(b"".join(token[1] for token in domain)) if domain else None


def is_utf8(octets):
    try:
        octets.decode()
    except UnicodeError:
        return False
    return True


def _unquoted(token):
    if token[0] != "string":
        return token[1]
    return re.sub(rb"\\(.)", rb"\1", token[1][1:-1].replace(b"\r\n", b""), flags=re.DOTALL)


def _domain(text):
    if re.search(rb"^\.|\.\.|\.$", text):
        raise Malformed("a domain with an empty label")
    if text.isascii():
        return text.lower()
    try:
        return text.decode().encode("idna").lower()
    except UnicodeError as error:
        raise Malformed("a domain that is no name") from error


def wire_address(text):
    """An address as a command has it, for a comparison. It may be one that Malformed is raised for."""
    local, at, domain = text.encode("utf-8", "surrogateescape").rpartition(b"@")
    if local[:1] == b'"' and local[-1:] == b'"':
        local = re.sub(rb"\\(.)", rb"\1", local[1:-1], flags=re.DOTALL)
    return (local, _domain(domain)) if at else (domain, None)


# --- recipients ---

def resent_blocks(fields):
    """The fields of each block of resending, in order (RFC 5322 section 3.6.6)."""
    blocks, open_block = [], False
    for field in fields:
        if not field.resent:
            open_block = False
            continue
        if not open_block or field.key in _ONCE & {f.key for f in blocks[-1]}:
            blocks.append([])
        blocks[-1].append(field)
        open_block = True
    return blocks


def recipient_fields(reading):
    """The fields that -t goes by."""
    def people(fields):
        return [field for field in fields if field.key in PEOPLE]
    blocks = resent_blocks(reading.fields)
    if not blocks:
        return people(reading.fields)
    for block in blocks:
        if names_somebody(people(block)):
            return people(block)
    return []


def names_somebody(fields):
    """Whether there is a recipient, or something that may be one."""
    try:
        return any(mailboxes(field.value) for field in fields)
    except Malformed:
        return True
