/* SPDX-License-Identifier: MIT */
#include "submit/bs_session.h"

#include "base/mem.h"
#include "os/file.h"
#include "os/host.h"
#include "os/interrupt.h"
#include "os/poll.h"
#include "smtp/server.h"
#include "submit/bs_message_reply.h"
#include "submit/read_message.h"

#include <string.h>

enum { LAST_WORDS_SECONDS = 5 };

/* An account and its session, while there is one. */
struct kept {
	struct account account;
	struct upstream upstream; /* account is NULL: this place is free */
	deadline until;
};

/* The message at hand. */
struct item {
	bool begun;
	struct account account;
	bool has_account; /* some of it is known */
	struct read_message_options options;
	const char **recipients;
	struct dsn_rcpt *asked;
	struct message_reader *reader;
	struct message message;
};

struct bs_session {
	const struct bs_session_options *options;
	struct server *server;
	bool ending; /* by a signal: 421 was said */
	struct config_files files;
	struct kept kept[BS_SESSION_SESSIONS];
	struct item item;
	struct outcome outcome;
	struct delivery_log entry;
	char piece[SERVER_IN];
};

/* --- sessions --- */

static void release(struct kept *k)
{
	upstream_close(&k->upstream);
	account_done(&k->account);
	*k = (struct kept) { 0 };
}

static void close_idle(struct bs_session *s)
{
	for (size_t i = 0; i < BS_SESSION_SESSIONS; i++)
		if (s->kept[i].upstream.account && deadline_passed(s->kept[i].until))
			release(&s->kept[i]);
}

static bool is_of(const struct kept *k, const struct account *a)
{
	return k->upstream.account && strcmp(k->account.name, a->name) == 0 &&
	       strcmp(k->account.file, a->file) == 0;
}

/* The one of this account, else a free one, else the one that has been idle for longest. */
static struct kept *find_kept(struct bs_session *s, const struct account *a)
{
	struct kept *oldest = &s->kept[0];

	for (size_t i = 0; i < BS_SESSION_SESSIONS; i++)
		if (is_of(&s->kept[i], a))
			return &s->kept[i];
	for (size_t i = 0; i < BS_SESSION_SESSIONS; i++) {
		if (!s->kept[i].upstream.account)
			return &s->kept[i];
		if (s->kept[i].until < oldest->until)
			oldest = &s->kept[i];
	}
	release(oldest);
	return oldest;
}

/* Takes the item's account over, where it is a new one. */
static struct kept *session_for(struct bs_session *s)
{
	struct kept *k = find_kept(s, &s->item.account);

	if (k->upstream.account)
		return k;
	k->account = s->item.account;
	s->item.account = (struct account) { 0 };
	k->upstream = (struct upstream) {
		.account = &k->account,
		.watch = *s->options->watch,
	};
	return k;
}

/* --- one message --- */

static void drop_item(struct bs_session *s)
{
	struct item *item = &s->item;

	message_reader_free(item->reader);
	if (item->begun)
		message_done(&item->message);
	envelope_done(&item->message.env);
	if (item->has_account)
		account_done(&item->account);
	mem_free(item->recipients);
	mem_free(item->asked);
	*item = (struct item) { 0 };
}

static bool choose_message_account(struct bs_session *s, struct err *e)
{
	struct account_wish wish = s->options->wish;
	const char *from = server_mail(s->server)->env.from;

	wish.sender = from[0] ? from : NULL;
	s->item.has_account = true; /* what is known of it may name a log */
	account_load_files(&s->files, s->options->config, wish.cli);
	return account_choose(&s->files, &wish, &s->item.account, e);
}

/* The envelope is the one that was given; To and Cc are not asked, and stay as they are. */
static void take_envelope(struct bs_session *s)
{
	const struct envelope *env = &server_mail(s->server)->env;
	struct item *item = &s->item;
	struct build_envelope_options *envelope = &item->options.envelope;

	item->recipients = mem_alloc(env->count * sizeof(*item->recipients));
	item->asked = mem_alloc(env->count * sizeof(*item->asked));
	for (size_t i = 0; i < env->count; i++) {
		item->recipients[i] = env->rcpts[i].addr;
		item->asked[i] = env->rcpts[i].dsn;
	}
	read_message_account(&item->options, &item->account);
	item->options.list_to = false;
	envelope->sender = item->account.s.allow_from_override ? env->from : NULL;
	envelope->recipients = item->recipients;
	envelope->asked = item->asked;
	envelope->count = env->count;
}

