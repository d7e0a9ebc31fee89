/* SPDX-License-Identifier: MIT */
/*
 * help - --help and --version, written from the tables.
 */
#ifndef CMD_HELP_H
#define CMD_HELP_H

#include "base/buf.h"

void help_write(struct buf *out);
void help_version(struct buf *out);

#endif
