/* SPDX-License-Identifier: MIT */
/*
 * setting_doubts - finds settings that are valid and hardly meant.
 *
 * A setting without effect because of another, a port and a way of TLS that do not go together, a
 * server that is not verified: mail may go all the same, so these are told only where somebody asks
 * whether the configuration is right (-bC).
 */
#ifndef CONF_SETTING_DOUBTS_H
#define CONF_SETTING_DOUBTS_H

#include "conf/setting.h"

/* Appends the doubts about a complete account (conf/defaults), one per line. */
void setting_doubts(const struct settings *s, struct buf *out);

#endif
