# SPDX-License-Identifier: MIT
"""Compares a message as it was given with what the server stored, and says what is wrong.

Each check yields sentences; nothing means that nothing is wrong. Where readers of a malformed
message would differ, its parts are not compared, but recipients, Bcc and octets still are.
"""

import dataclasses
import email
import hashlib
import quopri
import re
import urllib.parse

import reading
from reading import Malformed, mailboxes

OWNER = b"joe@sender.example"
LONG = 990  # octets of the longest line that nothing is done about

_GONE = (b"bcc", b"resent-bcc")
_OF_DELIVERY = (b"return-path", b"content-length")
_ADDED = (b"from", b"sender", b"date", b"message-id")
_MIME = (b"mime-version", b"content-type", b"content-transfer-encoding")
_IDS = (b"message-id", b"references", b"in-reply-to", b"resent-message-id")
_BCC = re.compile(rb"^(?:resent-)?bcc[ \t]*:", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(rb"[\w.!#$%&'*+/=?^`{|}~\x80-\xff-]+@[\w-]+(?:\.[\w-]+)+")
_QUOTED = re.compile(rb'"(?:\\.|[^"\\])*"|\([^()]*\)', re.DOTALL)


@dataclasses.dataclass
class Stored:
    """What came of a message. `smtputf8`, `eightbit`: what MAIL asked for."""
    content: bytes
    recipients: list
    smtputf8: bool = False
    eightbit: bool = False


@dataclasses.dataclass
class Case:
    """How it was submitted. `from_header`: with -t; `arguments`: recipients that were named beside
    the header; `reencoded`: the server has no 8BITMIME."""
    from_header: bool = True
    arguments: tuple = ()
    reencoded: bool = False


def judge(raw, stored, case):
    """All that is wrong, as sentences; `raw` is the file."""
    given, got = reading.read_message(raw), reading.read_message(stored.content)
    faults = []
    for check in (check_recipients, check_bcc, check_ascii, check_fields, check_dkim, check_body):
        faults += [f"{check.__name__[6:]}: {fault}" for fault in check(given, got, stored, case)]
    return faults


# --- recipients ---

def expected_recipients(given, case):
    """The addresses that must be in the envelope. Malformed where nobody can know."""
    found = {_owned(mailbox) for text in case.arguments for mailbox in mailboxes(text)}
    if case.from_header:
        for field in reading.recipient_fields(given):
            found |= {_owned(mailbox) for mailbox in mailboxes(field.value)}
    return found


def _owned(mailbox):
    """A bare name is the owner of the account."""
    return mailbox.address if mailbox.domain else tuple(OWNER.split(b"@"))


def check_recipients(given, _, stored, case):
    """Nobody is lost, nobody invented, nobody named twice."""
    got = [reading.wire_address(text) for text in stored.recipients]
    if len(set(got)) != len(got):
        yield "somebody is named twice"
    try:
        wanted = expected_recipients(given, case)
    except Malformed:
        yield from _check_malformed(given, got)
        return
    for address in sorted(wanted - set(got)):
        yield f"{_text(address)} is lost"
    for address in sorted(set(got) - wanted):
        yield f"{_text(address)} is invented"


def _text(address):
    return b"@".join(filter(None, address)).decode("utf-8", "replace")


def _check_malformed(given, got):
    """What holds for every reader: plain addresses are there, and nothing else than was written."""
    fields = b"\n".join(field.value for field in reading.recipient_fields(given)).lower()
    for address in _ADDRESS.findall(_QUOTED.sub(b" ", fields)):
        local, _, domain = address.rpartition(b"@")
        if (local, domain) not in {(name.lower(), host) for name, host in got}:
            yield f"{address.decode()} is lost"
    for local, domain in got:
        if (local, domain) != tuple(OWNER.split(b"@")) and local.lower() not in fields:
            yield f"{_text((local, domain))} is invented"


# --- Bcc and 8-bit octets in the header ---

def check_bcc(given, _, stored, __):
    """No Bcc field is left, and nobody is named who was named in it alone."""
    header = stored.content.partition(b"\r\n\r\n")[0]
    if _BCC.search(header):
        yield "a Bcc field left"
    secret, public = set(), set()
    for field in given.fields:
        into = secret if field.name.lower() in _GONE else public
        into.update(address.lower() for address in _ADDRESS.findall(field.value))
    for address in sorted(secret - public - {OWNER}):
        if re.search(rb"(?<![\w.+-])" + re.escape(address) + rb"(?![\w.-])", header.lower()):
            yield f"{address.decode()} was in Bcc alone and is in the header"


def covered_names(given):
    """The fields that a DKIM-Signature covers, in lower case."""
    names = set()
    for value in given.values(b"dkim-signature"):
        for tag in re.sub(rb"\s", b"", value).split(b";"):
            if tag.startswith(b"h="):
                names.update(tag[2:].lower().split(b":"))
    return names


def is_sealed(name, covered):
    """Whether a field stays octet for octet."""
    name = name.lower()
    return name in covered or name == b"dkim-signature" or name.startswith(b"arc-")


def check_ascii(given, got, stored, case):
    """The header is ASCII without SMTPUTF8; so is all without 8BITMIME."""
    covered = covered_names(given)
    for field in got.fields:
        if not (field.name + field.value).isascii() and not stored.smtputf8 \
                and not is_sealed(field.name, covered) and not _says_how_to_read(field):
            yield f"{field.name.decode('latin-1')} has 8-bit octets without SMTPUTF8"
    if not got.body.isascii() and (case.reencoded or not stored.eightbit):
        yield "the body has 8-bit octets without 8BITMIME"


def _says_how_to_read(field):
    """Whether it is a field of MIME with 8-bit octets where nothing can encode them: anywhere but
    in a parameter, or in the boundary."""
    rest = _PARAMETER.sub(lambda m: m[0] if m[1].lower() == b"boundary" else b"", field.value)
    return field.name.lower().startswith(b"content-") and not rest.isascii()


# --- header fields ---

def check_fields(given, got, _, __):
    """Each field is there, in order, and says what it said; only missing ones are added."""
    covered = covered_names(given)
    kept = [field for field in given.fields if field.name.lower() not in _GONE
            and (field.name.lower() not in _OF_DELIVERY or is_sealed(field.name, covered))]
    sent = _without_added(given, got)
    if given.body != got.body:  # re-encoded: check_body() compares these
        kept, sent = ([field for field in fields if field.name.lower() not in _MIME]
                      for fields in (kept, sent))
    names = [[field.name for field in fields] for fields in (kept, sent)]
    if names[0] != names[1]:
        yield "the fields are %s, not %s" % tuple(
            b" ".join(each).decode("latin-1") for each in reversed(names))
        return
    for old, new in zip(kept, sent):
        sealed = old.name.lower() in covered or \
            (is_sealed(old.name, covered) and old.value.isascii())  # else it was broken before
        fault = compare_field(old, new, sealed)
        if fault:
            yield f"{old.name.decode('latin-1')} {fault}"


def _without_added(given, got):
    """The fields that stand behind those that were added in front."""
    have, at = {field.name.lower() for field in given.fields}, 0
    while at < len(got.fields) and got.fields[at].name.lower() in _ADDED \
            and got.fields[at].name.lower() not in have:
        at += 1
    return got.fields[at:]


def compare_field(old, new, sealed):
    """What is wrong with a field, or None. Plain fields are the same octet for octet."""
    if old.value == new.value:
        return None
    lines = (old.name + b":" + old.value).split(b"\r\n")
    if sealed:
        return "is signed and was changed"
    if old.value.isascii() and max(map(len, lines)) <= LONG \
            and not _may_be_completed(old):
        return "was changed without a reason"
    if old.key in reading.ADDRESS_FIELDS:
        return _compare_people(old, new)
    return _compare_text(old, new)


def _may_be_completed(field):
    """Whether it holds a bare name, or something that is no address."""
    if field.key not in (b"from", b"sender", b"reply-to", b"to", b"cc"):
        return False
    try:
        found = mailboxes(field.value)
        return not found or any(mailbox.domain is None for mailbox in found) or b"<" in field.value
    except Malformed:
        return True


def _compare_people(old, new):
    """The same mailboxes with the same names, bare ones completed."""
    try:
        was, now = mailboxes(old.value), mailboxes(new.value)
        if len(was) == len(now):
            faults = [_compare_mailbox(one, other) for one, other in zip(was, now)]
            return next(filter(None, faults), None)
    except Malformed:
        pass
    texts = [letters(value).replace(b",", b"") for value in
             (old.value, new.value, new.value.replace(OWNER, b""))]
    if texts[0] in texts[1:] or (_is_malformed(old.value) and OWNER in new.value):
        return None
    return f"says {new.value!r}, not {old.value!r}"


def _is_malformed(value):
    try:
        mailboxes(value)
    except Malformed:
        return True
    return False


def _compare_mailbox(old, new):
    wanted = _owned(old)
    if new.address not in (wanted, old.address):
        return f"has {_text(new.address)}, not {_text(wanted)}"
    name = old.phrase if old.domain or old.phrase else old.whole
    same = letters(name) == letters(new.phrase) or letters(old.whole) == letters(new.whole)
    if same or (old.domain is None and not new.phrase and name.isascii() and b" " not in name):
        return None
    return f"has the name {new.phrase!r}, not {name!r}"


def letters(value):
    """The decoded octets without what quotes, folds and encodings may change."""
    text = reading.decode_words(value)
    return re.sub(rb"[\s\"\\()<>]", b"", text).lower()


def _compare_text(old, new):
    """The same text after decoding; a label of an encoded-word is true."""
    if old.name.lower() in _IDS:
        same = re.sub(rb"\s", b"", re.sub(rb"[\x80-\xff]", b"?", old.value)) == \
            re.sub(rb"\s", b"", new.value)
    elif old.name.lower().startswith(b"content-"):
        same = _parameters(old) == _parameters(new)
    else:
        same = _solid(old.value) == _solid(new.value) or _in_url(old.value) == _in_url(new.value)
    if not same:
        return f"says {new.value!r}, not {old.value!r}"
    for word in set(reading.find_words(new.value)) - set(reading.find_words(old.value)):
        text = reading.decode_words(b"=?%s?%s?%s?=" % word)
        if word[0].lower() == b"utf-8" and not reading.is_utf8(text):
            return "is labelled UTF-8 and is not"
    return None


def _solid(value):
    return re.sub(rb"\s", b"", reading.decode_words(value))


def _in_url(value):
    """With octets outside ASCII as URLs have them, or as ids must."""
    value = re.sub(rb"[\x80-\xff]", lambda m: b"%%%02X" % m[0][0], reading.decode_words(value))
    return re.sub(rb"\s", b"", re.sub(rb"(?:%[89A-F][0-9A-F]|\?)+", b"?", value))


_PARAMETER = re.compile(rb';\s*([^\s;=*]+)(?:\*(\d+))?(\*?)\s*=\s*("(?:\\.|[^"\\])*"|[^;]*)', re.DOTALL)


def _parameters(field):
    """What stands before the parameters of a MIME field, and their octets (RFC 2231). A parameter
    in encoded form is preferred to the plain one."""
    plain, better = {}, {}
    for name, number, encoded, value in _PARAMETER.findall(re.sub(rb"\r\n", b"", field.value)):
        if encoded and not int(number or 0):
            value = value.strip().strip(b'"').split(b"'", 2)[-1]
        value = urllib.parse.unquote_to_bytes(value) if encoded else value
        found = better if encoded or number else plain
        found[name.lower()] = found.get(name.lower(), b"") + letters(value)
    return letters(field.value.partition(b";")[0]), {**plain, **better}


# --- bodies ---

def _body_hash(body):
    """The hash of a DKIM-Signature with c=simple (RFC 6376 section 3.4.3)."""
    return hashlib.sha256(body.rstrip(b"\r\n") + b"\r\n").hexdigest()


def check_dkim(given, got, _, __):
    """A signed body is the same."""
    if given.values(b"dkim-signature") and _body_hash(given.body) != _body_hash(got.body):
        yield "the body hash of the DKIM-Signature no longer fits"


def check_body(given, got, _, case):
    """The same octets, or, where something had to be re-encoded, the same after decoding."""
    if given.body == got.body:
        return
    reason = case.reencoded and not given.body.isascii()
    if not reason and max(map(len, given.body.split(b"\r\n"))) <= LONG:
        yield "was changed without a reason: " + _difference(given.body, got.body)
        return
    old, new = (email.message_from_bytes(each.whole()) for each in (given, got))
    faults = list(compare_parts(old, new))
    if faults and any(part.defects for part in old.walk()) and loose(given) == loose(got):
        return  # malformed MIME: readers differ, but the octets are the same
    yield from faults


def _difference(old, new):
    at = next((i for i, (a, b) in enumerate(zip(old, new)) if a != b), min(len(old), len(new)))
    return f"at octet {at} {new[at:at + 20]!r} stands, not {old[at:at + 20]!r}"


def loose(message):
    """All octets of a body, whatever its parts are: encodings undone, white space left out."""
    lines = [line for line in message.body.split(b"\r\n")
             if not re.match(rb"content-|mime-version", line, re.IGNORECASE)]
    text = reading.decode_words(quopri.decodestring(b"\n".join(lines)))
    return re.sub(rb"\s", b"", re.sub(rb"[\x80-\xff?]", b"?", text))


def compare_parts(old, new):
    """Types, nesting and content of all parts."""
    was, now = (list(_walk(message)) for message in (old, new))
    shape = [[(depth, part.get_content_type()) for depth, part in each] for each in (was, now)]
    if shape[0] != shape[1]:
        yield f"the parts are {_shape(shape[1])}, not {_shape(shape[0])}"
        return
    for number, ((_, one), (_, other)) in enumerate(zip(was, now)):
        for fault in _compare_part(one, other, number):
            yield f"part {number} ({one.get_content_type()}) {fault}"


def _shape(parts):
    return " ".join(f"{depth}:{kind}" for depth, kind in parts[:12])


def _walk(part, depth=0):
    yield depth, part
    if _has_parts(part):
        for below in part.get_payload():
            yield from _walk(below, depth + 1)


def _has_parts(part):
    """A message/global may be encoded as a whole (RFC 6532 section 3.7)."""
    return part.is_multipart() and part.get_content_type() != "message/global"


def _compare_part(old, new, number):
    if number:
        yield from _compare_part_header(old, new)
    if old.get_content_type() in ("multipart/signed", "multipart/encrypted"):
        if old.as_bytes() != new.as_bytes():
            yield "is signed or encrypted and was changed"
    elif _has_parts(old):
        for name in ("preamble", "epilogue"):
            one, other = (octets(getattr(part, name) or "") for part in (old, new))
            if re.sub(rb"[\x80-\xff]", b"?", one) != re.sub(rb"[\x80-\xff]", b"?", other):
                yield f"has another {name}"
    elif _badly_encoded(old, new):
        yield "is not encoded as RFC 2045 section 6.7 has it"
    elif content(old) != content(new):
        yield "has other octets: " + _difference(content(old), content(new))
    elif "Content-Type" in old and str(old.get_param("charset")) != str(new.get_param("charset")):
        yield "has another charset"


def _badly_encoded(old, new):
    """Whether new quoted-printable has a line that ends in a blank, or more than 76 octets."""
    was, now = (str(part["Content-Transfer-Encoding"]).lower() for part in (old, new))
    if now != "quoted-printable" or was == now or new.is_multipart():
        return False
    lines = octets(new.get_payload()).split(b"\n")
    return any(len(line) > 76 or line.endswith((b" ", b"\t")) for line in lines)


def _compare_part_header(old, new):
    """The fields of a part but for those of MIME, decoded."""
    fields = [[(name.lower(), octets(str(value))) for name, value in part.raw_items()
               if name.lower().encode() not in _MIME] for part in (old, new)]
    if [name for name, _ in fields[0]] != [name for name, _ in fields[1]]:
        yield "has other fields"
        return
    for (name, one), (_, other) in zip(*fields):
        pair = [reading.Field(name.encode(), value) for value in (one, other)]
        if letters(one) != letters(other) and _parameters(pair[0]) != _parameters(pair[1]):
            yield f"has another {name}"


def octets(text):
    """Octets of what the email package keeps as text; all line ends the same."""
    return text.encode("ascii", "surrogateescape").replace(b"\r\n", b"\n")


def content(part):
    """The decoded octets of a leaf; line ends as LF, those at the end left out."""
    if part.is_multipart():  # the email package has not decoded it
        payload = b"\n".join(below.as_bytes() for below in part.get_payload())
        encoded = str(part["Content-Transfer-Encoding"]).lower() == "quoted-printable"
        payload = quopri.decodestring(payload) if encoded else payload
    else:
        payload = part.get_payload(decode=True) or b""
    return payload.replace(b"\r\n", b"\n").rstrip(b"\n")
