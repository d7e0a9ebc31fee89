/* SPDX-License-Identifier: MIT */
#include "cmd/bs.h"
#include "cmd/check_files.h"
#include "cmd/etrn.h"
#include "cmd/import.h"
#include "cmd/list.h"
#include "cmd/newaliases.h"
#include "cmd/pretend.h"
#include "cmd/send.h"
#include "cmd/show_recipients.h"
#include "os/crash.h"
#include "os/file.h"
#include "os/process.h"
#include "ui/help.h"
#include "ui/print.h"
#include "ui/progress.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>

static int refuse(const struct err *e)
{
	print_error(e);
	return err_status(e);
}

static int print_text(const struct buf *text)
{
	struct err e;

	if (print_out(text, &e))
		return EX_OK;
	return refuse(&e);
}

/* There is no queue: no message is ever kept. */
static int run_queue_list(const struct cli *cli, const struct run_as *as)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(80);

	(void)as;
	buf_add(&text, cli->seen[OPTION_JSON] ? STR("[]\n") : STR("Mail queue is empty\n"));
	return print_text(&text);
}

static int run_queue(const struct cli *cli, const struct run_as *as)
{
	(void)cli;
	(void)as;
	print_note("the queue is empty: this version keeps none");
	return EX_OK;
}

static const struct {
	int (*run)(const struct cli *cli, const struct run_as *as);
	const char *prints_text; /* its name, if --json is refused here and not in run() */
} modes[CLI_MODES] = {
	[CLI_SEND] = { send_run, NULL },
	[CLI_SERVE] = { bs_run, NULL },
	[CLI_QUEUE_LIST] = { run_queue_list, NULL },
	[CLI_QUEUE_RUN] = { run_queue, "-q" },
	[CLI_CHECK_FILES] = { check_files_run, "-bC" },
	[CLI_ALIASES] = { newaliases_run, "-bi" },
	[CLI_VERIFY] = { show_recipients_run, NULL },
};

/* The option or mode that prints text alone; NULL if there is none. */
static const char *name_text(const struct cli *cli)
{
	if (cli->import)
		return "--import";
	if (cli->seen[OPTION_PRETEND])
		return "-P";
	return cli->list ? "--list" : modes[cli->mode].prints_text;
}

static bool check_json(const struct cli *cli, struct err *e)
{
	const char *name = name_text(cli);

	return !name || !cli->seen[OPTION_JSON] ||
	       err_set(e, ERR_USAGE, "%s and --json exclude each other", name);
}

/* Refuses options about the message to send in modes that send none. */
static bool check_mode(const struct cli *cli, struct err *e)
{
	bool sends = cli->mode == CLI_SEND && !cli->rmqs;
	enum option_id id = cli->compose_count ? cli->compose[0].id : OPTION_MESSAGE;

	if (sends || (!cli->compose_count && !cli->message))
		return true;
	return err_set(e, ERR_USAGE, "--%s is about a message, and none is sent here",
		option_row(id)->name);
}

static int run_mode(const struct cli *cli, const struct run_as *as)
{
	struct err e;

	if (check_mode(cli, &e))
		return cli->rmqs ? etrn_run(cli, as) : modes[cli->mode].run(cli, as);
	return refuse(&e);
}

/* By the name we are called by; the first row is for all other names. */
static const struct personality {
	const char *name;
	struct run_as as;
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

/*
 * Undoes what we may have inherited: closed descriptors, ignored or blocked signals, a umask, a
 * timer that would end us.
 */
static void normalise_process(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, normal = { .sa_handler = SIG_DFL };
	struct itimerval off = { 0 };
	sigset_t none;

	file_secure_std();
	umask(077);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
	sigaction(SIGCHLD, &normal, NULL);
	crash_handle();
	setitimer(ITIMER_REAL, &off, NULL);
	setitimer(ITIMER_VIRTUAL, &off, NULL);
	setitimer(ITIMER_PROF, &off, NULL);
}

/* Refuses to run set-ID: the caller's files and commands would get rights the caller lacks. */
static int refuse_rights(const struct run_as *as)
{
	const struct cli nothing = { 0 };
	struct err e;

	err_set(&e, ERR_NOPERM, "it has more rights than its caller, and was not made for that");
	err_hint(&e, "run: chmod u-s,g-s $(command -v postrider); or have the caller give up its "
		     "own rights");
	return send_refused(&nothing, as, &e);
}

static int run_personality(const struct personality *p, const struct cli *cli)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(PRINT_OUT_MAX);
	struct err e;

	if (cli->seen[OPTION_HELP])
		help_write(cli->help, &text);
	else if (cli->seen[OPTION_VERSION])
		help_version(&text);
	else if (!check_json(cli, &e))
		return refuse(&e);
	else if (cli->import)
		return import_run(cli);
	else if (cli->seen[OPTION_PRETEND])
		return pretend_run(cli, &p->as);
	else if (cli->list)
		return list_run(cli, &p->as);
	else
		return run_mode(cli, &p->as);
	return print_text(&text);
}

/* No progress when called as sendmail: the caller may use the terminal itself. */
static enum cli_progress progress_of(const struct personality *p, const struct cli *cli)
{
	bool asked = cli->progress != CLI_PROGRESS_AUTO;
	bool alone = !p->as.sendmail && !cli->quiet && cli->mode == CLI_SEND;

	return asked || alone ? cli->progress : CLI_PROGRESS_OFF;
}

int main(int argc, char **argv)
{
	struct cli cli CLEAN_UP(cli_done) = { 0 };
	struct err e;

	normalise_process();
	const struct personality *p = personality_of(argc ? argv[0] : NULL);
	print_init(p->name, 0);
	if (process_has_more_rights())
		return refuse_rights(&p->as);
	bool good = cli_parse(&cli, argv, p->as.sendmail, p->mode, &e);
	if (cli.quiet)
		print_quiet();
	if (!good)
		return send_refused(&cli, &p->as, &e);
	print_init(p->name, cli.verbose);
	progress_init(progress_of(p, &cli));
	return run_personality(p, &cli);
}
