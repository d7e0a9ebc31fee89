/* SPDX-License-Identifier: MIT */
#include "conf/cli.h"

#include "base/log.h"
#include "base/printable.h"
#include "conf/sendmail_options.h"
#include "conf/value.h"
#include "mail/dsn.h"

#include <string.h>

void cli_done(struct cli *cli)
{
	mem_free(cli->recipients);
	mem_free(cli->compose);
	mem_free(cli->envid);
	settings_done(&cli->settings);
}

struct parser {
	struct cli *cli;
	char *const *next; /* arguments not looked at */
	bool as_sendmail;
	bool wants_version; /* -d0.1 */
};

/* A list of so many elements, with room for one more. */
static void *room(void *list, size_t count, size_t size)
{
	/* It is full at 0, 1, 3, 7, ...: the next power then. */
	return count & (count + 1) ? list : mem_grow(list, 2 * (count + 1) * size);
}

/* before and behind: the words around the argument. */
static bool usage(struct err *e, const char *before, struct str arg, const char *behind)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(400);

	printable_add(&shown, str_head(arg, 80));
	err_set(e, ERR_USAGE, "%s%s%s", before, buf_text(&shown), behind);
	return err_hint(e, "postrider --help lists the options");
}

/* Nothing that could end a command line or a log line. */
static bool check_argument(struct str arg, struct err *e)
{
	return !str_has_ctl(arg) || usage(e, "a control character in an argument: ", arg, "");
}

/* The text of a message has lines. */
static bool check_option_value(enum option_id id, const char *value, struct err *e)
{
	return id == OPTION_BODY || check_argument(str_of(value), e);
}

static bool take_mode(struct cli *cli, const char *value, struct err *e)
{
	static const char letters[] = {
		[CLI_SEND] = 'm',
		[CLI_SERVE] = 's',
		[CLI_QUEUE_LIST] = 'p',
		[CLI_QUEUE_RUN] = '\0',
		[CLI_ALIASES] = 'i',
		[CLI_CHECK_FILES] = 'C',
		[CLI_VERIFY] = 'v',
	};
	_Static_assert(sizeof(letters) == CLI_MODES, "one row per mode");

	for (unsigned i = 0; i < CLI_MODES; i++)
		if (letters[i] && value[0] == letters[i] && !value[1]) {
			cli->mode = (enum cli_mode)i;
			return true;
		}
	return sendmail_no_mode(value, e);
}

static bool assign(struct parser *p, enum setting_id id, struct str value, struct err *e)
{
	if (settings_assign(&p->cli->settings, setting_row(id), value, e))
		return true;
	e->kind = ERR_USAGE;
	return false;
}

/*
 * -d0.1 asks sendmail for its version, which is printed where no message is sent. Any other level
 * is our -v; not for callers of sendmail, to whom output is a failure.
 */
static bool take_debug(struct parser *p, const char *level)
{
	if (level && strcmp(level, "0.1") == 0)
		p->wants_version = true;
	else if (!p->as_sendmail)
		p->cli->verbose++;
	return true;
}

/* RFC 6152; callers say other things here too, and mean no harm. */
static bool take_body_type(struct cli *cli, const char *type)
{
	struct buf shown CLEAN_UP(buf_done) = BUF_INIT(200);

	cli->eightbit = str_same(str_of(type), STR("8BITMIME"));
	if (cli->eightbit || str_same(str_of(type), STR("7BIT")))
		return true;
	printable_add(&shown, str_head(str_of(type), 40));
	log_warning("-B %s: must be 7BIT or 8BITMIME; the message is examined instead",
		buf_text(&shown));
	return true;
}

static bool take_envid(struct cli *cli, const char *text, struct err *e)
{
	struct buf xtext CLEAN_UP(buf_done) = BUF_INIT(DSN_ENVID_MAX);

	if (!dsn_envid(str_of(text), &xtext, e))
		return err_in(e, "option -V");
	mem_free(cli->envid);
	cli->envid = buf_take(&xtext);
	return true;
}

