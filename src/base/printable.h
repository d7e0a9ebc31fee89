/* SPDX-License-Identifier: MIT */
/*
 * printable - makes foreign text safe to show: a server's reply, an address, a file's contents.
 *
 * Control characters (C0, DEL, C1) and invalid UTF-8 become \xHH, code points that are invisible or
 * turn the direction of the text \u{H}. So no foreign octet moves the cursor of a terminal, begins
 * a line of a log, or hides what stands beside it. Call it once, where the text enters the program.
 */
#ifndef BASE_PRINTABLE_H
#define BASE_PRINTABLE_H

#include "base/buf.h"

/* Appends the text to b. */
void printable_add(struct buf *b, struct str foreign);

#endif
