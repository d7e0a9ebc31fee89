/* SPDX-License-Identifier: MIT */
/*
 * help - --help and --version, written from the tables.
 */
#ifndef UI_HELP_H
#define UI_HELP_H

#include "base/buf.h"

void help_write(struct buf *out);
void help_version(struct buf *out);

#endif
