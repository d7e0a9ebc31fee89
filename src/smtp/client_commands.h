/* SPDX-License-Identifier: MIT */
/*
 * client_commands - what the client engine sends next: one function derives it from the facts.
 *
 * client_commands_send() puts every command that may be sent now into `out`: the rest of one group
 * (RFC 2920 section 3.1), but never more than CLIENT_AWAITED_MAX that are not answered.
 */
#ifndef SMTP_CLIENT_COMMANDS_H
#define SMTP_CLIENT_COMMANDS_H

#include "smtp/client_state.h"

void client_commands_send(struct client *c);
/* Every recipient that this transaction can have was named. */
bool client_commands_have_all_rcpts(const struct client *c);
/* Whether a command may be sent before the earlier ones are answered (RFC 2920 section 3.1). */
bool client_commands_may_follow(const struct client *c);
/* Adds a command line, which must hold no CR, LF or NUL, and awaits its reply. */
void client_commands_add(struct client *c, enum verb v, struct str line);
/* Notes a secret that must not be shown if the server repeats it. */
void client_commands_remember(struct client *c, struct str secret);
/* Adds a line of an AUTH exchange; the listener sees "(hidden)" in place of the secret. */
void client_commands_auth(struct client *c, struct str shown, struct str secret);

#endif
