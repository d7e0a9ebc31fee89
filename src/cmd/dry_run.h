/* SPDX-License-Identifier: MIT */
/*
 * dry_run - show what would be sent: the envelope, and the message with the line ends of this
 * system (--dry-run). Everything is done that comes before connecting.
 */
#ifndef CMD_DRY_RUN_H
#define CMD_DRY_RUN_H

#include "cmd/run.h"

bool dry_run(struct run *r, struct err *e);

#endif
