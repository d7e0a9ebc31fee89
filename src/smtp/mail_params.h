/* SPDX-License-Identifier: MIT */
/*
 * mail_params - the parameters of MAIL: which are sent, and which a server must offer.
 *
 * One row for each parameter (RFC 1870, 3461, 6152, 6531, 8689). A parameter that the server does
 * not offer is dropped if it is only a wish, such as DSN. If the message needs it,
 * mail_params_check() refuses the message before anything is sent, with the error that a server
 * would have given.
 */
#ifndef SMTP_MAIL_PARAMS_H
#define SMTP_MAIL_PARAMS_H

#include "smtp/client_options.h"

/* tls: the connection uses TLS. If false, *e says what the server lacks and what to do. */
bool mail_params_check(const struct client_message *mail, const struct capabilities *caps, bool tls,
	struct err *e);
/* Adds the parameters to the command line, each after a space. */
void mail_params_write(
	const struct client_message *mail, const struct capabilities *caps, struct buf *line);

#endif
