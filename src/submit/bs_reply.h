/* SPDX-License-Identifier: MIT */
/*
 * bs_reply - the SMTP reply that a client of ours (-bs) gets for its message.
 *
 * It is the smarthost's own reply to the message, or the one that refused its sender or a
 * recipient, who is named then. What only concerns us and the smarthost is 451: the connection and
 * 421 (4.4.1, 4.4.2), the certificate (4.7.5), authentication and configuration (4.3.5, the reason
 * is in the log), replies out of step (4.5.0). What is wrong with the message itself is 5yz.
 */
#ifndef SUBMIT_BS_REPLY_H
#define SUBMIT_BS_REPLY_H

#include "submit/delivery_log.h"

enum { BS_REPLY_TEXT = 480 }; /* octets: what a line of a reply has room for (smtp/server) */

struct bs_reply {
	int code;
	char enhanced[12];
	char text[BS_REPLY_TEXT + 1];
};

/* r: with its outcome, and with its message as far as there is one. */
void bs_reply_make(const struct delivery_log *r, struct bs_reply *ret);

#endif
