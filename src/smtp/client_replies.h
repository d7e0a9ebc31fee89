/* SPDX-License-Identifier: MIT */
/*
 * client_replies - what replies tell the client engine: one handler a verb, which records facts and
 * never decides what is sent next.
 *
 * client_replies_take() gives the complete reply in the reader to the oldest command whose reply is
 * awaited. While none is outstanding, or its command has not wholly left, a reply is out of step:
 * 4yz and 5yz end the session with their own meaning, everything else is a protocol error.
 */
#ifndef SMTP_CLIENT_REPLIES_H
#define SMTP_CLIENT_REPLIES_H

#include "smtp/client_state.h"

void client_replies_take(struct client *c);
/* Takes what was said in AUTH, and the password, out of the reply in the reader. */
void client_replies_hide(struct client *c);
/* Shows it to the listener. */
void client_replies_report(struct client *c);

#endif
