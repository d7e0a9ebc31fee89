/* SPDX-License-Identifier: MIT */
#include "cmd/aliases.h"
#include "cmd/help.h"
#include "cmd/print.h"
#include "cmd/send.h"
#include "cmd/verify.h"
#include "sys/file.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

static int put(struct str text)
{
	struct err e;

	if (print_out(text, &e))
		return EX_OK;
	print_error(&e);
	return err_status(&e);
}

/* There is no queue in this version: nothing is ever kept. */
static int run_queue_list(const struct cli *cli, const struct send_as *as)
{
	(void)cli;
	(void)as;
	return put(STR("Mail queue is empty\n"));
}

static int (*const modes[CLI_MODES])(const struct cli *cli, const struct send_as *as) = {
	[CLI_SEND] = send_run,
	[CLI_QUEUE_LIST] = run_queue_list,
	[CLI_ALIASES] = aliases_run,
	[CLI_VERIFY] = verify_run,
};

/* By the name we are called; the first is for any other name. */
static const struct personality {
	const char *name;
	struct send_as as;
	enum cli_mode mode; /* unless an option names another */
} personalities[] = {
	{ "postrider", { 0 }, CLI_SEND },
	{ "sendmail", { .sendmail = true }, CLI_SEND },
	{ "msmtp", { .msmtp = true }, CLI_SEND },
	{ "mailq", { .sendmail = true }, CLI_QUEUE_LIST },
	{ "newaliases", { .sendmail = true }, CLI_ALIASES },
};

static const struct personality *personality_of(const char *path)
{
	const char *slash = path ? strrchr(path, '/') : NULL;
	const char *name = slash ? slash + 1 : path;

	for (size_t i = 0; name && i < ARRAY_LEN(personalities); i++)
		if (strcmp(personalities[i].name, name) == 0)
			return &personalities[i];
	return &personalities[0];
}

/* Our caller's oddities are not ours: closed descriptors, ignored or blocked signals, a umask. */
static void normalise_process(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, normal = { .sa_handler = SIG_DFL };
	sigset_t none;

	file_secure_std();
	umask(077);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
	sigaction(SIGCHLD, &normal, NULL);
}

static int run(const struct personality *p, const struct cli *cli)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(65536);

	if (cli->seen[OPTION_HELP])
		help_write(&text);
	else if (cli->seen[OPTION_VERSION])
		help_version(&text);
	else if (cli->seen[OPTION_PRETEND])
		return pretend_run(cli, &p->as);
	else if (cli->rmqs)
		return etrn_run(cli, &p->as);
	else
		return modes[cli->mode](cli, &p->as);
	return put(buf_str(&text));
}

int main(int argc, char **argv)
{
	struct cli cli CLEAN_UP(cli_done) = { 0 };
	struct err e;

	normalise_process();
	const struct personality *p = personality_of(argc ? argv[0] : NULL);
	print_init(p->name, false);
	cli.mode = p->mode;
	if (!cli_parse(&cli, argv, p->as.sendmail, &e))
		return send_refused(&cli, &p->as, &e);
	print_init(p->name, cli.seen[OPTION_VERBOSE]);
	return run(p, &cli);
}
