/* SPDX-License-Identifier: MIT */
/*
 * defaults - completes the settings of one account, and checks them.
 *
 * A setting that was not given gets its default, from the table or from other settings. `host` is
 * never NULL then; with `socket` or `tunnel` it may be empty, and with `socket` and without a
 * `port` line the port is 0. Then everything that can be known before connecting is checked: names,
 * settings that contradict each other, and secrets that would be shown to strangers. Settings
 * without effect are noted in the log (base/log). All errors are ERR_CONFIG.
 */
#ifndef CONF_DEFAULTS_H
#define CONF_DEFAULTS_H

#include "conf/setting.h"

/* What defaults depend on, apart from other settings. */
struct defaults_options {
	bool msmtp;    /* msmtp's defaults hold */
	bool sendmail; /* called by that name */
};

/* The aliases file that is used under the name sendmail if none is set; NULL: none. */
const char *defaults_aliases(const struct settings *s, bool sendmail);
bool defaults_apply(struct settings *s, const struct defaults_options *options, struct err *e);

#endif
