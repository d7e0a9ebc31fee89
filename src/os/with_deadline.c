/* SPDX-License-Identifier: MIT */
#include "os/with_deadline.h"

#include "base/mem.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

struct job {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	void (*call)(void *ctx);
	void *ctx;
	bool done;
};

static void *work(void *arg)
{
	struct job *job = arg;

	job->call(job->ctx);
	pthread_mutex_lock(&job->lock);
	job->done = true;
	pthread_cond_signal(&job->ended);
	pthread_mutex_unlock(&job->lock);
	return NULL;
}

/* Signals are for the thread that was there first. */
static int start(pthread_t *ret, struct job *job)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int failed = pthread_create(ret, NULL, work, job);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return failed;
}

static bool wait_for(struct job *job, deadline until)
{
	struct timespec at;
	int left = deadline_left(until), failed = 0;

	clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_sec += left / 1000;
	at.tv_nsec += (long)(left % 1000) * 1000000;
	if (at.tv_nsec >= 1000000000) {
		at.tv_sec++;
		at.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&job->lock);
	while (!job->done && !failed)
		failed = left < 0 ? pthread_cond_wait(&job->ended, &job->lock)
				  : pthread_cond_timedwait(&job->ended, &job->lock, &at);
	bool done = job->done;
	pthread_mutex_unlock(&job->lock);
	return done;
}

bool run_with_deadline(void (*call)(void *ctx), void *ctx, deadline until, struct err *e)
{
	struct job *job = mem_alloc(sizeof(*job));
	pthread_condattr_t monotonic;
	pthread_t thread;

	pthread_mutex_init(&job->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&job->ended, &monotonic);
	pthread_condattr_destroy(&monotonic);
	job->call = call;
	job->ctx = ctx;
	int failed = start(&thread, job);
	if (failed) {
		mem_free(job);
		return err_os(e, ERR_OS, failed, "cannot start a thread");
	}
	if (!wait_for(job, until)) {
		pthread_detach(thread);
		return err_set(e, ERR_TIMEOUT, "there was no answer in time");
	}
	pthread_join(thread, NULL);
	mem_free(job);
	return true;
}
