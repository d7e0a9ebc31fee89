/* SPDX-License-Identifier: MIT */
#include "submit/delivery_log.h"

#include "base/json.h"
#include "base/log.h"
#include "base/printable.h"
#include "conf/hosts.h"
#include "os/file.h"
#include "os/log_sink.h"

#include <string.h>

/* Most octets of each value: together they stay below DELIVERY_LOG_MAX. */
enum { RECIPIENTS_ROOM = 150, SAID_ROOM = 150, WHAT_ROOM = 220, NAME_ROOM = 70 };

static const char *const step_names[SESSION_STEPS] = {
	[SESSION_STEP_CONNECT] = "connect",
	[SESSION_STEP_TLS] = "tls",
	[SESSION_STEP_HELLO] = "hello",
	[SESSION_STEP_AUTH] = "auth",
	[SESSION_STEP_MESSAGE] = "message",
};

void delivery_log_init(struct delivery_log *r)
{
	*r = (struct delivery_log) { .warnings = "", .started = clock_now() };
}

void delivery_log_done(struct delivery_log *r)
{
	file_close_at(&r->log);
	r->log_failed = false;
}

/* --- one line --- */

/* Adds " name=value", the value cut to room octets. */
static void add_pair(struct buf *out, const char *name, struct str value, size_t room)
{
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(room);
	bool quote = !value.len;

	printable_add(&text, str_head(value, room));
	for (size_t i = 0; i < text.len; i++) {
		quote |= chr_is_blank(text.data[i]) || text.data[i] == '\'' || text.data[i] == '"';
		if (text.data[i] == '\'')
			text.data[i] = '?';
	}
	buf_fmt(out, quote ? "%s%s='%s'" : "%s%s=%s", out->len ? " " : "", name, buf_text(&text));
}

static void add_recipients(struct buf *out, const struct envelope *env)
{
	struct buf list CLEAN_UP(buf_done) = BUF_INIT(RECIPIENTS_ROOM);
	size_t shown = 0;

	while (shown < env->count) {
		const char *addr = env->rcpts[shown].addr;
		if (list.len + strlen(addr) + 20 > RECIPIENTS_ROOM)
			break;
		buf_fmt(&list, "%s%s", shown++ ? "," : "", addr);
	}
	if (shown < env->count)
		buf_fmt(&list, "%sand-%zu-more", shown ? "," : "", env->count - shown);
	add_pair(out, "recipients", buf_str(&list), RECIPIENTS_ROOM);
}

static const char *status_name(int status)
{
	size_t count;
	const struct err_status_row *rows = err_status_rows(&count);

	for (size_t i = 0; i < count; i++)
		if (rows[i].status == status)
			return rows[i].name;
	return "";
}

static bool has_socket(const struct settings *s)
{
	return s->socket && s->socket[0];
}

/* The server in use, or else the account's first. */
static void host_of(
	const struct delivery_log *r, char ret[VALUE_NAME_OCTETS + 1], unsigned *ret_port)
{
	struct hosts_item first = hosts_first(&r->account->s);
	bool used = r->outcome->host[0];

	text_fmt(ret, VALUE_NAME_OCTETS + 1, "%s", used ? r->outcome->host : first.name);
	*ret_port = used ? r->outcome->port : r->account->s.port;
}

static void add_account(struct buf *out, const struct delivery_log *r)
{
	const struct settings *s = &r->account->s;
	char host[VALUE_NAME_OCTETS + 1];
	unsigned port;
	bool auth = settings_auth(s) != SETTINGS_AUTH_OFF;

	host_of(r, host, &port);
	if (has_socket(s))
		add_pair(out, "socket", str_of(s->socket), NAME_ROOM);
	else
		add_pair(out, "host", str_of(host), NAME_ROOM);
	add_pair(out, "tls", s->tls ? STR("on") : STR("off"), NAME_ROOM);
	add_pair(out, "auth", auth ? STR("on") : STR("off"), NAME_ROOM);
	if (auth)
		add_pair(out, "user", str_of(s->user), NAME_ROOM);
}

static void add_number(struct buf *out, const char *name, uint64_t n)
{
	buf_fmt(out, "%s%s=%llu", out->len ? " " : "", name, (unsigned long long)n);
}

static void add_parties(struct buf *out, const struct message *m)
{
	if (m->env.from)
		add_pair(out, "from", str_of(m->env.from), NAME_ROOM);
	if (m->env.count)
		add_recipients(out, &m->env);
}

