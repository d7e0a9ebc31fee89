/* SPDX-License-Identifier: MIT */
/*
 * ca_hash_dir - the number by which OpenSSL's programs file a certificate, from its subject.
 *
 * It is an index and proves nothing: SHA-1 of the name made canonical (text as UTF-8, in lower
 * case, without spaces at its ends and with one between words; openssl-rehash(1)). False: the name
 * has text in a form that is not read here.
 */
#ifndef TLS_CA_HASH_DIR_H
#define TLS_CA_HASH_DIR_H

#include "base/str.h"

bool ca_hash_dir_name(struct str name, uint32_t *ret);

#endif
