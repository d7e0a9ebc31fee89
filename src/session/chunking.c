/* SPDX-License-Identifier: MIT */
#include "session/chunking.h"

static const char kind[] = "chunking";
static const char *const words[] = {
	[CHUNKING_UNKNOWN] = "nothing",
	[CHUNKING_EARNED] = "earned",
	[CHUNKING_REFUSED] = "refused",
};

void chunking_done(struct chunking *c)
{
	command_lines_done(&c->lines);
}

static void look_up(struct chunking *c, struct server_memory about)
{
	if (c->looked_up)
		return;
	c->looked_up = true;
	about.kind = kind;
	c->known = (enum chunking_known)server_memory_read(&about, words, ARRAY_LEN(words));
}

/* Reads the message as it will be sent. */
static bool scan(struct command_lines *lines, const struct session_message *message, struct err *e)
{
	uint64_t at = 0;
	struct str piece;

	command_lines_done(lines);
	command_lines_init(lines);
	do {
		if (!message->read(message->ctx, at, &piece, e))
			return false;
		command_lines_feed(lines, piece);
		at += piece.len;
	} while (piece.len && !lines->found);
	command_lines_end(lines);
	return true;
}

bool chunking_plan(struct chunking *c, struct server_memory about,
	const struct session_message *message, struct client_message *how, struct err *e)
{
	how->chunked = false;
	how->probe = STR("");
	look_up(c, about);
	if (!how->size || how->size > CLIENT_CHUNK || c->known == CHUNKING_REFUSED)
		return true;
	if (!scan(&c->lines, message, e))
		return false;
	struct str first = buf_str(&c->lines.first);
	how->chunked = first.len && first.len < how->size;
	if (c->known != CHUNKING_EARNED || c->lines.found)
		how->probe = first;
	return true;
}

static void note(struct chunking *c, enum chunking_known known)
{
	c->known = known;
	c->learnt = true;
}

void chunking_learn(struct chunking *c, const struct client *client, bool in_step)
{
	bool known = c->known == CHUNKING_EARNED;
	/* Silence costs more than a lost connection, and is remembered if DATA is tried then. */
	bool silent = client_chunking_unheard(client) && client_error(client)->kind == ERR_TIMEOUT;

	if (client_chunking_failed(client) || (silent && in_step && !known))
		note(c, CHUNKING_REFUSED);
	else if (client_chunking_proved(client) && in_step && !known)
		note(c, CHUNKING_EARNED);
}

void chunking_remember(struct chunking *c, struct server_memory about)
{
	about.kind = kind;
	if (c->learnt)
		server_memory_write(&about, words[c->known]);
	c->learnt = false;
}