static bool take_meaning(struct cli *cli, struct sendmail_meaning meaning)
{
	bool *const members[] = {
		[SENDMAIL_NOTHING] = NULL,
		[SENDMAIL_IGNORE_DOTS] = &cli->seen[OPTION_IGNORE_DOTS],
		[SENDMAIL_QUIET] = &cli->quiet,
		[SENDMAIL_REQUIRETLS] = &cli->requiretls,
		[SENDMAIL_SMTPUTF8] = &cli->smtputf8,
	};
	_Static_assert(ARRAY_LEN(members) == SENDMAIL_EFFECTS, "each effect has its member");

	if (members[meaning.effect])
		*members[meaning.effect] = meaning.on;
	return true;
}

static bool take_sendmail_option(struct cli *cli, const char *text, struct err *e)
{
	struct sendmail_meaning meaning;

	return sendmail_option(text, &meaning, e) && take_meaning(cli, meaning);
}

static bool set_mode(struct cli *cli, enum cli_mode mode)
{
	cli->mode = mode;
	return true;
}

/* ETRN's argument (RFC 1985 section 5.2): a host, "@" domain or "#" queue, as it is sent. */
static bool take_rmqs(struct cli *cli, const char *node, struct err *e)
{
	size_t len = strlen(node), sign = node[0] == '@' || node[0] == '#';
	bool good = len > sign && len <= VALUE_NAME_OCTETS;

	for (size_t i = 0; i < len; i++)
		good &= node[i] > ' ' && node[i] < 0x7f;
	cli->rmqs = node;
	return good || usage(e, "--rmqs ", str_of(node),
			       ": must be a host, @DOMAIN or #QUEUE without blanks");
}

/* Which one of those words it is; NULL ends them, and an empty one cannot be given. */
static bool take_choice(const char *const *words, const char *option, const char *word,
	unsigned *ret, struct err *e)
{
	struct buf must_be CLEAN_UP(buf_done) = BUF_INIT(200);

	for (unsigned i = 0; words[i]; i++) {
		if (!words[i][0])
			continue;
		*ret = i;
		if (strcmp(word, words[i]) == 0)
			return true;
		const char *before = words[i + 1] ? ", " : " or ";
		buf_fmt(&must_be, "%s%s", must_be.len ? before : ": must be ", words[i]);
	}
	return usage(e, option, str_of(word), buf_text(&must_be));
}

static bool take_progress(struct cli *cli, const char *word, struct err *e)
{
	static const char *const words[] = {
		[CLI_PROGRESS_AUTO] = "auto",
		[CLI_PROGRESS_ON] = "on",
		[CLI_PROGRESS_OFF] = "off",
		NULL,
	};
	unsigned which;

	if (!take_choice(words, "--progress=", word, &which, e))
		return false;
	cli->progress = (enum cli_progress)which;
	return true;
}

static bool take_list(struct cli *cli, const char *word, struct err *e)
{
	static const char *const words[] = {
		[CLI_LIST_NOTHING] = "",
		[CLI_LIST_ACCOUNTS] = "accounts",
		[CLI_LIST_SENDERS] = "senders",
		NULL,
	};
	unsigned which;

	if (!take_choice(words, "--list=", word, &which, e))
		return false;
	cli->list = (enum cli_list)which;
	return true;
}

static bool take_help(struct cli *cli, const char *word, struct err *e)
{
	static const char *const words[] = {
		[CLI_HELP_SHORT] = "",
		[CLI_HELP_ALL] = "all",
		[CLI_HELP_SETTINGS] = "settings",
		NULL,
	};
	unsigned which = CLI_HELP_SHORT;

	if (word && !take_choice(words, "--help=", word, &which, e))
		return false;
	cli->help = (enum cli_help)which;
	return true;
}

static bool take_message(struct cli *cli, const char *path, struct err *e)
{
	if (cli->message)
		return err_set(e, ERR_USAGE, "--message is given twice, and one message is sent");
	cli->message = path;
	return true;
}

/* The options that say what a message is made of mean something together only. */
static bool take_compose(struct cli *cli, enum option_id id, const char *value)
{
	size_t n = cli->compose_count;

	cli->compose = room(cli->compose, n, sizeof(*cli->compose));
	cli->compose[cli->compose_count++] = (struct cli_said) { id, value };
	return true;
}

