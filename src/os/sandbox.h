/* SPDX-License-Identifier: MIT */
/*
 * sandbox - our rights shrink by phase, and never grow again.
 *
 * After sandbox_talk() nothing can be executed, no new rights can be gained (no_new_privs), files
 * can be read and written only where the options say or libc and the resolver need it, and TCP goes
 * only to the given ports. After sandbox_record() no file can be opened at all, and no TCP
 * connection made. What was opened before stays open. This uses Landlock (Linux 5.13; ports since
 * 6.7): restrictions that the kernel does not support are left out.
 *
 * After sandbox_talk() or sandbox_privileges() the restrictions apply to every thread and child of
 * the process. New ones inherit them. If a thread that was left behind (os/task) is still at work,
 * and the kernel cannot confine it too (Linux 7.0 confines all threads together), the process ends
 * with the verdict. sandbox_record() does not promise that: it is called when the verdict is known,
 * and on an older kernel an address look-up without an answer may keep the rights of
 * sandbox_talk().
 */
#ifndef OS_SANDBOX_H
#define OS_SANDBOX_H

#include "base/str.h"

enum { SANDBOX_PORTS_MAX = 32 };

struct sandbox_options {
	const char *const *read; /* files and folders that may be read, then NULL */
	const char *folder;      /* where files may be made, changed and removed; or NULL */
	const char *keep;        /* where new files may be made and written; or NULL */
	unsigned ports[SANDBOX_PORTS_MAX];
	size_t port_count;
	bool source; /* our end of a connection may be given an address */
};

/* Sets only no_new_privs. */
void sandbox_privileges(void);
void sandbox_talk(const struct sandbox_options *options);
void sandbox_record(void);

/* The version of Landlock's interface; 0 if there is none. */
unsigned sandbox_version(void);

#endif
