/* SPDX-License-Identifier: MIT */
#include "smtp/client_options.h"

#include "base/buf.h"

static bool is_too_large(const struct client_message *mail, const struct capabilities *caps)
{
	return caps->size_max && mail->size > caps->size_max;
}

/* RFC 3463: what a server would have said. */
static void classify(struct err *e, const char *enhanced)
{
	text_fmt(e->enhanced, sizeof(e->enhanced), "%s", enhanced);
}

bool client_message_check(
	const struct client_message *mail, const struct capabilities *caps, bool tls, struct err *e)
{
	if (is_too_large(mail, caps)) {
		err_set(e, ERR_DATA,
			"the message has %llu octets and the server takes at most %llu",
			(unsigned long long)mail->size, (unsigned long long)caps->size_max);
		classify(e, "5.3.4");
		return err_hint(e, "nothing was sent; leave a file out and send where it can be "
				   "fetched, or send several messages");
	}
	if (mail->smtputf8 && !caps->smtputf8) {
		err_set(e, ERR_DATA,
			"an address has letters outside ASCII before the '@', and the server "
			"offers no SMTPUTF8");
		classify(e, "5.6.7");
		return err_hint(e, "nothing was sent; use an address in ASCII for this person");
	}
	if (mail->eightbit && !caps->eightbit) {
		err_set(e, ERR_DATA,
			"the message has 8-bit text and the server offers no 8BITMIME");
		classify(e, "5.6.3");
		return err_hint(e, "encode the message as quoted-printable or base64, or choose "
				   "another account with -a");
	}
	if (mail->smtputf8_wish && !caps->smtputf8) {
		err_set(e, ERR_UNAVAILABLE, "the server does not offer SMTPUTF8");
		return err_hint(e, "nothing was sent; without -O SMTPUTF8=yes it would be");
	}
	if (mail->requiretls && !(tls && caps->requiretls)) {
		err_set(e, ERR_UNAVAILABLE, "the server does not offer REQUIRETLS%s",
			tls ? "" : " without TLS");
		return err_hint(e, "nothing was sent; without -O REQUIRETLS=yes it would be");
	}
	return true;
}
