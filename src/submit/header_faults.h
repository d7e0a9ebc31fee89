/* SPDX-License-Identifier: MIT */
/*
 * header_faults - finds what RFC 5322 forbids in a header that is sent all the same.
 *
 * Many servers take such messages, and others refuse them in words that do not say why. So they
 * are sent; -v tells the faults, and so does the hint when the message was refused. Found are
 * fields that may stand there once and are there again (section 3.6), fields that are missing or
 * empty, a Date that is none (section 3.3), a Message-ID that is none, authors without an address,
 * a Sender with several, and addresses that are none.
 */
#ifndef SUBMIT_HEADER_FAULTS_H
#define SUBMIT_HEADER_FAULTS_H

#include "base/buf.h"

/* Appends the faults of a header as it is sent: "the header has two To fields; Cc is empty". */
void header_faults(struct str header, struct buf *out);

#endif
