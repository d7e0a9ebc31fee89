/* SPDX-License-Identifier: MIT */
#include "session/pipelining_memory.h"

static const char *const words[] = {
	[PIPELINING_UNKNOWN] = "nothing",
	[PIPELINING_KNOWN_FULL] = "full",
	[PIPELINING_KNOWN_BASIC] = "basic",
	[PIPELINING_KNOWN_OFF] = "off",
};

static struct server_memory about(const struct pipelining_memory_options *options)
{
	struct server_memory m = options->about;

	m.kind = "flights";
	return m;
}

enum client_pipelining pipelining_memory_choose(const struct pipelining_memory_options *options)
{
	static const enum client_pipelining fixed[] = {
		[PIPELINING_AUTO] = PIPELINE_BASIC,
		[PIPELINING_FULL] = PIPELINE_ALL,
		[PIPELINING_BASIC] = PIPELINE_BASIC,
		[PIPELINING_OFF] = PIPELINE_OFF,
	};
	static const enum client_pipelining learnt[] = {
		[PIPELINING_UNKNOWN] = PIPELINE_TO_RCPT,
		[PIPELINING_KNOWN_FULL] = PIPELINE_ALL,
		[PIPELINING_KNOWN_BASIC] = PIPELINE_BASIC,
		[PIPELINING_KNOWN_OFF] = PIPELINE_OFF,
	};

	if (options->set != PIPELINING_AUTO || !options->may_learn)
		return fixed[options->set];
	struct server_memory m = about(options);
	return learnt[server_memory_read(&m, words, ARRAY_LEN(words))];
}

void pipelining_memory_learn(
	const struct pipelining_memory_options *options, enum pipelining_known what)
{
	struct server_memory m = about(options);

	if (options->set == PIPELINING_AUTO && options->may_learn)
		server_memory_write(&m, what == PIPELINING_UNKNOWN ? NULL : words[what]);
}