/* What only callers of sendmail say. */
static bool take_sendmail(struct cli *cli, enum option_id id, const char *value, struct err *e)
{
	switch (id) {
	case OPTION_MODE:
		return take_mode(cli, value, e);
	case OPTION_QUEUE_LIST:
		return set_mode(cli, CLI_QUEUE_LIST);
	case OPTION_QUEUE_RUN:
		return sendmail_queue_run(value, e) && set_mode(cli, CLI_QUEUE_RUN);
	case OPTION_ALIASES:
		return set_mode(cli, CLI_ALIASES);
	case OPTION_ERROR_MODE:
		return take_meaning(cli, sendmail_error_mode(value));
	case OPTION_SENDMAIL_A:
		return sendmail_submission_mode(value, e);
	case OPTION_SENDMAIL_O:
		return take_meaning(cli, sendmail_letter(value));
	case OPTION_SENDMAIL_OO:
		return take_sendmail_option(cli, value, e);
	default:
		return true;
	}
}

static bool take_value(struct parser *p, enum option_id id, const char *value, struct err *e)
{
	struct cli *cli = p->cli;

	switch (id) {
	case OPTION_CONFIG:
		cli->config = value;
		return true;
	case OPTION_ACCOUNT:
		cli->account = value;
		return true;
	case OPTION_FROM:
	case OPTION_FROM_R:
		cli->from = value;
		return true;
	case OPTION_PROGRESS:
		return take_progress(cli, value, e);
	case OPTION_LIST:
		return take_list(cli, value, e);
	case OPTION_HELP:
		return take_help(cli, value, e);
	case OPTION_MESSAGE:
		return take_message(cli, value, e);
	case OPTION_VERBOSE:
		cli->verbose++;
		return true;
	case OPTION_IPV4:
		return assign(p, SETTING_ID_address_family, STR("ipv4"), e);
	case OPTION_IPV6:
		return assign(p, SETTING_ID_address_family, STR("ipv6"), e);
	case OPTION_ALL_OR_NONE:
		return assign(p, SETTING_ID_partial, STR("off"), e);
	case OPTION_BODY_TYPE:
		return take_body_type(cli, value);
	case OPTION_IMPORT:
		cli->import = value;
		return true;
	case OPTION_ENVID:
		return take_envid(cli, value, e);
	case OPTION_RMQS:
		return take_rmqs(cli, value, e);
	case OPTION_DEBUG:
		return take_debug(p, value);
	default:
		return take_sendmail(cli, id, value, e);
	}
}

static bool apply(struct parser *p, enum option_id id, const char *value, struct err *e)
{
	static const struct {
		enum option_id id;
		enum setting_id setting;
	} settings[] = {
		{ OPTION_FULL_NAME, SETTING_ID_from_full_name },
		{ OPTION_LOGFILE, SETTING_ID_logfile },
		{ OPTION_DSN_NOTIFY, SETTING_ID_dsn_notify },
		{ OPTION_DSN_RETURN, SETTING_ID_dsn_return },
	};

	if (p->as_sendmail && option_row(id)->flags & OF_NOT_SENDMAIL)
		return true;
	p->cli->seen[id] = true;
	if (option_row(id)->flags & OF_COMPOSE)
		return take_compose(p->cli, id, value);
	for (size_t i = 0; i < ARRAY_LEN(settings); i++)
		if (settings[i].id == id)
			return assign(p, settings[i].setting, str_of(value), e) ||
			       err_in(e, "option -%c", option_row(id)->letter);
	return take_value(p, id, value, e);
}

/* The argument of an option: what is glued on, else the next one. */
static bool option_argument(
	struct parser *p, struct str option, const char *glued, const char **ret, struct err *e)
{
	*ret = glued ? glued : *p->next;
	if (!*ret)
		return usage(e, "option ", option, " needs an argument");
	if (!glued)
		p->next++;
	return true;
}

static bool refuse_letter(const struct parser *p, char letter, struct err *e)
{
	char option[] = { '-', letter, '\0' };

	if (letter == 'C' && p->as_sendmail) {
		err_set(e, ERR_USAGE, "-C is not allowed under the name sendmail");
		return err_hint(e, "choose an account with -a NAME, or call it by its own name: "
				   "postrider -C FILE");
	}
	if (letter == 'c') {
		err_set(e, ERR_USAGE, "unknown option: -c");
		return err_hint(e, "did you mean --cc ADDRESS? a copy has no letter here");
	}
	return usage(e, "unknown option: ", str_of(option), "");
}

