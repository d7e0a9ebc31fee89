/* SPDX-License-Identifier: MIT */
/*
 * delivery_log - what is told of one message to logs and to callers that read JSON.
 *
 * One line of key=value in msmtp's format, with the account, the duration and the queue id, at most
 * RECORD_MAX octets; or one JSON object. A socket, where the account has one, stands in place of
 * the host. Every value is printable; one that holds a blank or a quote stands in single quotes,
 * and a single quote in it is written '?'. Recipients that have no room are counted.
 */
#ifndef SUBMIT_DELIVERY_LOG_H
#define SUBMIT_DELIVERY_LOG_H

#include "base/clock.h"
#include "submit/deliver.h"
#include "net/dial.h"

enum {
	RECORD_MAX = 1024,
	RECORD_JSON_MAX = 64 << 20,
	RECORD_LOGGED_RECIPIENTS = 20,
	RECORD_LOG_CLOSED = -2
};

struct record {
	const struct account *account; /* NULL: none was found */
	const struct message *message; /* NULL: it was not read */
	const struct outcome *outcome;
	const char *warnings; /* one printable line, "" for none */
	bool failures_only;   /* without an account: failures go to syslog */
	int64_t started;      /* clock_now() */
	int log;              /* the log file; RECORD_LOG_CLOSED; -1: it cannot be opened */
	/* From the session: */
	int64_t begun[SESSION_STEPS], ms[SESSION_STEPS];
	bool done[SESSION_STEPS];
	char peer[DIAL_ADDRESS_MAX], tls[TLS_TEXT_MAX], mech[32];
	const struct session_watch *next;
};

void record_init(struct record *r);
void record_done(struct record *r);
/* Opens the account's log file while files can be opened; else record_log() does. */
void record_open(struct record *r, const struct account *account);
/* An observer that fills the record and tells `next`, which may be NULL. */
struct session_watch record_watch(struct record *r, const struct session_watch *next);

/* One line without line end. */
void record_text(const struct record *r, struct buf *out);
/* most: at most so many recipients are listed one by one, and no more than there is room for. */
void record_json(const struct record *r, size_t most, struct buf *out);
/*
 * Writes to the logs that the account wants; the line for the file "-", which is standard output,
 * is the caller's to print. A log that cannot be written is a warning.
 */
void record_log(struct record *r, struct buf *ret_output);
/* Is there a log for it? */
bool record_is_logged(const struct record *r);

#endif
