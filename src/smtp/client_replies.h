/* SPDX-License-Identifier: MIT */
/*
 * client_replies - how the client engine takes replies: one handler for each verb records facts and
 * never decides what is sent next.
 *
 * client_replies_take() gives the complete reply in the reader to the oldest command that awaits
 * one. A reply is out of step if no command awaits it, or if its command has not wholly left: then
 * a 4yz or 5yz ends the session with its own meaning, and any other code is a protocol error.
 */
#ifndef SMTP_CLIENT_REPLIES_H
#define SMTP_CLIENT_REPLIES_H

#include "smtp/client_state.h"

void client_replies_take(struct client *c);

#endif
