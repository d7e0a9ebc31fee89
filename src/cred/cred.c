/* SPDX-License-Identifier: MIT */
#include "cred/cred.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/printable.h"
#include "cred/netrc.h"
#include "os/file.h"
#include "os/process.h"
#include "os/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum found { FOUND_NOTHING, FOUND_IT, FOUND_FAILURE };

static enum found configured(const struct cred_options *options, struct secret *ret, struct err *e)
{
	(void)e;
	if (!options->password || !secret_is_set(options->password))
		return FOUND_NOTHING;
	secret_copy(ret, options->password);
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

static const char file_line[] = "line password_file FILE";

/* source: what names the file, for the hint. */
static bool read_file(const char *path, const char *source, struct secret *ret, struct err *e)
{
	struct buf text CLEAN_UP(buf_wipe_done) = BUF_INIT(SECRET_MAX + 4096);
	struct file_facts facts;

	buf_reserve(&text, text.limit);
	if (!file_read(path, &text, &facts, e)) {
		err_become(e, ERR_CONFIG);
		return e->hint[0] ? false
				  : err_hint(e,
					    "put the password into its first line (chmod 600), or "
					    "correct the %s",
					    source);
	}
	return file_permissions_check(path, &facts, true, e) &&
	       first_line(path, buf_str(&text), ret, e);
}

static enum found in_file(const struct cred_options *options, struct secret *ret, struct err *e)
{
	if (!options->password_file || !options->password_file[0])
		return FOUND_NOTHING;
	if (read_file(options->password_file,
		    options->by_option ? "option --password-file=FILE" : file_line, ret, e))
		return FOUND_IT;
	err_in(e, options->by_option ? "--password-file" : "password_file");
	return FOUND_FAILURE;
}

static enum found evaluated(const struct cred_options *options, struct secret *ret, struct err *e)
{
	deadline until = deadline_in((int64_t)CRED_SECONDS * 1000);

	if (!options->passwordeval || !options->passwordeval[0])
		return FOUND_NOTHING;
	if (process_first_line(options->passwordeval, until, ret, e))
		return FOUND_IT;
	err_in(e, options->by_option ? "--passwordeval" : "passwordeval");
	err_hint(e, "run the command at a prompt%s; the first line it prints has to be the %s",
		options->by_option ? "" : " (" ERR_SHOW " shows it)",
		options->token ? "token" : "password");
	return FOUND_FAILURE;
}

/* --- sources that need no configuration --- */

/* The configuration does not name this source, so the log does. */
static enum found found_in(const char *what)
{
	log_note("the password is from %s", what);
	return FOUND_IT;
}

static enum found in_credential(const char *name, struct secret *ret, struct err *e)
{
	const char *folder = getenv("CREDENTIALS_DIRECTORY");
	char *path CLEAN_UP(mem_free_at) = mem_fmt("%s/%s", folder ? folder : "", name);

	if (!folder || folder[0] != '/' || strchr(name, '/') || !file_is_there(path))
		return FOUND_NOTHING;
	if (read_file(path, file_line, ret, e))
		return found_in(path);
	err_in(e, "credential of systemd");
	return FOUND_FAILURE;
}

static enum found from_systemd(
	const struct cred_options *options, struct secret *ret, struct err *e)
{
	char *name CLEAN_UP(mem_free_at) = mem_fmt("postrider.%s", options->account);
	enum found got = options->account[0] ? in_credential(name, ret, e) : FOUND_NOTHING;

	return got == FOUND_NOTHING ? in_credential("postrider", ret, e) : got;
}

static bool has_session_bus(void)
{
	const char *address = getenv("DBUS_SESSION_BUS_ADDRESS");
	const char *folder = getenv("XDG_RUNTIME_DIR");
	char *bus CLEAN_UP(mem_free_at) = mem_fmt("%s/bus", folder ? folder : "");

	return (address && address[0]) || (folder && folder[0] == '/' && file_is_there(bus));
}

static bool is_in_path(const char *program)
{
	struct str path = str_of(getenv("PATH"));

	while (path.len) {
		struct str folder = str_cut(&path, ':');
		char *file CLEAN_UP(mem_free_at) = mem_fmt("%.*s/%s", STR_ARG(folder), program);
		if (folder.len && folder.p[0] == '/' && access(file, X_OK) == 0)
			return true;
	}
	return false;
}

/* Adds text as one word, quoted for the shell. */
static void add_quoted(struct buf *out, const char *text)
{
	buf_char(out, '\'');
	for (; *text; text++)
		if (*text == '\'')
			buf_add(out, STR("'\\''"));
		else
			buf_char(out, *text);
	buf_char(out, '\'');
}

static bool has_keyring(const struct cred_options *options)
{
	return options->user[0] && has_session_bus() && is_in_path("secret-tool");
}

/* A keyring that is locked or has no entry for us counts as no source. */
static enum found in_keyring(const struct cred_options *options, struct secret *ret, struct err *e)
{
	struct buf command CLEAN_UP(buf_done) = BUF_INIT(8192);
	deadline until = deadline_in((int64_t)CRED_KEYRING_SECONDS * 1000);

