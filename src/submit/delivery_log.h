/* SPDX-License-Identifier: MIT */
/*
 * delivery_log - the entry of one message in logs, and in the JSON of --json.
 *
 * One line of key=value in msmtp's format, with the account, the duration and the queue id, at most
 * DELIVERY_LOG_MAX octets; or one JSON object. A socket, where the account has one, stands in place
 * of the host. Every value is printable; one that holds a blank or a quote stands in single quotes,
 * and a single quote in it is written '?'. Recipients that have no room are counted.
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
	const struct message *message; /* NULL: it was not read */
	const struct outcome *outcome;
	const char *warnings; /* one printable line, "" for none */
	bool failures_only;   /* without an account: failures go to syslog */
	int64_t started;      /* clock_now() */
	int log;              /* the log file; 0: it is not open */
	bool log_failed;      /* it cannot be opened */
};

void delivery_log_init(struct delivery_log *r);
void delivery_log_done(struct delivery_log *r);
/* Opens the account's log file while files can be opened; else delivery_log_log() does. */
void delivery_log_open(struct delivery_log *r, const struct account *account);

/* One line without line end. */
void delivery_log_text(const struct delivery_log *r, struct buf *out);
/* most: at most so many recipients are listed one by one, and no more than there is room for. */
void delivery_log_json(const struct delivery_log *r, size_t most, struct buf *out);
/*
 * Writes to the logs that the account wants; the line for the file "-", which is standard output,
 * is the caller's to print. A log that cannot be written is a warning.
 */
void delivery_log_log(struct delivery_log *r, struct buf *ret_output);
/* Is there a log for it? */
bool delivery_log_is_logged(const struct delivery_log *r);

#endif
