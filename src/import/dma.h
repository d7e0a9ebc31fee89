/* SPDX-License-Identifier: MIT */
/*
 * dma - reads dma.conf (NAME or NAME VALUE) and auth.conf (USER|SMARTHOST:PASSWORD).
 *
 * A switch is on if its line is present. Only the smarthost's entry in auth.conf is used. Whatever
 * is left out becomes a note.
 */
#ifndef IMPORT_DMA_H
#define IMPORT_DMA_H

#include "import/converted.h"

/* Whether only such files have a line like this. */
bool dma_knows(struct str line);
void dma_read(struct converted *d);

#endif
