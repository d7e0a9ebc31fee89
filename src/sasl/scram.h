/* SPDX-License-Identifier: MIT */
/*
 * scram - checks a server's messages in SCRAM, and salts the password (RFC 5802, 7677).
 *
 *   server-first = nonce "," salt "," iteration-count ["," extensions]
 *   server-final = verifier / server-error
 *
 * The library computes with whatever a server sends, so these checks come first: the nonce extends
 * ours, the salt is base64 and not empty, the iteration count is decimal and within bounds (a high
 * one would keep us busy, a low one makes the password easy to guess), and no unknown extension is
 * mandatory. Every failure is ERR_NOPERM.
 */
#ifndef SASL_SCRAM_H
#define SASL_SCRAM_H

#include "base/buf.h"
#include "base/err.h"
#include "tls/hash.h"

enum {
	SCRAM_ITERATIONS_MIN = 4096,
	SCRAM_ITERATIONS_MAX = 1000000, /* about a second */
};

struct scram_first {
	struct buf salt;
	unsigned iterations;
};
#define SCRAM_FIRST_INIT ((struct scram_first) { .salt = BUF_INIT(16384) })
void scram_first_done(struct scram_first *f);

/* The nonce in our first message (gs2-header client-first-bare), borrowed from it. */
struct str scram_nonce(struct str client_first);
bool scram_read_first(
	struct str text, struct str our_nonce, struct scram_first *ret, struct err *e);
/* Checks only that the message is not an error; the library checks the signature. */
bool scram_read_final(struct str text, struct err *e);
/*
 * Appends the salted password, a secret, in hexadecimal as the library needs it. password: after
 * SASLprep (RFC 4013).
 */
bool scram_salt(enum hash hash, struct str password, const struct scram_first *first,
	struct buf *ret_hex, struct err *e);

#endif
