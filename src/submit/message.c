/* SPDX-License-Identifier: MIT */
#include "submit/message.h"

#include "base/mem.h"

void message_init(struct message *m)
{
	*m = (struct message) { .header = BUF_INIT(MESSAGE_HEADER_MAX) };
}

void message_done(struct message *m)
{
	buf_done(&m->header);
	spool_done(&m->body);
	envelope_done(&m->env);
	mem_free(m->smtputf8);
	mem_free(m->faults);
}

uint64_t message_size(const struct message *m)
{
	return m->header.len + m->body.size;
}

bool message_at(struct message *m, uint64_t at, struct str *ret, struct err *e)
{
	if (at >= m->header.len)
		return spool_at(&m->body, at - m->header.len, ret, e);
	*ret = str_from(buf_str(&m->header), (size_t)at);
	return true;
}
