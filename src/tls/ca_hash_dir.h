/* SPDX-License-Identifier: MIT */
/*
 * ca_hash_dir - the subject hash that OpenSSL's programs use to name a certificate's file.
 *
 * It is only an index and proves nothing: the SHA-1 of the canonical name (text as UTF-8, in lower
 * case, without spaces at its ends and with one between words; openssl-rehash(1)). False if the
 * name has text in an encoding that is not supported here.
 */
#ifndef TLS_CA_HASH_DIR_H
#define TLS_CA_HASH_DIR_H

#include "base/str.h"

bool ca_hash_dir_name(struct str name, uint32_t *ret);

#endif
