/* SPDX-License-Identifier: MIT */
/*
 * fold - folds a line of text to the width of a terminal, between words.
 *
 * Further lines are indented by `hang` more than the first. A word is never broken, so that it
 * can be copied: a word that is too long gets its own line. Each code point counts as one column;
 * colour sequences (ECMA-48 SGR) count as none.
 */
#ifndef UI_FOLD_H
#define UI_FOLD_H

#include "base/buf.h"

enum { FOLD_INDENT = 2 };

/* text: one printable line without its end. columns: 0 means that it is not folded. */
void fold_line(struct str text, size_t columns, size_t hang, struct buf *out);

#endif
