/* SPDX-License-Identifier: MIT */
/*
 * delivery_log - one message's entry in the logs and in the JSON of --json.
 *
 * The entry is one JSON object, or one line of key=value in msmtp's format with account and
 * duration added, at most DELIVERY_LOG_MAX octets. If the account has a socket, it is logged in
 * place of the host. Every value is printable. A value that is empty or holds a space or quote is
 * put in single quotes, and a single quote in it becomes '?'. Recipients that do not fit are
 * counted.
 */
#ifndef SUBMIT_DELIVERY_LOG_H
#define SUBMIT_DELIVERY_LOG_H

#include "base/clock.h"
#include "net/dial.h"
#include "submit/deliver.h"

enum {
	DELIVERY_LOG_MAX = 1024,
	DELIVERY_LOG_JSON_MAX = 64 << 20,
	DELIVERY_LOG_LOGGED_RECIPIENTS = 20,
};

struct delivery_log {
	const struct account *account; /* NULL: none was found */
	const struct message *message; /* NULL: none was read */
	const struct outcome *outcome;
	const char *warnings; /* one printable line, "" for none */
	bool failures_only;   /* if the account has no setting syslog, failures go to syslog */
	int64_t started;      /* by clock_now() */
	int log;              /* descriptor of the log file; 0: not open */
	bool log_failed;      /* the log file cannot be opened */
};

void delivery_log_init(struct delivery_log *r);
void delivery_log_done(struct delivery_log *r);
/* Opens the account's log file before the sandbox forbids it; else delivery_log_log() opens it. */
void delivery_log_open(struct delivery_log *r, const struct account *account);

/* Appends the entry as key=value, without a line end. */
void delivery_log_text(const struct delivery_log *r, struct buf *out);
/* Appends the entry as JSON. At most `most` recipients are listed, and no more than fit. */
void delivery_log_json(const struct delivery_log *r, size_t most, struct buf *out);
/*
 * Writes the entry to the account's logs. The line for the log file "-", which means standard
 * output, goes to ret_output for the caller to print. A log that cannot be written is a warning.
 */
void delivery_log_log(struct delivery_log *r, struct buf *ret_output);
/* Whether any log gets this entry. */
bool delivery_log_is_logged(const struct delivery_log *r);

#endif
