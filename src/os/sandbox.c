/* SPDX-License-Identifier: MIT */
#include "os/sandbox.h"

#include "base/attr.h"
#include "base/log.h"

#ifdef __linux__

#include "base/mem.h"
#include "os/file.h"
#include "os/task.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Headers are often older than kernels, so constants of later versions are defined here. */
struct ruleset {
	uint64_t files, ports, scopes;
};
struct port_rule {
	uint64_t allowed, port;
};
enum {
	FS_EXECUTE = 1 << 0,
	FS_WRITE_FILE = 1 << 1,
	FS_READ_FILE = 1 << 2,
	FS_READ_DIR = 1 << 3,
	FS_REMOVE_FILE = 1 << 5,
	FS_MAKE_REG = 1 << 8,
	FS_TRUNCATE = 1 << 14,
	OF_A_FILE = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE,
	TO_READ = FS_READ_FILE | FS_READ_DIR,
	TO_MAKE = FS_WRITE_FILE | FS_MAKE_REG,
	TO_CHANGE = TO_READ | FS_WRITE_FILE | FS_REMOVE_FILE | FS_MAKE_REG | FS_TRUNCATE,
	NET_BIND = 1 << 0,
	NET_CONNECT = 1 << 1,
	NET_ALL = NET_BIND | NET_CONNECT,
	SCOPE_ALL = 3, /* abstract sockets of others, and signals to them */
	RULE_PORT = 2,
	ALL_THREADS = 1 << 3, /* LANDLOCK_RESTRICT_SELF_TSYNC, no_new_privs with it */
	ALL_THREADS_VERSION = 8,
};

/* What libc reads to look up names and load modules for that, for the time, and for messages. */
static const char *const system_files[] = {
	"/lib",
	"/lib64",
	"/usr/lib",
	"/usr/lib64",
	"/usr/local/lib",
	"/etc/ld.so.cache",
	"/etc/resolv.conf",
	"/etc/hosts",
	"/etc/host.conf",
	"/etc/nsswitch.conf",
	"/etc/gai.conf",
	"/etc/services",
	"/etc/protocols",
	"/usr/share/locale",
	"/run/systemd/resolve",
	"/dev/null",
	"/dev/urandom",
	NULL,
};

/* What is needed until the end: the time, and files that a leak checker reads. */
static const char *const last_files[] = {
	"/etc/localtime",
	"/usr/share/zoneinfo",
#ifdef __SANITIZE_ADDRESS__
	"/proc",
#endif
	NULL,
};

unsigned sandbox_version(void)
{
	long n = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return n < 0 ? 0 : (unsigned)n;
}

/* Everything that this kernel can forbid. */
static struct ruleset everything(unsigned version)
{
	unsigned rights = version < 2 ? 13 : version < 3 ? 14 : version < 5 ? 15 : 16;

	return (struct ruleset) {
		.files = (1u << rights) - 1,
		.ports = version < 4 ? 0 : NET_ALL,
		.scopes = version < 6 ? 0 : SCOPE_ALL,
	};
}

/* Once true, every new thread inherits the restrictions. */
static bool is_confined;

/*
 * A thread that was left behind keeps its rights, unless the kernel confines all threads together.
 * If one is still at work, the process ends here.
 */
static void refuse_company(unsigned version)
{
	if (!is_confined && tasks_left() && version < ALL_THREADS_VERSION)
		verdict_end("something that is still waited for could not be confined; nothing was "
			    "sent, try again later");
}

/* Returns -1 if this kernel can forbid nothing. */
static int make_ruleset(unsigned version, struct ruleset *ret_all)
{
	*ret_all = everything(version);
	size_t size = ret_all->scopes ? sizeof(*ret_all) : ret_all->ports ? 16 : 8;
	return version ? (int)syscall(SYS_landlock_create_ruleset, ret_all, size, 0) : -1;
}

/* A path that does not exist needs no permission. */
static void allow_path(int rules, const struct ruleset *all, const char *path, unsigned rights)
{
	int fd CLEAN_UP(file_close_at) = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = { .allowed_access = rights & all->files,
		.parent_fd = fd };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return;
	if (!S_ISDIR(st.st_mode))
		rule.allowed_access &= OF_A_FILE;
	(void)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}

static void allow_reading(int rules, const struct ruleset *all, const char *const *paths)
{
	for (size_t i = 0; paths && paths[i]; i++)
		allow_path(rules, all, paths[i], TO_READ);
}

static bool restrict_to(int rules, unsigned version)
{
	unsigned flags = tasks_left() && version >= ALL_THREADS_VERSION ? ALL_THREADS : 0;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		syscall(SYS_landlock_restrict_self, rules, flags) == 0)
		return true;
	log_note("this process cannot be confined: %s", strerror(errno));
	return false;
}

void sandbox_privileges(void)
{
	refuse_company(0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	is_confined = true;
}

void sandbox_talk(const struct sandbox_options *options)
{
	unsigned version = sandbox_version();
	struct ruleset all;
	int rules CLEAN_UP(file_close_at) = make_ruleset(version, &all);

	refuse_company(version);
	if (rules < 0) {
		sandbox_privileges();
		return;
	}
	allow_reading(rules, &all, system_files);
	allow_reading(rules, &all, last_files);
	allow_reading(rules, &all, options->read);
	if (options->folder)
		allow_path(rules, &all, options->folder, TO_CHANGE);
	if (options->keep)
		allow_path(rules, &all, options->keep, TO_MAKE);
	for (size_t i = 0; all.ports && i < options->port_count; i++) {
		struct port_rule rule = { NET_CONNECT, options->ports[i] };
		(void)syscall(SYS_landlock_add_rule, rules, RULE_PORT, &rule, 0);
	}
	if (all.ports && options->source) {
		struct port_rule any = { NET_BIND, 0 };
		(void)syscall(SYS_landlock_add_rule, rules, RULE_PORT, &any, 0);
	}
	if (!restrict_to(rules, version))
		refuse_company(0);
	is_confined = true;
}

void sandbox_record(void)
{
	unsigned version = sandbox_version();
	struct ruleset all;
	int rules CLEAN_UP(file_close_at) = make_ruleset(version, &all);

	if (rules < 0)
		return;
	allow_reading(rules, &all, last_files);
	(void)restrict_to(rules, version);
}

#else

unsigned sandbox_version(void)
{
	return 0;
}

void sandbox_privileges(void)
{
}

void sandbox_talk(const struct sandbox_options *options)
{
	(void)options;
}

void sandbox_record(void)
{
}

#endif
