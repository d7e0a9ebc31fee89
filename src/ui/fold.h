/* SPDX-License-Identifier: MIT */
/*
 * fold - a line of text in the columns of a terminal, broken between words.
 *
 * A line that follows is indented by FOLD_INDENT more than the first. A word is never broken, so
 * that it can be copied: one that is too long has a line of its own. A code point is one column,
 * whatever its glyph; what switches colours (ECMA-48 SGR) takes none.
 */
#ifndef UI_FOLD_H
#define UI_FOLD_H

#include "base/buf.h"

enum { FOLD_INDENT = 2 };

/* text: printable, one line without its end. columns: 0 leaves it as it is. */
void fold_line(struct str text, size_t columns, struct buf *out);

#endif