static void add_outcome(struct buf *out, const struct outcome *o)
{
	if (o->err.reply)
		add_number(out, "smtpstatus", (uint64_t)o->err.reply);
	if (o->err.said[0])
		add_pair(out, "smtpmsg", str_of(o->err.said), SAID_ROOM);
	if (o->status != EX_OK)
		add_pair(out, "errormsg", str_of(o->err.what), WHAT_ROOM);
}

void delivery_log_text(const struct delivery_log *r, struct buf *out)
{
	const struct account *a = r->account;

	if (a && a->complete)
		add_account(out, r);
	if (r->message)
		add_parties(out, r->message);
	if (r->message && r->outcome->disposition == DISPOSITION_DONE)
		add_number(out, "mailsize", message_size(r->message));
	add_outcome(out, r->outcome);
	if (r->warnings[0])
		add_pair(out, "warning", str_of(r->warnings), SAID_ROOM);
	add_pair(out, "exitcode", str_of(status_name(r->outcome->status)), NAME_ROOM);
	if (r->outcome->facts.done[SESSION_STEP_CONNECT]) {
		add_pair(out, "address", str_of(r->outcome->facts.address), NAME_ROOM);
		add_number(out, "connect_ms", (uint64_t)r->outcome->facts.ms[SESSION_STEP_CONNECT]);
	}
	if (a && a->name)
		add_pair(out, "account", str_of(a->name), NAME_ROOM);
	add_number(out, "duration_ms", (uint64_t)(clock_now() - r->started));
}

/* --- JSON --- */

static const char *outcome_name(const struct outcome *o)
{
	static const char *const names[] = {
		[OUTCOME_NOT_SENT] = "not-sent",
		[OUTCOME_ACCEPTED] = "accepted",
		[OUTCOME_REFUSED] = "refused",
		[OUTCOME_UNKNOWN] = "unknown",
	};

	return names[o->what];
}

static void json_reply(struct json *j, const char *name, const struct err *e)
{
	if (!e->reply) {
		json_null(j, name);
		return;
	}
	json_object(j, name);
	json_number(j, "code", e->reply);
	if (e->enhanced[0])
		json_text(j, "enhanced", str_of(e->enhanced));
	json_text(j, "text", str_of(e->said));
	json_object_end(j);
}

static const char *fate_of(const struct rcpt *r)
{
	if (r->disposition == DISPOSITION_DONE)
		return "accepted";
	return r->refusal ? "refused" : "pending";
}

static void json_recipients(struct json *j, const struct envelope *env, size_t most)
{
	struct err why;

	json_number(j, "recipient_count", (int64_t)env->count);
	json_array(j, "recipients");
	for (size_t i = 0; i < env->count && i < most && j->out->len < DELIVERY_LOG_JSON_MAX / 2;
		i++) {
		const struct rcpt *rcpt = &env->rcpts[i];
		json_object(j, NULL);
		json_text(j, "address", str_of(rcpt->addr));
		json_text(j, "fate", str_of(fate_of(rcpt)));
		if (rcpt_refusal(rcpt, &why))
			json_reply(j, "reply", &why);
		json_object_end(j);
	}
	json_array_end(j);
}

static void json_account(struct json *j, const struct delivery_log *r)
{
	const struct session_facts *facts = &r->outcome->facts;
	const struct settings *s = &r->account->s;
	char host[VALUE_NAME_OCTETS + 1];
	unsigned port;

	host_of(r, host, &port);
	json_text(j, "account", str_of(r->account->name));
	if (has_socket(s)) {
		json_text(j, "socket", str_of(s->socket));
	} else {
		json_text(j, "host", str_of(host));
		json_number(j, "port", port);
	}
	if (facts->address[0])
		json_text(j, "address", str_of(facts->address));
	if (facts->tls[0])
		json_text(j, "tls", str_of(facts->tls));
	else
		json_null(j, "tls");
	if (facts->mech[0])
		json_text(j, "mechanism", str_of(facts->mech));
}

static void json_failure(struct json *j, const struct err *e)
{
	json_object(j, "error");
	json_text(j, "text", str_of(e->what));
	json_text(j, "enhanced", str_of(err_enhanced(e)));
	if (e->hint[0])
		json_text(j, "hint", str_of(e->hint));
	json_object_end(j);
}

static void json_durations(struct json *j, const struct delivery_log *r)
{
	const struct session_facts *facts = &r->outcome->facts;

	json_object(j, "durations_ms");
	for (size_t i = 0; i < SESSION_STEPS; i++)
		if (facts->done[i])
			json_number(j, step_names[i], facts->ms[i]);
	json_number(j, "all", clock_now() - r->started);
	json_object_end(j);
}

