/* SPDX-License-Identifier: MIT */
/*
 * dma - reads dma.conf (NAME or NAME VALUE) and auth.conf (USER|SMARTHOST:PASSWORD).
 *
 * A switch is on where its line stands. The entry of auth.conf that counts is that of the
 * smarthost. What is left out becomes a note.
 */
#ifndef IMPORT_DMA_H
#define IMPORT_DMA_H

#include "import/converted.h"

/* Is it a line that only such files have? */
bool dma_knows(struct str line);
void dma_read(struct converted *d);

#endif
