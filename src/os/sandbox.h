/* SPDX-License-Identifier: MIT */
/*
 * sandbox - our rights shrink by phase, and never grow again.
 *
 * From sandbox_talk() on nothing can be executed, no new rights can be had (no_new_privs), files
 * are read and written only where the options say, besides what libc and the resolver need, and TCP
 * goes only to the ports named. From sandbox_record() on no file can be opened at all and nothing
 * connected over TCP. What was opened before stays open. This is Landlock (Linux 5.13; ports
 * since 6.7): what the kernel does not know is left out, and where it knows nothing the run goes on
 * as before.
 *
 * From sandbox_talk() or sandbox_privileges() on, all of this holds for every thread and child of
 * the process: what is begun later inherits it, and should a thread that was left behind before
 * (os/task) still be at work, and the kernel not able to confine it too (Linux 7.0, all threads at
 * once), then the process ends with the verdict. Of sandbox_record() that is not promised: it comes
 * when the verdict is known, and a look-up of addresses that a name server left without an answer
 * may keep the rights of sandbox_talk() where the kernel is older.
 */
#ifndef OS_SANDBOX_H
#define OS_SANDBOX_H

#include "base/str.h"

enum { SANDBOX_PORTS_MAX = 32 };

struct sandbox_options {
	const char *const *read; /* files and folders that may be read, with NULL behind */
	const char *folder;      /* where files may be made, changed and removed; or NULL */
	unsigned ports[SANDBOX_PORTS_MAX];
	size_t port_count;
	bool source; /* our end of a connection may be given an address */
};

/* Only no_new_privs. */
void sandbox_privileges(void);
void sandbox_talk(const struct sandbox_options *options);
void sandbox_record(void);

/* The version of Landlock's interface; 0: there is none here. */
unsigned sandbox_version(void);

#endif
