/* SPDX-License-Identifier: MIT */
/*
 * cli - the command line.
 *
 * Options are rows of option.def and, as --name, the settings that others may see. Values may be
 * glued or separate, letters clustered (-ti); long names may be cut as long as one begins so;
 * options may follow recipients; `--` ends them. Under the name sendmail only sendmail's own
 * letters and -a are known and the first recipient ends the options: web programs pass their users'
 * text through. What the values of sendmail's options mean is for conf/sendmail_options to say. CR,
 * LF and control characters are refused in every argument but a command and the text of --body;
 * everything wrong is ERR_USAGE and names the argument. An empty argument is no recipient.
 */
#ifndef CONF_CLI_H
#define CONF_CLI_H

#include "conf/option.h"
#include "conf/setting.h"

enum cli_mode {
	CLI_SEND,        /* -bm */
	CLI_SERVE,       /* -bs */
	CLI_QUEUE_LIST,  /* -bp, --mailq */
	CLI_QUEUE_RUN,   /* -q, --flush */
	CLI_ALIASES,     /* -bi, -I */
	CLI_VERIFY,      /* -bv */
	CLI_CHECK_FILES, /* -bC */
	CLI_MODES,
};

enum cli_help { CLI_HELP_SHORT, CLI_HELP_ALL, CLI_HELP_SETTINGS };
enum cli_list { CLI_LIST_NOTHING, CLI_LIST_ACCOUNTS, CLI_LIST_SENDERS };
enum cli_progress { CLI_PROGRESS_AUTO, CLI_PROGRESS_ON, CLI_PROGRESS_OFF };

/* What one option said; text is borrowed from argv. */
struct cli_said {
	enum option_id id;
	const char *text;
};

struct cli {
	bool seen[OPTION_COUNT];
	enum cli_mode mode;
	const char *config, *account, *from; /* NULL: not given; borrowed from argv */
	const char *import;                  /* --import: a file, a folder or "-"; or NULL */
	const char *rmqs;          /* --rmqs: HOST, @DOMAIN or #QUEUE (RFC 1985); or NULL */
	char *envid;               /* -V as xtext; NULL: not given */
	unsigned verbose;          /* how many -v */
	bool eightbit;             /* -B 8BITMIME */
	bool requiretls, smtputf8; /* asked for by -O */
	bool quiet;                /* -oeq: the status alone tells of a failure */
	struct settings settings;
	enum cli_progress progress;
	enum cli_list list;
	enum cli_help help;  /* where OPTION_HELP was seen */
	const char *message; /* --message; NULL: not given */
	struct cli_said
		*compose; /* the options of OF_COMPOSE, in their order (conf/compose_options) */
	size_t compose_count;
	const char **recipients; /* as written; borrowed */
	size_t count;
};

/*
 * usual: the mode where no option names one; of those that do the last counts. What *ret held
 * before is not looked at; cli_done() is due after a failure too.
 */
bool cli_parse(
	struct cli *ret, char *const *argv, bool as_sendmail, enum cli_mode usual, struct err *e);
void cli_done(struct cli *cli);

#endif
