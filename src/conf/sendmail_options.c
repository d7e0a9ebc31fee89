/* SPDX-License-Identifier: MIT */
#include "conf/sendmail_options.h"

#include "base/buf.h"
#include "base/printable.h"

#include <string.h>

/* sendmail's own idea of a boolean: nothing at all, t, T, y, Y and 1 are true. */
static bool is_true(struct str value)
{
	return !value.len || str_find(STR("tTyY1"), value.p[0]) < 5;
}

static bool is_quiet(struct str mode)
{
	return mode.len && mode.p[0] == 'q';
}

/* The names that -O may give a value to. */
static const struct {
	const char *name;
	enum sendmail_effect effect;
	bool (*is_on)(struct str value); /* NULL: yes or no must be said, and is relied on */
} names[] = {
	{ "IgnoreDots", SENDMAIL_IGNORE_DOTS, is_true },
	{ "ErrorMode", SENDMAIL_QUIET, is_quiet },
	{ "REQUIRETLS", SENDMAIL_REQUIRETLS, NULL },
	{ "SMTPUTF8", SENDMAIL_SMTPUTF8, NULL },
};

static bool read_yes(struct str value, bool *ret)
{
	*ret = str_same(value, STR("yes")) || str_same(value, STR("true"));
	return *ret || str_same(value, STR("no")) || str_same(value, STR("false"));
}

struct sendmail_meaning sendmail_error_mode(const char *mode)
{
	return (struct sendmail_meaning) { SENDMAIL_QUIET, is_quiet(str_of(mode)) };
}

struct sendmail_meaning sendmail_letter(const char *text)
{
	struct str value = str_from(str_of(text), 1);

	if (text[0] == 'i')
		return (struct sendmail_meaning) { SENDMAIL_IGNORE_DOTS, is_true(value) };
	if (text[0] == 'e')
		return (struct sendmail_meaning) { SENDMAIL_QUIET, is_quiet(value) };
	return (struct sendmail_meaning) { SENDMAIL_NOTHING, false };
}

bool sendmail_option(const char *text, struct sendmail_meaning *ret, struct err *e)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(400);
	struct str value = str_of(text);
	struct str name = str_trim(str_cut(&value, '='));
	size_t i = 0;

	value = str_trim(value);
	*ret = (struct sendmail_meaning) { SENDMAIL_NOTHING, false };
	while (i < ARRAY_LEN(names) && !str_same(name, str_of(names[i].name)))
		i++;
	if (i == ARRAY_LEN(names))
		return true;
	ret->effect = names[i].effect;
	if (names[i].is_on) {
		ret->on = names[i].is_on(value);
		return true;
	}
	if (read_yes(value, &ret->on))
		return true;
	printable_add(&shown, str_head(str_of(text), 80));
	err_set(e, ERR_USAGE, "-O %s: the value after \"=\" must be yes or no", buf_text(&shown));
	return err_hint(
		e, "write =yes or =no; with yes, a server that does not offer it gets no message");
}

bool sendmail_queue_run(const char *which, struct err *e)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(400);
	struct str text = str_of(which), subset = text;

	if (!text.len || str_eq(text, STR("f")))
		return true;
	if (text.p[0] == '!')
		subset = str_from(text, 1);
	if (subset.len && str_find(STR("IRS"), subset.p[0]) < 3)
		return true;
	printable_add(&shown, str_head(text, 80));
	if (!chr_is_digit(text.p[0]) && text.p[0] != 'p') {
		err_set(e, ERR_USAGE, "no such choice of messages in a queue: -q%s",
			buf_text(&shown));
		return err_hint(e, "-q and -qf run all of it, -qI, -qR and -qS some of it");
	}
	err_set(e, ERR_USAGE, "this version keeps no queue that could be run at intervals: -q%s",
		buf_text(&shown));
	return err_hint(e,
		"leave -q out: each message is sent while its caller waits, and the status "
		"tells the result");
}

/* mailx's letter for a file is taken for a mode, and the mail would go without it. */
bool sendmail_submission_mode(const char *mode, struct err *e)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(200);

	if (strcmp(mode, "c") == 0 || strcmp(mode, "m") == 0)
		return true;
	printable_add(&shown, str_head(str_of(mode), 40));
	err_set(e, ERR_USAGE, "-A %s: only -Ac and -Am are known, and ignored", buf_text(&shown));
	return err_hint(
		e, "did you mean --attach FILE? postrider attaches a file with that option");
}

/* mailx's letter for a blind copy is taken for a mode. */
static bool refuse_blind_copy(const char *mode, struct err *e)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(200);

	printable_add(&shown, str_head(str_of(mode), 40));
	err_set(e, ERR_USAGE, "there is no such mode: -b %s", buf_text(&shown));
	return err_hint(e, "did you mean --bcc ADDRESS? -b chooses a mode, such as -bv");
}

bool sendmail_no_mode(const char *mode, struct err *e)
{
	static const struct {
		const char *letters, *what, *hint;
	} rows[] = {
		{ "dDl", "this is no daemon, and does not listen for connections",
			"a mail server does; callers on this machine start sendmail for each "
			"message" },
		{ "a", "the old mode for ARPANET is not spoken",
			"programs hand in a message on standard input, or speak SMTP with -bs" },
		{ "t", "there is no address test mode",
			"-bv shows the account, the sender and the recipients" },
		{ "hH", "no status of hosts is kept",
			"postrider -v shows the conversation with the server" },
		{ "P", "there is no count of queued messages", "-bp lists the queue" },
	};
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(400);

	if (strchr(mode, '@'))
		return refuse_blind_copy(mode, e);
	printable_add(&shown, str_head(str_of(mode), 80));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str letters = str_of(rows[i].letters);
		if (!mode[0] || mode[1] || str_find(letters, mode[0]) == letters.len)
			continue;
		err_set(e, ERR_USAGE, "%s: -b%s", rows[i].what, buf_text(&shown));
		return err_hint(e, "%s", rows[i].hint);
	}
	err_set(e, ERR_USAGE, "there is no such mode: -b%s", buf_text(&shown));
	return err_hint(e, "-bm sends a message, -bs speaks SMTP, -bv shows recipients, -bp lists "
			   "the queue, -bi checks the aliases, -bC the configuration");
}