static void begin_entry(struct bs_session *s)
{
	delivery_log_init(&s->entry);
	s->entry.failures_only = s->options->failures_only;
	s->entry.outcome = &s->outcome;
	s->outcome = (struct outcome) { .what = OUTCOME_NOT_SENT };
	verdict_forget();
}

/* What became of it is known: it is logged, and *ret is what the client is told. */
static void finish_message(
	struct bs_session *s, const struct account *account, struct bs_message_reply *ret)
{
	s->entry.account = account;
	s->entry.message = &s->item.message;
	bs_message_reply_make(&s->entry, ret);
	s->options->told(s->options->ctx, &s->entry);
	delivery_log_done(&s->entry);
}

/* For the log, where the message did not come as far as an envelope of its own. */
static void copy_envelope(struct bs_session *s)
{
	const struct envelope *given = &server_mail(s->server)->env;
	struct envelope *env = &s->item.message.env;
	struct err ignored;

	if (env->from)
		return;
	envelope_from(env, given->from);
	for (size_t i = 0; i < given->count; i++)
		(void)envelope_add(env, given->rcpts[i].addr, &ignored);
}

/* It came no further than to us: outcome.err says why. */
static void fail(struct bs_session *s, struct bs_message_reply *ret)
{
	copy_envelope(s);
	outcome_not_sent(&s->item.message.env, &s->outcome);
	finish_message(s, s->item.has_account ? &s->item.account : NULL, ret);
}

/* What comes of the message yet is not wanted. */
static void refuse_message(struct bs_session *s)
{
	struct bs_message_reply answer;

	fail(s, &answer);
	server_refuse(s->server, answer.code, answer.enhanced, answer.text);
	drop_item(s);
}

static void start_message(struct bs_session *s)
{
	drop_item(s);
	begin_entry(s);
	s->options->begins(s->options->ctx);
	if (!choose_message_account(s, &s->outcome.err)) {
		refuse_message(s);
		return;
	}
	take_envelope(s);
	s->item.begun = true;
	s->item.reader = message_reader_new(&s->item.options, &s->item.message);
}

static void take_body(struct bs_session *s)
{
	if (s->item.begun &&
		!message_reader_feed(s->item.reader, server_body(s->server), &s->outcome.err))
		refuse_message(s);
	server_body_taken(s->server);
}

static void send_item(struct bs_session *s, struct bs_message_reply *ret)
{
	const struct server_mail *mail = server_mail(s->server);
	struct kept *k = session_for(s);
	struct deliver_wishes wishes = s->options->wishes;

	if (mail->envid[0])
		wishes.envid = mail->envid;
	wishes.eightbit |= mail->eightbit;
	wishes.returns = mail->returns;
	wishes.all_or_none = true;
	deliver(&k->upstream, &s->item.message, &wishes, &s->outcome);
	(void)outcome_is_interrupted(&s->outcome);
	finish_message(s, &k->account, ret);
	upstream_settle(&k->upstream);
	k->until = deadline_in(BS_SESSION_IDLE_MS);
	if (!k->upstream.session)
		release(k);
}

static void end_message(struct bs_session *s)
{
	struct bs_message_reply answer;

	if (message_reader_end(s->item.reader, &s->outcome.err))
		send_item(s, &answer);
	else
		fail(s, &answer);
	drop_item(s);
	server_answer(s->server, answer.code, answer.enhanced, answer.text);
}

/* --- the conversation --- */

static deadline next_idle(const struct bs_session *s)
{
	deadline first = DEADLINE_NEVER;

	for (size_t i = 0; i < BS_SESSION_SESSIONS; i++)
		if (s->kept[i].upstream.account)
			first = deadline_first(first, s->kept[i].until);
	return first;
}

