/* SPDX-License-Identifier: MIT */
/*
 * defaults - completes the settings of one account, and checks them.
 *
 * A setting that was not given gets its default, from the table or from other settings. Afterwards
 * `host` is not NULL; with `socket` or `tunnel` it may be empty, and with `socket` but no `port`
 * the port is 0. Then all that can be checked before connecting is checked: names, contradictory
 * settings, and secrets that would be sent to an unverified server. Settings without effect are
 * noted in the log (base/log). All errors are ERR_CONFIG.
 */
#ifndef CONF_DEFAULTS_H
#define CONF_DEFAULTS_H

#include "conf/setting.h"

/* What the defaults depend on, apart from other settings. */
struct defaults_options {
	bool msmtp;    /* msmtp's defaults apply */
	bool sendmail; /* called as sendmail */
};

/* The default aliases file, when called as sendmail; NULL if it does not exist or one is set. */
const char *defaults_aliases(const struct settings *s, bool sendmail);
bool defaults_apply(struct settings *s, const struct defaults_options *options, struct err *e);

#endif
