/* SPDX-License-Identifier: MIT */
/*
 * defaults - the settings of one account made complete, and checked.
 *
 * What was not given gets its default: the table's, or what follows from other settings. `host` is
 * never NULL then; with `socket` or `tunnel` it may be empty, and with `socket` and without a
 * `port` line the port is 0. Then everything that can be known before connecting is checked: names,
 * what contradicts itself, and secrets that would go where they must not. Settings without effect
 * are noted (base/log). Everything wrong is ERR_CONFIG.
 */
#ifndef CONF_DEFAULTS_H
#define CONF_DEFAULTS_H

#include "conf/setting.h"

/* What the defaults depend on besides other settings. */
struct defaults_options {
	bool msmtp;    /* msmtp's defaults hold */
	bool sendmail; /* called by that name */
};

/* Where aliases are under the name sendmail unless that is set; NULL: nowhere. */
const char *defaults_aliases(const struct settings *s, bool sendmail);
bool defaults_apply(struct settings *s, const struct defaults_options *options, struct err *e);

#endif
