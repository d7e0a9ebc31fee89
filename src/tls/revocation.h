/* SPDX-License-Identifier: MIT */
/*
 * revocation - whether certificates were revoked: lists from a file, and what a server staples.
 *
 * A list (RFC 5280 section 5) counts if the authority that signed the certificate has signed it,
 * and no newer list of the same scope is there; an old list is still used, with a warning. A staple
 * (RFC 6960) is an answer about a certificate, signed by its authority or for it: it counts from
 * thisUpdate to nextUpdate. A certificate that wants a staple (RFC 7633) has to have one that says
 * "good". The clocks may differ by REVOCATION_CLOCK_SECONDS.
 */
#ifndef TLS_REVOCATION_H
#define TLS_REVOCATION_H

#include "base/err.h"
#include "tls/path.h"

struct gnutls_session_int;

enum { REVOCATION_CLOCK_SECONDS = 300 };

struct revocation_lists;

/*
 * Reads the lists of a PEM file, and warns of old ones. NULL with *e, which is ERR_CONFIG, if it
 * cannot be read or holds none. The caller frees the result; path is borrowed as long as it lives.
 */
struct revocation_lists *revocation_load(const char *path, struct err *e);
void revocation_free(struct revocation_lists *lists);

/*
 * NULL, or why the path is not acceptable. Warns of a list that has an authority's name but was not
 * signed with its key. lists may be NULL.
 */
const char *revocation_by_lists(const struct revocation_lists *lists, const struct path *path);
/* Why a proof is not believed that is dated later than now: perhaps the clock here is slow. */
extern const char revocation_from_the_future[];
/* NULL, or why the path is not acceptable. */
const char *revocation_by_staples(struct gnutls_session_int *session, const struct path *path);

#endif