void delivery_log_json(const struct delivery_log *r, size_t most, struct buf *out)
{
	const struct outcome *o = r->outcome;
	struct json j = JSON_INIT(out);
	char date[CLOCK_DATE_MAX];

	clock_date_3339(time(NULL), date);
	json_object(&j, NULL);
	json_text(&j, "time", str_of(date));
	json_text(&j, "outcome", str_of(outcome_name(o)));
	json_number(&j, "status", o->status);
	json_text(&j, "status_name", str_of(status_name(o->status)));
	if (r->account && r->account->complete)
		json_account(&j, r);
	json_reply(&j, "reply", &o->err);
	if (o->status != EX_OK)
		json_failure(&j, &o->err);
	if (r->warnings[0])
		json_text(&j, "warning", str_of(r->warnings));
	if (r->message && r->message->env.from) {
		json_text(&j, "from", str_of(r->message->env.from));
		json_number(&j, "size", (int64_t)message_size(r->message));
		json_recipients(&j, &r->message->env, most);
	}
	json_null(&j, "queue_id");
	json_durations(&j, r);
	json_object_end(&j);
}

/* --- logs --- */

static bool is_json(const struct delivery_log *r)
{
	return r->account && r->account->s.log_format == LOG_FORMAT_JSON;
}

static void write_entry(const struct delivery_log *r, struct buf *out)
{
	if (is_json(r))
		delivery_log_json(r, DELIVERY_LOG_LOGGED_RECIPIENTS, out);
	else
		delivery_log_text(r, out);
}

static void write_time(const struct delivery_log *r, struct buf *out)
{
	const char *format = r->account->s.logfile_time_format;
	char date[200];

	if (!format)
		format = setting_row(SETTING_ID_logfile_time_format)->preset;
	if (strcmp(format, "none") == 0)
		return;
	clock_date(time(NULL), format, date, sizeof(date));
	printable_add(out, str_of(date));
	buf_char(out, ' ');
}

static void log_to_file(const struct delivery_log *r, const char *path, struct buf *ret_output)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(65536);
	struct buf text CLEAN_UP(buf_done) = BUF_INIT(32768);
	struct err e;

	if (!is_json(r))
		write_time(r, &line);
	write_entry(r, &text);
	buf_add(&line, buf_str(&text));
	buf_char(&line, '\n');
	if (strcmp(path, "-") == 0)
		buf_add(ret_output, buf_str(&line));
	else if (r->log && !log_sink_append(r->log, buf_str(&line), &e))
		log_warning("the log cannot be written: %s: %s", path, e.what);
}

static void log_to_syslog(const struct delivery_log *r, const char *want)
{
	struct buf line CLEAN_UP(buf_done) = BUF_INIT(32768);
	bool failure = r->outcome->status != EX_OK;
	struct err e;

	if (strcmp(want, "off") == 0 || (strcmp(want, "failures") == 0 && !failure))
		return;
	write_entry(r, &line);
	if (strcmp(want, "failures") == 0)
		want = "LOG_MAIL";
	else if (strcmp(want, "on") == 0)
		want = "LOG_USER";
	if (!log_sink_syslog(want, failure, buf_text(&line), &e))
		log_warning("syslog: %s", e.what);
}

bool delivery_log_is_logged(const struct delivery_log *r)
{
	const struct settings *s = r->account ? &r->account->s : NULL;
	bool failure = r->outcome->status != EX_OK;

	if (s && s->logfile && s->logfile[0])
		return true;
	if (s && s->syslog && s->syslog[0])
		return strcmp(s->syslog, "off") != 0 &&
		       (failure || strcmp(s->syslog, "failures") != 0);
	return r->failures_only && failure;
}

void delivery_log_open(struct delivery_log *r, const struct account *account)
{
	const char *path = account->s.logfile;
	struct err e;

	if (r->log || r->log_failed || !path || !path[0] || strcmp(path, "-") == 0)
		return;
	int fd = log_sink_open(path, &e);
	r->log_failed = fd < 0;
	if (r->log_failed)
		log_warning("the log cannot be written: %s", e.what);
	else
		r->log = fd;
}

void delivery_log_log(struct delivery_log *r, struct buf *ret_output)
{
	const struct settings *s = r->account ? &r->account->s : NULL;

	if (r->account)
		delivery_log_open(r, r->account);
	if (s && s->logfile && s->logfile[0])
		log_to_file(r, s->logfile, ret_output);
	if (s && s->syslog && s->syslog[0])
		log_to_syslog(r, s->syslog);
	else if (r->failures_only)
		log_to_syslog(r, "failures");
}
