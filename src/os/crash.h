/* SPDX-License-Identifier: MIT */
/*
 * crash - ends the process by the rules when a library crashes.
 *
 * SIGSEGV, SIGBUS and SIGABRT would end it with a status that says nothing. Instead one fixed line
 * is written, and the process ends with the verdict if it is known (base/mem), with EX_TEMPFAIL if
 * an allocation has just failed, which is what libraries do not check, and with EX_SOFTWARE
 * otherwise.
 */
#ifndef OS_CRASH_H
#define OS_CRASH_H

/* From here on. Builds with a sanitizer are left alone, as it tells more. */
void crash_handle(void);

#endif