	if (!has_keyring(options))
		return FOUND_NOTHING;
	buf_add(&command, STR("exec secret-tool lookup service smtp host "));
	add_quoted(&command, options->host);
	buf_add(&command, STR(" user "));
	add_quoted(&command, options->user);
	buf_add(&command, STR(" 2>/dev/null"));
	if (command.over || !process_first_line(buf_text(&command), until, ret, e))
		return FOUND_NOTHING;
	return found_in("the keyring");
}

static const char system_netrc[] = "/etc/netrc";

/* Says nothing of what it found. */
static enum found read_netrc(
	const char *path, const struct cred_options *options, struct secret *ret, struct err *e)
{
	struct buf text CLEAN_UP(buf_wipe_done) = BUF_INIT(1 << 20);
	struct file_facts facts;

	if (!options->user[0] || !file_is_there(path))
		return FOUND_NOTHING;
	buf_reserve(&text, text.limit);
	if (!file_read(path, &text, &facts, e)) {
		if (e->kind == ERR_TEMPORARY)
			return FOUND_FAILURE;
		log_note("%s", e->what);
		return FOUND_NOTHING;
	}
	if (!netrc_find(buf_str(&text), str_of(options->host), str_of(options->user), ret))
		return FOUND_NOTHING;
	if (file_permissions_check(path, &facts, true, e))
		return FOUND_IT;
	secret_done(ret);
	return FOUND_FAILURE;
}

static enum found in_netrc(
	const char *path, const struct cred_options *options, struct secret *ret, struct err *e)
{
	enum found got = read_netrc(path, options, ret, e);

	return got == FOUND_IT ? found_in(path) : got;
}

static char *own_netrc(const struct cred_options *options)
{
	return options->home ? mem_fmt("%s/.netrc", options->home) : NULL;
}

static enum found in_own_netrc(
	const struct cred_options *options, struct secret *ret, struct err *e)
{
	char *path CLEAN_UP(mem_free_at) = own_netrc(options);

	return path ? in_netrc(path, options, ret, e) : FOUND_NOTHING;
}

static enum found in_system_netrc(
	const struct cred_options *options, struct secret *ret, struct err *e)
{
	return in_netrc(system_netrc, options, ret, e);
}

static enum found asked(const struct cred_options *options, struct secret *ret, struct err *e)
{
	struct buf question CLEAN_UP(buf_done) = BUF_INIT(1000);

	if (options->optional || !terminal_is_there())
		return FOUND_NOTHING;
	buf_fmt(&question, "%s for ", options->token ? "Token" : "Password");
	printable_add(&question, str_of(options->user));
	buf_add(&question, STR(" at "));
	printable_add(&question, str_of(options->host));
	buf_add(&question, STR(": "));
	if (terminal_ask(buf_text(&question), CRED_SECONDS, ret, e))
		return FOUND_IT;
	err_hint(e, "a line passwordeval COMMAND or password_file FILE saves typing it");
	return FOUND_FAILURE;
}

static const struct {
	enum found (*find)(const struct cred_options *options, struct secret *ret, struct err *e);
	const char *name, *option; /* option: if it was on the command line; NULL: the same */
} sources[] = {
	[CRED_NONE] = { NULL, "nowhere" },
	[CRED_SETTING] = { configured, "the line password" },
	[CRED_FILE] = { in_file, "the line password_file", "the option --password-file" },
	[CRED_COMMAND] = { evaluated, "the line passwordeval", "the option --passwordeval" },
	[CRED_SYSTEMD] = { from_systemd, "the systemd credential" },
	[CRED_KEYRING] = { in_keyring, "the keyring" },
	[CRED_NETRC] = { in_own_netrc, "~/.netrc" },
	[CRED_SYSTEM_NETRC] = { in_system_netrc, "/etc/netrc" },
	[CRED_TERMINAL] = { asked, "the terminal" },
};
_Static_assert(ARRAY_LEN(sources) == CRED_SOURCES, "one row per source");

const char *cred_source_name(enum cred_source source, bool by_option)
{
	return by_option && sources[source].option ? sources[source].option : sources[source].name;
}

void cred_done(struct cred *c)
{
	secret_done(&c->secret);
}

bool cred_check_netrc(const struct cred_options *options, bool *ret_nowhere, struct err *e)
{
	char *own CLEAN_UP(mem_free_at) = own_netrc(options);
	const char *const paths[] = { own, system_netrc };
	enum found got = FOUND_NOTHING;
	struct secret found = { 0 };

	*ret_nowhere = false;
	if (secret_is_set(options->password) || str_given(options->password_file) ||
		str_given(options->passwordeval))
		return true;
	got = from_systemd(options, &found, e);
	for (size_t i = 0; i < ARRAY_LEN(paths) && got == FOUND_NOTHING; i++)
		if (paths[i])
			got = read_netrc(paths[i], options, &found, e);
	secret_done(&found);
	*ret_nowhere = got == FOUND_NOTHING && !has_keyring(options);
	return got != FOUND_FAILURE;
}

bool cred_find(const struct cred_options *options, struct cred *ret, struct err *e)
{
	ret->token = options->token;
	for (unsigned i = CRED_NONE + 1; i < CRED_SOURCES; i++) {
		enum found got = sources[i].find(options, &ret->secret, e);
		if (got == FOUND_IT)
			ret->source = (enum cred_source)i;
		if (got != FOUND_NOTHING)
			return got == FOUND_IT;
	}
	if (options->optional)
		return true;
	err_set(e, ERR_CONFIG, "auth is on and no %s was found for %s at %s",
		options->token ? "token" : "password", options->user, options->host);
	return err_hint(
		e, options->by_option
			   ? "give --passwordeval a command, or --password-file a file"
			   : "add a line: passwordeval COMMAND, or password_file FILE (chmod 600)");
}