/* Until there is input, or it is too late for a command. */
static bool wait_for_input(struct bs_session *s, bool *ret_ready, struct err *e)
{
	bool inside = server_is_inside(s->server);
	deadline until = inside ? DEADLINE_NEVER : deadline_in((int64_t)SERVER_SECONDS * 1000);
	unsigned ready = 0;

	while (!ready && !deadline_passed(until) && !interrupt_signal()) {
		if (!poll_fd(s->options->in, POLL_READ, deadline_first(until, next_idle(s)), &ready,
			    e))
			return e->kind == ERR_INTERRUPTED;
		close_idle(s);
	}
	*ret_ready = ready != 0;
	return true;
}

/* The last reply is 421; a message that was being read is lost to us. */
static bool end_by_signal(struct bs_session *s, struct err *e)
{
	bool inside = server_is_inside(s->server);
	struct bs_message_reply ignored;

	s->ending = true;
	interrupt_hold(true);
	if (inside)
		err_set(e, ERR_INTERRUPTED, "ended by %s; nothing was sent", interrupt_name());
	if (s->item.begun) {
		s->outcome.err = *e;
		fail(s, &ignored);
		inside = inside && delivery_log_is_logged(&s->entry); /* else it was printed */
		drop_item(s);
	}
	server_shut_down(s->server);
	return !inside;
}

static bool read_input(struct bs_session *s, struct err *e)
{
	size_t room = server_room(s->server), n = 0;
	bool ready = false;

	if (room > sizeof(s->piece))
		room = sizeof(s->piece);
	if (!wait_for_input(s, &ready, e))
		return false;
	if (!ready && !interrupt_signal())
		server_timed_out(s->server);
	if (!ready)
		return true;
	if (!file_read_some(s->options->in, s->piece, room, &n, e))
		return err_in(e, "the commands cannot be read");
	if (n) {
		server_in(s->server, str_n(s->piece, n));
		return true;
	}
	bool inside = server_is_inside(s->server);
	server_eof(s->server);
	return !inside ||
	       err_set(e, ERR_IO, "the input ended inside a message; nothing of it was sent");
}

static bool write_output(struct bs_session *s, struct err *e)
{
	struct str out = server_out(s->server);

	/* After a signal, whoever does not read has the time of one more reply. */
	unsigned seconds = interrupt_signal() ? LAST_WORDS_SECONDS : SERVER_SECONDS;
	interrupt_hold(interrupt_signal() != 0);
	bool good = file_write_within(s->options->out, out, seconds, e);
	if (!good && e->kind == ERR_INTERRUPTED)
		return true; /* the same once more, with 421 behind it */
	if (!good) {
		e->kind = ERR_IO;
		return err_in(e, "the replies cannot be written");
	}
	server_written(s->server, out.len);
	return true;
}

static bool converse(struct bs_session *s, struct err *e)
{
	for (;;) {
		bool good = true;
		if (interrupt_signal() && !s->ending && !end_by_signal(s, e))
			return false;
		switch (server_next(s->server)) {
		case SERVER_READ:
			good = read_input(s, e);
			break;
		case SERVER_WRITE:
			good = write_output(s, e);
			break;
		case SERVER_BEGIN:
			start_message(s);
			break;
		case SERVER_BODY:
			take_body(s);
			break;
		case SERVER_MESSAGE:
			end_message(s);
			break;
		case SERVER_CLOSED:
			return true;
		}
		if (!good)
			return false;
	}
}

bool bs_session_run(const struct bs_session_options *options, struct err *e)
{
	char host[HOST_NAME_OCTETS];
	struct bs_session *s = mem_alloc(sizeof(*s));

	*s = (struct bs_session) { .options = options };
	s->server = server_new(host_public_name(host) ? host : "localhost");
	begin_entry(s);
	bool good = converse(s, e);
	if (!good && interrupt_signal())
		(void)write_output(s, &(struct err) { 0 });
	drop_item(s);
	for (size_t i = 0; i < BS_SESSION_SESSIONS; i++)
		release(&s->kept[i]);
	config_files_done(&s->files);
	server_free(s->server);
	mem_free(s);
	return good;
}
