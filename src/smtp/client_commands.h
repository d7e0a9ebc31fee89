/* SPDX-License-Identifier: MIT */
/*
 * client_commands - what the client engine sends next: one function derives it from the facts.
 *
 * client_commands_send() puts every command into `out` that may be sent now: as many as belong into
 * one group (RFC 2920 section 3.1), never more than are allowed to be unanswered.
 */
#ifndef SMTP_CLIENT_COMMANDS_H
#define SMTP_CLIENT_COMMANDS_H

#include "smtp/client_state.h"

void client_commands_send(struct client *c);
/* No more recipients are to be named in this transaction. */
bool client_commands_have_all_rcpts(const struct client *c);
/* May one more command stand behind those that are not answered (RFC 2920 section 3.1)? */
bool client_commands_may_follow(const struct client *c);
/* One command line, which must hold no CR, LF or NUL; its reply is awaited. */
void client_commands_add(struct client *c, enum verb v, struct str line);
/* Never to be shown, should a server repeat it. */
void client_commands_remember(struct client *c, struct str secret);
/* One line of an AUTH exchange; the listener is shown "(hidden)" for the secret. */
void client_commands_auth(struct client *c, struct str shown, struct str secret);

#endif