static bool is_known(const struct parser *p, const struct option_row *row)
{
	return p->as_sendmail ? row->flags & OF_SENDMAIL : !(row->flags & OF_ONLY_SENDMAIL);
}

static const struct option_row *find_letter(const struct parser *p, char letter)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = option_row((enum option_id)i);
		if (row->letter == letter && is_known(p, row))
			return row;
	}
	return NULL;
}

static bool is_optional(const struct option_row *row)
{
	return row->arg[0] == '[';
}

/*
 * A long option with one dash: its letters would be other options, the rest of it a sender or a
 * subject, and its argument a recipient. Some words are options of other programs alone.
 */
static bool check_dashes(const struct parser *p, const char *letters, struct err *e)
{
	static const char *const others[][2] = { { "sender", "from" }, { "reply-to", "header" },
		{ "reply_to", "header" }, { "verify", NULL }, { "serverinfo", NULL } };
	struct str word = str_head(str_of(letters), strcspn(letters, "="));
	bool several;
	const char *found =
		p->as_sendmail || word.len < 2 ? NULL : option_find_name(word, &several);
	bool is_option = found && strlen(found) == word.len;

	for (size_t i = 0; i < ARRAY_LEN(others) && !p->as_sendmail && !is_option; i++) {
		is_option = str_eq(word, str_of(others[i][0]));
		found = others[i][1];
	}
	if (!is_option)
		return true;
	usage(e, "unknown option: ", str_n(letters - 1, word.len + 1), ""); /* the dash included */
	return found && option_hint_dashes(found, e);
}

/* "-ti", "-fme@example.org", "-f" with the next argument */
static bool take_letters(struct parser *p, const char *letters, struct err *e)
{
	if (!check_dashes(p, letters, e))
		return false;
	for (; *letters; letters++) {
		const struct option_row *row = find_letter(p, *letters);
		char option[] = { '-', *letters, '\0' };
		const char *value = NULL;
		if (!row)
			return refuse_letter(p, *letters, e);
		if (!row->arg[0]) {
			if (!apply(p, option_id(row), NULL, e))
				return false;
			continue;
		}
		const char *glued = letters[1] ? letters + 1 : NULL;
		if (is_optional(row))
			value = glued;
		else if (!option_argument(p, str_of(option), glued, &value, e))
			return false;
		return check_option_value(option_id(row), value, e) &&
		       apply(p, option_id(row), value, e);
	}
	return true;
}

/* What is to be written in place of a value is lines in a file, and options here. */
static bool refuse_value(const struct setting_row *row, struct str value, struct err *e)
{
	struct buf options CLEAN_UP(buf_done) = BUF_INIT(ERR_WHAT_MAX);
	char *lines = strstr(e->what, VALUE_ADVICE);

	if (lines) {
		*lines = '\0';
		value_advise(row->name, value, true, &options);
		(void)err_hint(e, "write %s", buf_text(&options));
	}
	return err_in(e, "option");
}

static bool take_setting(struct parser *p, struct str name, const char *glued, struct err *e)
{
	struct str value = str_of(glued);
	const struct setting_row *row = setting_find(name, &value);

	if (!row || row->flags & (SETTING_RC_ONLY | SETTING_NO_OPTION))
		return usage(e, row ? "only allowed in a file: " : "unknown option: ", name, "");
	/* msmtp's form: where a value may be left out, only a glued one is taken. */
	if (!setting_is_glued(row) && !glued) {
		const char *next;
		char *option CLEAN_UP(mem_free_at) = mem_fmt("--%.*s", STR_ARG(name));
		if (!option_argument(p, str_of(option), NULL, &next, e))
			return false;
		value = str_of(next);
		(void)setting_find(name, &value);
	}
	return assign(p, setting_id(row), value, e) || refuse_value(row, value, e);
}

static bool take_option(
	struct parser *p, enum option_id id, struct str arg, const char *glued, struct err *e)
{
	const struct option_row *row = option_row(id);
	const char *value = glued;

