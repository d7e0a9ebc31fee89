/* SPDX-License-Identifier: MIT */
#include "smtp/mail_params.h"

/* Sets the enhanced status (RFC 3463) that a server would have sent. */
static bool classify(struct err *e, const char *enhanced)
{
	text_fmt(e->enhanced, sizeof(e->enhanced), "%s", enhanced);
	return false;
}

static bool check_size(
	const struct client_message *mail, const struct capabilities *caps, bool tls, struct err *e)
{
	(void)tls;
	if (!caps->size_max || mail->size <= caps->size_max)
		return true;
	err_set(e, ERR_DATA, "the message has %llu octets and the server takes at most %llu",
		(unsigned long long)mail->size, (unsigned long long)caps->size_max);
	err_hint(e, "nothing was sent; leave a file out and send where it can be "
		    "fetched, or send several messages");
	return classify(e, "5.3.4");
}

static bool check_smtputf8(
	const struct client_message *mail, const struct capabilities *caps, bool tls, struct err *e)
{
	(void)tls;
	if (!mail->smtputf8 || caps->smtputf8)
		return true;
	err_set(e, ERR_DATA,
		"%s has letters outside ASCII before the '@', and the server offers no SMTPUTF8",
		mail->smtputf8);
	err_hint(e, "nothing was sent; use an address in ASCII for this person");
	return classify(e, "5.6.7");
}

static bool check_body(
	const struct client_message *mail, const struct capabilities *caps, bool tls, struct err *e)
{
	(void)tls;
	if (!mail->eightbit || caps->eightbit)
		return true;
	err_set(e, ERR_DATA, "the message has 8-bit text and the server offers no 8BITMIME");
	err_hint(e, "encode the message as quoted-printable or base64, or choose "
		    "another account with -a");
	return classify(e, "5.6.3");
}

static bool check_smtputf8_wish(
	const struct client_message *mail, const struct capabilities *caps, bool tls, struct err *e)
{
	(void)tls;
	if (!mail->smtputf8_wish || caps->smtputf8)
		return true;
	err_set(e, ERR_UNAVAILABLE, "the server does not offer SMTPUTF8");
	return err_hint(e, "nothing was sent; without -O SMTPUTF8=yes it would be");
}

static bool check_requiretls(
	const struct client_message *mail, const struct capabilities *caps, bool tls, struct err *e)
{
	if (!mail->requiretls || (tls && caps->requiretls))
		return true;
	err_set(e, ERR_UNAVAILABLE, "the server does not offer REQUIRETLS%s",
		tls ? "" : " without TLS");
	return err_hint(e, "nothing was sent; without -O REQUIRETLS=yes it would be");
}

static void write_size(
	const struct client_message *mail, const struct capabilities *caps, struct buf *line)
{
	if (caps->size)
		buf_fmt(line, " SIZE=%llu", (unsigned long long)mail->size);
}

static void write_body(
	const struct client_message *mail, const struct capabilities *caps, struct buf *line)
{
	(void)caps;
	if (mail->eightbit)
		buf_add(line, STR(" BODY=8BITMIME"));
}

static void write_smtputf8(
	const struct client_message *mail, const struct capabilities *caps, struct buf *line)
{
	(void)caps;
	if (mail->smtputf8 || mail->smtputf8_wish)
		buf_add(line, STR(" SMTPUTF8"));
}

static void write_requiretls(
	const struct client_message *mail, const struct capabilities *caps, struct buf *line)
{
	(void)caps;
	if (mail->requiretls)
		buf_add(line, STR(" REQUIRETLS"));
}

static void write_dsn(
	const struct client_message *mail, const struct capabilities *caps, struct buf *line)
{
	if (caps->dsn)
		dsn_mail_params(&mail->dsn, line);
}

/* In the order in which they stand in the command. */
static const struct {
	void (*write)(const struct client_message *mail, const struct capabilities *caps,
		struct buf *line);
	/* False, with the error, if the message needs it; NULL: it is dropped if not offered. */
	bool (*check)(const struct client_message *mail, const struct capabilities *caps, bool tls,
		struct err *e);
	unsigned turn; /* the order of the checks: an address before the text */
} params[] = {
	{ write_size, check_size, 0 },
	{ write_body, check_body, 2 },
	{ write_smtputf8, check_smtputf8, 1 },
	{ NULL, check_smtputf8_wish, 3 },
	{ write_requiretls, check_requiretls, 4 },
	{ write_dsn, NULL, 5 },
};

static bool check_turn(unsigned turn, const struct client_message *mail,
	const struct capabilities *caps, bool tls, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(params); i++)
		if (params[i].turn == turn && params[i].check)
			return params[i].check(mail, caps, tls, e);
	return true;
}

bool mail_params_check(
	const struct client_message *mail, const struct capabilities *caps, bool tls, struct err *e)
{
	for (unsigned turn = 0; turn < ARRAY_LEN(params); turn++)
		if (!check_turn(turn, mail, caps, tls, e))
			return false;
	return true;
}

void mail_params_write(
	const struct client_message *mail, const struct capabilities *caps, struct buf *line)
{
	for (size_t i = 0; i < ARRAY_LEN(params); i++)
		if (params[i].write)
			params[i].write(mail, caps, line);
}
