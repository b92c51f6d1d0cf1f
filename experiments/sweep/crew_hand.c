/* SPDX-License-Identifier: GPL-3.0-or-later
 * crew_hand: forked workers.
 *
 * Choice.   A worker never returns into the caller's code, runs no exit handlers and shares no open file but its socket. The kernel
 *           tells it (PR_SET_PDEATHSIG) when its launcher is gone: a cell of an hour is then not finished for nobody. */
#include "experiments/sweep/crew_hand.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct answer {
    enum hand_outcome outcome;
    struct alm_err error;
};

static bool stopped(const struct hands *c)
{
    return c->stop && *c->stop;
}

/* ---- in the worker ---- */

static int run_cell(const struct hands *c, struct cell_traces *t, uint64_t number, enum hand_outcome *outcome,
                    struct alm_err *e)
{
    struct sweep_cell cell;
    struct cell_result result = {0};
    ALM_TRY(sweep_plan_cell(c->plan, number, &cell, e));
    int code = cell_run(c->plan, &cell, t, c->stop, &result, e);
    if (code >= 0)
        code = cell_write(c->plan, &cell, &result, e);
    *outcome = result.done ? HAND_DONE : HAND_FAILED;
    cell_result_free(&result);
    return code;
}

/* The next number; false when there will be none. */
static bool hear(const struct hands *c, int socket, uint64_t *number)
{
    ssize_t n;
    do
        n = recv(socket, number, sizeof *number, 0);
    while (n < 0 && errno == EINTR && !stopped(c));
    return n == (ssize_t)sizeof *number && !stopped(c);
}

_Noreturn static void work(const struct hands *c, int socket, pid_t launcher)
{
    struct cell_traces *traces = NULL;
    struct answer a = {0};
    uint64_t number;
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != launcher) /* gone before it could be told */
        _exit(0);
    int code = cell_traces_open(c->plan, &traces, &a.error);
    while (hear(c, socket, &number)) {
        if (code >= 0)
            code = run_cell(c, traces, number, &a.outcome, &a.error);
        if (code == ALM_EINTR)
            break;
        if (code < 0)
            a.outcome = HAND_ERROR;
        if (send(socket, &a, sizeof a, MSG_NOSIGNAL) != (ssize_t)sizeof a)
            break;
    }
    _exit(0);
}

/* ---- in the launcher ---- */

static int start(struct hands *c, size_t k, struct alm_err *e)
{
    int end[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, end) < 0)
        return alm_fail(e, ALM_EIO, "no socket for a worker: %s", strerror(errno));
    const pid_t launcher = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        close(end[0]);
        close(end[1]);
        return alm_fail(e, ALM_EIO, "no process for a worker: %s", strerror(errno));
    }
    if (pid == 0) {
        close(end[0]);
        for (size_t i = 0; i < c->count; i++) /* else the others would not see this end close */
            if (c->hand[i].pid)
                close(c->hand[i].socket);
        work(c, end[1], launcher);
    }
    close(end[1]);
    c->hand[k] = (struct hand){.pid = pid, .socket = end[0]};
    return ALM_OK;
}

int hand_give(struct hands *c, size_t k, uint64_t number, struct alm_err *e)
{
    struct hand *h = &c->hand[k];
    assert(!h->busy);
    if (h->pid == 0)
        ALM_TRY(start(c, k, e));
    h->busy = true;
    h->number = number;
    (void)send(h->socket, &number, sizeof number, MSG_NOSIGNAL); /* a worker that is gone is found by hand_look */
    return ALM_OK;
}

static int reap(struct hand *h)
{
    int status = 0;
    while (waitpid(h->pid, &status, 0) < 0 && errno == EINTR)
        ;
    close(h->socket);
    h->pid = 0;
    h->busy = false;
    return status;
}

/* Did the program itself end it? WHY gets how, in words. */
static bool own_fault(int status, char *why, size_t size)
{
    static const int fault[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
    if (WIFEXITED(status)) {
        snprintf(why, size, "the program ended with status %d", WEXITSTATUS(status));
        return WEXITSTATUS(status) != 0;
    }
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    snprintf(why, size, "the program failed: %s", strsignal(signal));
    for (size_t i = 0; i < sizeof fault / sizeof *fault; i++)
        if (signal == fault[i])
            return true;
    return false;
}

/* The worker is gone; perhaps after its cell was done. */
static enum hand_outcome bury(struct hands *c, size_t k, struct alm_err *e)
{
    struct hand *h = &c->hand[k];
    struct cell_result failed = {.done = false};
    struct sweep_cell cell;
    bool done = false, fault = own_fault(reap(h), failed.reason, sizeof failed.reason);
    if (sweep_plan_cell(c->plan, h->number, &cell, e) < 0 || cell_state(c->plan, cell.id, &done, e) < 0)
        return HAND_ERROR;
    if (done)
        return HAND_DONE;
    if (!fault)
        return HAND_LOST;
    snprintf(failed.id, sizeof failed.id, "%s", cell.id);
    snprintf(failed.version, sizeof failed.version, "%s", c->plan->version);
    return cell_write(c->plan, &cell, &failed, e) < 0 ? HAND_ERROR : HAND_FAILED;
}

enum hand_outcome hand_look(struct hands *c, size_t k, struct alm_err *e)
{
    struct hand *h = &c->hand[k];
    struct answer a;
    if (!h->busy)
        return HAND_BUSY;
    ssize_t n = recv(h->socket, &a, sizeof a, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return HAND_BUSY;
    if (n != (ssize_t)sizeof a)
        return bury(c, k, e);
    h->busy = false;
    if (a.outcome == HAND_ERROR && e)
        *e = a.error;
    return a.outcome;
}

void hands_wait(const struct hands *c, int timeout_ms)
{
    struct pollfd *fd = calloc(c->count + 1, sizeof *fd);
    nfds_t n = 0;
    for (size_t i = 0; fd && i < c->count; i++)
        if (c->hand[i].busy)
            fd[n++] = (struct pollfd){.fd = c->hand[i].socket, .events = POLLIN};
    (void)poll(fd, n, timeout_ms);
    free(fd);
}

void hands_dismiss(struct hands *c)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->hand[i].pid == 0)
            continue;
        if (stopped(c))
            kill(c->hand[i].pid, SIGTERM);
        shutdown(c->hand[i].socket, SHUT_WR);
    }
    for (size_t i = 0; i < c->count; i++)
        if (c->hand[i].pid)
            (void)reap(&c->hand[i]);
}
