/* SPDX-License-Identifier: MIT */
/*
 * dry_run - do everything that comes before connecting, and show what would be sent: the envelope,
 * and the message with the line ends of this system (--dry-run).
 */
#ifndef CMD_DRY_RUN_H
#define CMD_DRY_RUN_H

#include "cmd/run.h"

bool dry_run(struct run *r, struct err *e);

#endif
