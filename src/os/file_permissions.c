/* SPDX-License-Identifier: MIT */
#include "os/file_permissions.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_OCTETS = 64 };

void file_permissions_get(int fd, struct file_facts *ret)
{
	struct stat st;
	uid_t me = geteuid();

	if (fstat(fd, &st) != 0)
		return;
	ret->mode = st.st_mode & 07777;
	ret->mine = me != 0 && st.st_uid == me;
	ret->shared = (st.st_mode & 077) != 0;
	ret->stranger = st.st_uid != me && st.st_uid != 0;
	ret->writable = (st.st_mode & 022) != 0;
}

/* Root's file: its rights may be what root wants, so it is used, and told. */
static void warn_of_readers(const char *path)
{
	struct buf word CLEAN_UP(buf_done) = BUF_INIT(2000);

	buf_shell(&word, str_of(path));
	log_warning("everybody may read a secret; run: chmod o-r %s", buf_text(&word));
}

bool file_permissions_check(
	const char *path, const struct file_facts *facts, bool secret, struct err *e)
{
	if (facts->stranger) {
		err_set(e, ERR_CONFIG, "%s: it belongs to another user, who can change it", path);
		return err_hint_about(e, "run: chown root ", path, " (or give it to who uses it)");
	}
	if (facts->mine && facts->shared && secret) {
		err_set(e, ERR_CONFIG, "%s: others may read it (mode %03o)", path, facts->mode);
		return err_hint_about(e, "run: chmod 600 ", path, "");
	}
	if (!facts->writable) {
		if (secret && !facts->mine && facts->mode & 04)
			warn_of_readers(path);
		return true;
	}
	err_set(e, ERR_CONFIG, "%s: others can change it (mode %03o)", path, facts->mode);
	return err_hint_about(e, "run: chmod go-w ", path, "");
}

/* name: of a user or group, or NULL where it has only a number. */
static void take_id(const char *name, unsigned id, char ret[NAME_OCTETS])
{
	if (name && name[0])
		text_fmt(ret, NAME_OCTETS, "%s", name);
	else
		text_fmt(ret, NAME_OCTETS, "%u", id);
}

static void user_name(uid_t uid, char ret[NAME_OCTETS])
{
	const struct passwd *who = getpwuid(uid);

	take_id(who ? who->pw_name : NULL, uid, ret);
}

static void group_name(gid_t gid, char ret[NAME_OCTETS])
{
	const struct group *group = getgrgid(gid);

	take_id(group ? group->gr_name : NULL, gid, ret);
}

void file_permissions_hint(const char *path, struct err *e)
{
	char me[NAME_OCTETS], owner[NAME_OCTETS], group[NAME_OCTETS];
	struct buf word CLEAN_UP(buf_done) = BUF_INIT(sizeof(e->hint) / 2);
	struct stat st;

	user_name(geteuid(), me);
	buf_shell(&word, str_of(path));
	if (stat(path, &st) != 0) {
		err_hint(e, "%s may not enter its folder: namei -l %s shows whose it is", me,
			buf_text(&word));
		return;
	}
	user_name(st.st_uid, owner);
	group_name(st.st_gid, group);
	if (st.st_mode & S_IRGRP && st.st_gid != 0)
		err_hint(e,
			"user %s may not read it; its group may: as root, adduser %s %s, and log "
			"in again",
			me, me, group);
	else
		err_hint(e,
			"user %s may not read it, only %s may; let a group read it, as root: "
			"groupadd -f postrider-mail; chgrp postrider-mail %s; chmod 640 %s; "
			"adduser %s postrider-mail",
			me, owner, buf_text(&word), buf_text(&word), me);
}
