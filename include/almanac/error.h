/* SPDX-License-Identifier: GPL-3.0-or-later
 * error: what failed, where, and what would be right.
 *
 * Meaning.  A function that can fail returns an enum alm_code: 0 is success, positive is "fine, but", negative is a
 *           failure. The text lies in a struct alm_err on the caller's stack, so reporting never allocates.
 * Choice.   Three classes, never mixed: a bug asserts; user and data errors return; "no answer yet" is a status.
 *           One X-macro list makes the codes, their names and the exit status of the program.
 * Limits.   Text is cut at ALM_ERR_TEXT bytes. */
#ifndef ALMANAC_ERROR_H
#define ALMANAC_ERROR_H

#include <stddef.h>

#if defined(__GNUC__)
#define ALM_PRINTF(f, a) __attribute__((format(printf, f, a)))
#define ALM_MUST_CHECK __attribute__((warn_unused_result))
#else
#define ALM_PRINTF(f, a)
#define ALM_MUST_CHECK
#endif

/* X(name, value, exit status, meaning) */
#define ALM_CODES(X)                                                                                                   \
    X(ALM_OK, 0, 0, "success")                                                                                         \
    X(ALM_NOT_YET, 1, 0, "no answer yet: too little was seen")                                                         \
    X(ALM_END, 2, 0, "nothing more to come")                                                                           \
    X(ALM_EINVAL, -1, 2, "wrong usage or configuration")                                                               \
    X(ALM_EDATA, -2, 4, "bad input file")                                                                              \
    X(ALM_EIO, -3, 3, "the system refused: the work is incomplete")                                                    \
    X(ALM_ENOMEM, -4, 3, "out of memory: the work is incomplete")                                                      \
    X(ALM_EMODULE, -5, 2, "a module broke its contract")                                                               \
    X(ALM_EINTR, -6, 130, "interrupted")                                                                               \
    X(ALM_EUNSUPPORTED, -7, 2, "this build or this machine cannot do that")

enum alm_code {
#define X(name, value, status, meaning) name = (value),
    ALM_CODES(X)
#undef X
};

#define ALM_ERR_TEXT 640

struct alm_err {
    enum alm_code code;
    char text[ALM_ERR_TEXT];
};

/* Set E (which may be NULL) to CODE with a formatted text and return CODE: `return alm_fail(e, ALM_EINVAL, ...)`. */
int alm_fail(struct alm_err *e, enum alm_code code, const char *format, ...) ALM_PRINTF(3, 4);

/* Put "CONTEXT: " before the text of E, working outward: file, row, module. Returns the code of E. */
int alm_fail_in(struct alm_err *e, const char *format, ...) ALM_PRINTF(2, 3);

/* Name of CODE ("ALM_EDATA"), its meaning, and the exit status a program should end with. Static strings. */
const char *alm_code_name(int code);
const char *alm_code_meaning(int code);
int alm_code_exit_status(int code);

/* Return from the calling function when CALL fails (a negative code); statuses pass. */
#define ALM_TRY(call)                                                                                                  \
    do {                                                                                                               \
        int alm_try_code_ = (call);                                                                                    \
        if (alm_try_code_ < 0)                                                                                         \
            return alm_try_code_;                                                                                      \
    } while (0)

#endif
