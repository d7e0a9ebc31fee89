/* SPDX-License-Identifier: MIT */
/*
 * bs_message_reply - the SMTP reply that a client of ours (-bs) gets for its message.
 *
 * It is the smarthost's own reply to the message, or its refusal of the sender or of a recipient,
 * who is then named. Trouble between us and the smarthost becomes 451: the connection and 421
 * (4.4.1, 4.4.2), the certificate (4.7.5), authentication and configuration (4.3.5; the reason is
 * in the log), replies out of step (4.5.0). A fault of the message itself becomes 5yz.
 */
#ifndef SUBMIT_BS_MESSAGE_REPLY_H
#define SUBMIT_BS_MESSAGE_REPLY_H

#include "submit/delivery_log.h"

enum { BS_MESSAGE_REPLY_TEXT = 480 }; /* octets that fit into one reply line (smtp/server) */

struct bs_message_reply {
	int code;
	char enhanced[12];
	char text[BS_MESSAGE_REPLY_TEXT + 1];
};

/* Makes *ret from r, which has an outcome and, if one was read, a message. */
void bs_message_reply_make(const struct delivery_log *r, struct bs_message_reply *ret);

#endif