	if (!row->arg[0] && glued)
		return usage(e, "option ", arg, " takes no argument");
	if (row->arg[0] && !is_optional(row) && !option_argument(p, arg, glued, &value, e))
		return false;
	return check_option_value(id, value, e) && apply(p, id, value, e);
}

static bool refuse_long(struct str name, const char *arg, bool several, struct err *e)
{
	usage(e, several ? "" : "unknown option: ", str_of(arg), several ? " is ambiguous" : "");
	option_hint_names(name, several, e);
	return false;
}

static bool take_long(struct parser *p, const char *arg, struct err *e)
{
	struct str rest = str_of(arg + 2);
	struct str name = str_cut(&rest, '=');
	const char *glued = strchr(arg, '=') ? rest.p : NULL;
	bool several;

	if (p->as_sendmail)
		return usage(
			e, "under the name sendmail there are no long options: ", str_of(arg), "");
	const char *found = option_find_name(name, &several);
	if (!found)
		return refuse_long(name, arg, several, e);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (option_row((enum option_id)i)->name == found)
			return take_option(p, (enum option_id)i, str_of(arg), glued, e);
	return take_setting(p, str_of(found), glued, e);
}

static bool take_recipient(struct parser *p, const char *arg, struct err *e)
{
	struct cli *cli = p->cli;

	if (!check_argument(str_of(arg), e))
		return false;
	if (!arg[0]) /* nobody, as an empty element of a list is */
		return true;
	cli->recipients = room(cli->recipients, cli->count, sizeof(*cli->recipients));
	cli->recipients[cli->count++] = arg;
	return true;
}

/* One word alone, as people try it. */
static bool asks_for_help(char *const *args)
{
	static const char *const words[] = { "-h", "-?", "help" };

	for (size_t i = 0; args[0] && !args[1] && i < ARRAY_LEN(words); i++)
		if (strcmp(args[0], words[i]) == 0)
			return true;
	return false;
}

/* A message will be read. */
static bool is_sending(const struct cli *cli)
{
	bool named = cli->count || cli->seen[OPTION_READ_RECIPIENTS] || cli->compose_count;

	return cli->mode == CLI_SERVE || (cli->mode == CLI_SEND && named);
}

/* A mode in which nothing is sent takes no recipients: their message would be lost. */
static bool check_recipients(const struct cli *cli, struct err *e)
{
	static const char *const modes[CLI_MODES] = {
		[CLI_QUEUE_LIST] = "-bp (mailq) lists the queue",
		[CLI_QUEUE_RUN] = "-q runs the queue",
		[CLI_ALIASES] = "-bi (newaliases) checks the aliases",
		[CLI_CHECK_FILES] = "-bC checks the configuration",
	};

	if (!modes[cli->mode] || !cli->count)
		return true;
	usage(e, "nothing is sent in this mode, and a recipient is given: ",
		str_of(cli->recipients[0]), "");
	return err_hint(e, "%s; leave the option out to send a message", modes[cli->mode]);
}

bool cli_parse(
	struct cli *ret, char *const *argv, bool as_sendmail, enum cli_mode usual, struct err *e)
{
	struct parser p = { .cli = ret, .next = argv[0] ? argv + 1 : argv };
	bool options = true;

	*ret = (struct cli) { .mode = usual };
	p.as_sendmail = as_sendmail;
	ret->seen[OPTION_HELP] = !as_sendmail && asks_for_help(p.next);
	if (ret->seen[OPTION_HELP])
		return true;
	while (*p.next) {
		const char *arg = *p.next++;
		bool good = true;
		if (!options || arg[0] != '-' || !arg[1]) {
			good = take_recipient(&p, arg, e);
			options = options && !as_sendmail;
		} else if (strcmp(arg, "--") == 0) {
			options = false;
		} else if (arg[1] == '-') {
			good = take_long(&p, arg, e);
		} else {
			good = take_letters(&p, arg + 1, e);
		}
		if (!good)
			return false;
	}
	if (p.wants_version && !is_sending(ret))
		ret->seen[OPTION_VERSION] = true;
	return check_recipients(ret, e);
}
