/* SPDX-License-Identifier: MIT */
#include "cred/cred.h"

#include "base/buf.h"
#include "sys/file.h"
#include "sys/proc.h"
#include "sys/tty.h"

enum found { FOUND_NOTHING, FOUND_IT, FOUND_FAILURE };

static enum found configured(const struct cred_terms *terms, struct secret *ret, struct err *e)
{
	(void)e;
	if (!terms->password || !secret_is_set(terms->password))
		return FOUND_NOTHING;
	secret_copy(ret, terms->password);
	return FOUND_IT;
}

static bool first_line(const char *path, struct str text, struct secret *ret, struct err *e)
{
	struct str line = str_chop(str_cut(&text, '\n'), '\r');

	if (!line.len)
		return err_set(e, ERR_CONFIG, "%s: its first line is empty", path);
	if (str_find(line, '\0') < line.len)
		return err_set(e, ERR_CONFIG, "%s: its first line has a NUL", path);
	return secret_set(ret, line.p, line.len) ||
	       err_set(e, ERR_CONFIG, "%s: its first line is too long", path);
}

static bool read_file(const char *path, struct secret *ret, struct err *e)
{
	struct buf text CLEAN_UP(buf_wipe_done) = BUF_INIT(SECRET_MAX + 4096);
	struct file_facts facts;

	buf_reserve(&text, text.limit);
	if (!file_read(path, &text, &facts, e)) {
		e->kind = ERR_CONFIG;
		return err_hint(e, "its first line has to be the password (chmod 600)");
	}
	return file_check_rights(path, &facts, true, e) && first_line(path, buf_str(&text), ret, e);
}

static enum found in_file(const struct cred_terms *terms, struct secret *ret, struct err *e)
{
	if (!terms->password_file || !terms->password_file[0])
		return FOUND_NOTHING;
	if (read_file(terms->password_file, ret, e))
		return FOUND_IT;
	err_in(e, "password_file");
	return FOUND_FAILURE;
}

static enum found evaluated(const struct cred_terms *terms, struct secret *ret, struct err *e)
{
	deadline until = deadline_in((int64_t)CRED_SECONDS * 1000);

	if (!terms->passwordeval || !terms->passwordeval[0])
		return FOUND_NOTHING;
	if (proc_first_line(terms->passwordeval, until, ret, e))
		return FOUND_IT;
	err_in(e, "passwordeval");
	err_hint(e, "try the command at a prompt; the first line it prints is the password");
	return FOUND_FAILURE;
}

static enum found asked(const struct cred_terms *terms, struct secret *ret, struct err *e)
{
	struct buf question CLEAN_UP(buf_done) = BUF_INIT(1000);

	if (!tty_is_there())
		return FOUND_NOTHING;
	buf_add(&question, STR("Password for "));
	buf_printable(&question, str_of(terms->user));
	buf_add(&question, STR(" at "));
	buf_printable(&question, str_of(terms->host));
	buf_add(&question, STR(": "));
	if (tty_ask(buf_text(&question), CRED_SECONDS, ret, e))
		return FOUND_IT;
	err_hint(e, "a line passwordeval COMMAND or password_file FILE saves typing it");
	return FOUND_FAILURE;
}

bool cred_find(const struct cred_terms *terms, struct secret *ret, struct err *e)
{
	static enum found (*const sources[])(
		const struct cred_terms *terms, struct secret *ret, struct err *e) = {
		configured,
		in_file,
		evaluated,
		asked,
	};

	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		enum found got = sources[i](terms, ret, e);
		if (got != FOUND_NOTHING)
			return got == FOUND_IT;
	}
	err_set(e, ERR_CONFIG, "auth is on and no password was found");
	return err_hint(e, "add a line: passwordeval COMMAND, or password_file FILE (chmod 600)");
}
