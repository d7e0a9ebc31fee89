# SPDX-License-Identifier: MIT
"""The server's side of SCRAM (RFC 5802, 7677) and of CRAM-MD5.

    server = ScramServer("sha256", "secret")
    first = server.first(b"n,,n=joe,r=nonce")       # what to send: "r=nonce...,s=...,i=4096"
    last = server.final(b"c=biws,r=nonce...,p=...")  # "v=..."; ValueError if the proof is wrong

A test that changes the first message sets `server_first` to what was sent instead.
"""

import base64
import hashlib
import hmac

def _mac(algorithm, key, text):
    return hmac.new(key, text.encode(), algorithm).digest()


class ScramServer:
    """One exchange. user is known after first(); password as the server stores it (prepared).

    binding: the channel's, as (name, octets): the exchange is one of a -PLUS mechanism.
    """

    def __init__(self, algorithm, password, salt=b"sodium chloride", iterations=4096,
                 binding=None):
        self.algorithm = algorithm
        self.password = password
        self.salt = salt
        self.iterations = iterations
        self.header, self.data = ("p=%s,," % binding[0], binding[1]) if binding else ("n,,", b"")
        self.user = None
        self.server_first = None
        self._bare = None
        self._nonce = None

    def first(self, message):
        """The answer to the client's first message; ValueError if that is none."""
        text = message.decode()
        if not text.startswith(self.header + "n="):
            raise ValueError("client-first-message: %r" % text)
        self._bare = text[len(self.header):]
        user, nonce = self._bare.split(",")
        self.user = user[2:].replace("=2C", ",").replace("=3D", "=")
        self._nonce = nonce[2:] + "8c5f3a"
        self.server_first = "r=%s,s=%s,i=%d" % (self._nonce, base64.b64encode(self.salt).decode(),
                                                self.iterations)
        return self.server_first

    def final(self, message):
        """The answer to the client's final message, which proves that we know the password."""
        without_proof, _, proof = message.decode().rpartition(",p=")
        binding = base64.b64encode(self.header.encode() + self.data).decode()
        if without_proof != "c=%s,r=%s" % (binding, self._nonce):
            raise ValueError("client-final-message: %r" % without_proof)
        salted = hashlib.pbkdf2_hmac(self.algorithm, self.password.encode(), self.salt,
                                     self.iterations)
        client_key = _mac(self.algorithm, salted, "Client Key")
        stored_key = hashlib.new(self.algorithm, client_key).digest()
        said = ",".join((self._bare, self.server_first, without_proof))
        signature = _mac(self.algorithm, stored_key, said)
        wanted = bytes(a ^ b for a, b in zip(client_key, signature))
        if not hmac.compare_digest(base64.b64decode(proof), wanted):
            raise ValueError("wrong proof")
        server_key = _mac(self.algorithm, salted, "Server Key")
        return "v=" + base64.b64encode(_mac(self.algorithm, server_key, said)).decode()


def cram_md5(user, password, challenge):
    """What a client answers to the challenge (RFC 2195)."""
    return ("%s %s" % (user, _mac("md5", password.encode(), challenge).hex())).encode()
