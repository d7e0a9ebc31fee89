/* SPDX-License-Identifier: MIT */
#include "net/socks.h"

#include <arpa/inet.h>
#include <string.h>

enum {
	VERSION = 5,
	AUTH_VERSION = 1,
	METHOD_NONE = 0,
	METHOD_PASSWORD = 2,
	METHOD_REFUSED = 0xff,
	CONNECT = 1,
	TYPE_IPV4 = 1,
	TYPE_NAME = 3,
	TYPE_IPV6 = 4,
	TEXT_MAX = 255, /* octets of a name, a user, a password */
};

static void put_octet(struct socks *s, unsigned octet)
{
	buf_char(&s->out, (char)octet);
}

static void put_text(struct socks *s, const char *text, size_t len)
{
	put_octet(s, (unsigned)len);
	buf_bytes(&s->out, text, len);
}

static bool check_options(const struct socks_options *t, struct err *e)
{
	size_t user = t->user ? strlen(t->user) : 0;

	if (strlen(t->host) > TEXT_MAX)
		return err_set(e, ERR_CONFIG, "a proxy takes no host of more than %d octets",
			(int)TEXT_MAX);
	if (user > TEXT_MAX || (t->user && t->password->len > TEXT_MAX))
		return err_set(e, ERR_CONFIG,
			"proxy_user and proxy_password have at most %d octets each", (int)TEXT_MAX);
	return true;
}

/* RFC 1928 section 3: VER NMETHODS METHODS */
bool socks_begin(struct socks *s, const struct socks_options *options, struct err *e)
{
	*s = (struct socks) { .options = *options, .wanted = 2, .out = BUF_INIT(SOCKS_OUT_MAX) };
	if (!check_options(options, e))
		return false;
	buf_reserve(&s->out, SOCKS_OUT_MAX);
	put_octet(s, VERSION);
	put_octet(s, options->user ? 2 : 1);
	put_octet(s, METHOD_NONE);
	if (options->user)
		put_octet(s, METHOD_PASSWORD);
	return true;
}

/* RFC 1928 section 4: VER CMD RSV ATYP DST.ADDR DST.PORT */
static void ask_to_connect(struct socks *s)
{
	const char *host = s->options.host;
	unsigned char octets[16];
	bool v4 = inet_pton(AF_INET, host, octets) == 1;
	bool v6 = !v4 && inet_pton(AF_INET6, host, octets) == 1;

	put_octet(s, VERSION);
	put_octet(s, CONNECT);
	put_octet(s, 0);
	put_octet(s, v4 ? TYPE_IPV4 : v6 ? TYPE_IPV6 : TYPE_NAME);
	if (v4 || v6)
		buf_bytes(&s->out, (const char *)octets, v4 ? 4 : 16);
	else
		put_text(s, host, strlen(host));
	put_octet(s, s->options.port >> 8);
	put_octet(s, s->options.port & 0xff);
	s->state = SOCKS_REPLY;
	s->wanted = 5; /* up to the length of a name, or the first octet of an address */
}

/* RFC 1929 section 2: VER ULEN UNAME PLEN PASSWD */
static void tell_password(struct socks *s)
{
	const struct secret *password = s->options.password;

	put_octet(s, AUTH_VERSION);
	put_text(s, s->options.user, strlen(s->options.user));
	put_text(s, password->bytes ? password->bytes : "", password->len);
	s->state = SOCKS_AUTH;
	s->wanted = 2;
}

static bool no_socks(struct err *e)
{
	err_set(e, ERR_NETWORK, "it does not speak SOCKS5");
	return err_hint(e, "correct the lines proxy_host NAME and proxy_port NUMBER: they must "
			   "name a SOCKS5 proxy");
}

static bool take_method(struct socks *s, const unsigned char *bytes, struct err *e)
{
	if (bytes[0] != VERSION)
		return no_socks(e);
	if (bytes[1] == METHOD_REFUSED) {
		err_set(e, ERR_NOPERM, "it does not serve us %s",
			s->options.user ? "with a user name and password"
					: "without a user name and password");
		return err_hint(e, "%s",
			s->options.user
				? "take out the lines proxy_user and proxy_password, or ask who "
				  "runs the proxy"
				: "add the lines proxy_user NAME and proxy_password PASSWORD");
	}
	if (bytes[1] != METHOD_NONE && !(bytes[1] == METHOD_PASSWORD && s->options.user))
		return no_socks(e);
	if (bytes[1] == METHOD_NONE)
		ask_to_connect(s);
	else
		tell_password(s);
	return true;
}

static bool take_auth(struct socks *s, const unsigned char *bytes, struct err *e)
{
	if (bytes[0] != AUTH_VERSION)
		return no_socks(e);
	if (bytes[1]) {
		err_set(e, ERR_NOPERM, "it refused the user name or the password");
		return err_hint(e, "correct the lines proxy_user NAME and proxy_password PASSWORD");
	}
	ask_to_connect(s);
	return true;
}

/* RFC 1928 section 6 */
static bool explain_reply(unsigned reply, struct err *e)
{
	static const char *const texts[] = {
		[1] = "it failed, and gives no reason",
		[2] = "its rules do not allow this connection",
		[3] = "the network cannot be reached from the proxy",
		[4] = "the proxy cannot reach the host, or does not know it",
		[5] = "the server refused the connection",
		[6] = "the server did not answer it in time",
		[7] = "it cannot make connections",
		[8] = "it cannot connect to an address of this kind",
	};

	if (reply < ARRAY_LEN(texts) && texts[reply])
		return err_set(e, ERR_NETWORK, "%s", texts[reply]);
	return err_set(e, ERR_NETWORK, "it failed with the unknown reply %u", reply);
}

/* VER REP RSV ATYP, and the first octet of BND.ADDR, which for a name is its length */
static bool take_reply(struct socks *s, const unsigned char *bytes, struct err *e)
{
	enum { PORT = 2, HAD = 1 };

	if (bytes[0] != VERSION)
		return no_socks(e);
	if (bytes[1])
		return explain_reply(bytes[1], e);
	switch (bytes[3]) {
	case TYPE_IPV4:
		s->wanted = 4 - HAD + PORT;
		break;
	case TYPE_IPV6:
		s->wanted = 16 - HAD + PORT;
		break;
	case TYPE_NAME:
		s->wanted = bytes[4] + PORT;
		break;
	default:
		return no_socks(e);
	}
	s->state = SOCKS_REPLY_REST;
	return true;
}

bool socks_take(struct socks *s, const unsigned char *bytes, struct err *e)
{
	switch (s->state) {
	case SOCKS_METHOD:
		return take_method(s, bytes, e);
	case SOCKS_AUTH:
		return take_auth(s, bytes, e);
	case SOCKS_REPLY:
		return take_reply(s, bytes, e);
	case SOCKS_REPLY_REST:
	case SOCKS_DONE:
		s->state = SOCKS_DONE;
		s->wanted = 0;
		break;
	}
	return true;
}

void socks_done(struct socks *s)
{
	buf_wipe_done(&s->out);
}
