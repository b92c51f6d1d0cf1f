/* SPDX-License-Identifier: GPL-3.0-or-later
 * spec_yaml: a YAML file as a flat list of keys and values, or as a tree of nodes.
 *
 * Choice.   Events instead of a document: each has its place, duplicates are found among the flattened names (cpu.base
 *           beside cpu: {base: ...}), and reading goes on after a problem. */
#include "spec_list.h"
#include "text/utf8.h"

#include <assert.h>
#include <errno.h>
#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST ((size_t)1 << 20)
#define NODES_MOST ((size_t)16384)

struct reader {
    struct alm_spec *spec;
    struct fy_parser *parser;
    struct alm_err *e;
    int code;      /* of running out of memory */
    size_t parent; /* of a tree: the node that is being filled */
};

/* What libfyaml 0.7 hangs or crashes on is refused before it sees it: bytes that are not UTF-8, control characters (a tab
 * beside an explicit key) and explicit keys; no specification needs any. */
static int refuse(const struct alm_spec *s, size_t at, int line, const char *what, struct alm_err *e)
{
    const char *begin = s->text + at;
    while (begin > s->text && begin[-1] != '\n')
        begin--;
    const int column = (int)(s->text + at - begin) + 1;
    return alm_fail(e, ALM_EINVAL, "%s:%d:%d: %s", s->name, line, column, what);
}

static int check_text(const struct alm_spec *s, size_t size, struct alm_err *e)
{
    size_t good = alm_utf8_length(s->text);
    int line = 1;
    bool begins = true;
    for (size_t i = 0; i < size; i++) {
        char c = s->text[i];
        if (i == good)
            return refuse(s, i, line, "bytes that are not UTF-8; convert it first", e);
        if ((unsigned char)c < ' ' && c != '\n' && c != '\r')
            return refuse(s, i, line, c == '\t' ? "a tab; write spaces" : "a control character; write spaces", e);
        if (begins && c == '?')
            return refuse(s, i, line, "a key must be a plain word; `?` begins none", e);
        begins = c == '\n' || (begins && c == ' ');
        line += c == '\n';
    }
    return ALM_OK;
}

static int read_text(struct alm_spec *s, struct alm_err *e)
{
    FILE *f = fopen(s->name, "rbe");
    if (!f)
        return alm_fail(e, ALM_EDATA, "%s: cannot be opened: %s", s->name, strerror(errno));
    s->text = malloc(LARGEST + 2);
    size_t size = s->text ? fread(s->text, 1, LARGEST + 1, f) : 0;
    bool failed = ferror(f);
    int number = errno;
    fclose(f);
    if (!s->text)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory to read it", s->name);
    s->text[size] = '\0';
    if (failed)
        return alm_fail(e, ALM_EDATA, "%s: cannot be read: %s", s->name, strerror(number));
    if (size <= LARGEST && strlen(s->text) != size)
        return alm_fail(e, ALM_EINVAL, "%s: holds a NUL byte: this is not a YAML file", s->name);
    return ALM_OK;
}

static void problem_at(struct reader *r, struct fy_event *event, const char *what)
{
    const struct fy_mark *mark = fy_event_start_mark(event);
    alm__spec_problem(r->spec, mark ? mark->line : 0, mark ? mark->column : 0, what);
}

/* Text of a scalar into OUT; false when it is too long. */
static bool scalar(struct fy_event *event, char out[ALM_SPEC_TEXT])
{
    size_t n = 0;
    const char *text = fy_token_get_text(fy_event_get_token(event), &n);
    if (n >= ALM_SPEC_TEXT || (text && memchr(text, 0, n)))
        return false;
    if (text)
        memcpy(out, text, n);
    out[n] = '\0';
    return true;
}

/* Pass over the node that EVENT begins. */
static void skip(struct reader *r, enum fy_event_type type)
{
    int depth = type == FYET_MAPPING_START || type == FYET_SEQUENCE_START;
    while (depth > 0) {
        struct fy_event *event = fy_parser_parse(r->parser);
        if (!event)
            return;
        depth += event->type == FYET_MAPPING_START || event->type == FYET_SEQUENCE_START;
        depth -= event->type == FYET_MAPPING_END || event->type == FYET_SEQUENCE_END;
        fy_parser_event_free(r->parser, event);
    }
}

/* Scalars of a list joined by '/' into OUT, of which USED bytes are taken. */
static void take_list(struct reader *r, char out[ALM_SPEC_TEXT])
{
    size_t used = 0;
    out[0] = '\0';
    for (struct fy_event *event; (event = fy_parser_parse(r->parser));) {
        enum fy_event_type type = event->type;
        char word[ALM_SPEC_TEXT];
        size_t n = 0;
        if (type == FYET_SCALAR && scalar(event, word))
            n = strlen(word);
        else if (type != FYET_SEQUENCE_END)
            problem_at(r, event, "a list holds plain values only, of up to 511 bytes");
        if (n > 0 && used + n + 2 > ALM_SPEC_TEXT)
            problem_at(r, event, "the list is longer than 511 bytes");
        else if (n > 0)
            used += (size_t)snprintf(out + used, ALM_SPEC_TEXT - used, "%s%s", used ? "/" : "", word);
        fy_parser_event_free(r->parser, event);
        if (type == FYET_SEQUENCE_END)
            return;
        skip(r, type);
    }
}

/* A node below the present one. */
static void add_node(struct reader *r, const char *key, const char *value, int line, int column)
{
    struct alm_spec *s = r->spec;
    if (s->count == NODES_MOST)
        alm__spec_problem(s, line, column, "more than 16384 keys and values; is this a specification?");
    s->unusable |= s->count == NODES_MOST;
    if (s->unusable)
        return;
    r->code = alm__spec_add(s, key, value, line, column, r->e);
    if (r->code < 0)
        return;
    s->entry[s->count - 1].parent = r->parent;
    s->entry[s->count - 1].end = s->count;
}

static void add(struct reader *r, const char *key, const char *value, int line, int column)
{
    const struct alm__spec_entry *before =
        r->spec->tree ? alm__spec_child(r->spec, r->parent, key) : alm__spec_find(r->spec, key);
    if (before) {
        char what[ALM_SPEC_TEXT + 64];
        snprintf(what, sizeof what, "the key `%s` was given before, in line %d", key, before->line + 1);
        alm__spec_problem(r->spec, line, column, what);
    }
    if (r->code >= 0 && r->spec->tree)
        add_node(r, key, value, line, column);
    else if (r->code >= 0 && !before)
        r->code = alm__spec_add(r->spec, key, value, line, column, r->e);
}

/* In a tree, a list or a map is a node. Returns the one to go back to. */
static size_t enter(struct reader *r, const char *key, enum alm_spec_shape shape, int line, int column)
{
    size_t parent = r->parent, before = r->spec->count;
    if (r->spec->tree)
        add(r, key, "", line, column);
    if (!r->spec->tree || r->spec->count == before)
        return parent;
    r->spec->entry[before].shape = shape;
    r->parent = before;
    return parent;
}

static void leave(struct reader *r, size_t parent)
{
    if (r->spec->tree && r->spec->count > r->parent)
        r->spec->entry[r->parent].end = r->spec->count;
    r->parent = parent;
}

static void take_map(struct reader *r, const char *prefix, int depth);
static void take_items(struct reader *r, int depth);

/* The list or map that begins is the value of KEY. */
static void take_node(struct reader *r, enum fy_event_type type, const char *key, int line, int column, int depth)
{
    bool list = type == FYET_SEQUENCE_START;
    size_t parent = enter(r, key, list ? ALM_SPEC_LIST : ALM_SPEC_MAP, line, column);
    if (list)
        take_items(r, depth + 1);
    else
        take_map(r, r->spec->tree ? "" : key, depth + 1);
    leave(r, parent);
}

/* What EVENT begins is the value of KEY. */
static void take_event(struct reader *r, struct fy_event *event, const char *key, int line, int column, int depth)
{
    enum fy_event_type type = event->type;
    bool node = type == FYET_MAPPING_START || (type == FYET_SEQUENCE_START && r->spec->tree);
    char value[ALM_SPEC_TEXT];
    bool good = type == FYET_SCALAR && scalar(event, value);
    if ((type == FYET_SCALAR && !good) || type == FYET_ALIAS || (node && depth > 8))
        problem_at(r, event,
                   type == FYET_SCALAR  ? "the value is longer than 511 bytes"
                   : type == FYET_ALIAS ? "aliases are not supported; write the value out"
                                        : "maps are nested too deeply");
    fy_parser_event_free(r->parser, event);
    if (good)
        add(r, key, value, line, column);
    else if (node && depth <= 8)
        take_node(r, type, key, line, column, depth);
    else if (type == FYET_SEQUENCE_START && !node) {
        take_list(r, value);
        add(r, key, value, line, column);
    } else
        skip(r, type);
}

static void take_value(struct reader *r, const char *key, int line, int column, int depth)
{
    struct fy_event *event = fy_parser_parse(r->parser);
    if (event)
        take_event(r, event, key, line, column, depth);
}

/* Items of a list as nodes that are named by their number. */
static void take_items(struct reader *r, int depth)
{
    size_t number = 0;
    for (struct fy_event *event; (event = fy_parser_parse(r->parser));) {
        const struct fy_mark *mark = fy_event_start_mark(event);
        char name[32];
        if (event->type == FYET_SEQUENCE_END) {
            fy_parser_event_free(r->parser, event);
            return;
        }
        snprintf(name, sizeof name, "%zu", number++);
        take_event(r, event, name, mark ? mark->line : 0, mark ? mark->column : 0, depth);
    }
}

/* Pairs up to the end of the map; their keys get PREFIX and a dot before them. */
static void take_map(struct reader *r, const char *prefix, int depth)
{
    for (struct fy_event *event; (event = fy_parser_parse(r->parser));) {
        enum fy_event_type type = event->type;
        char key[2 * ALM_SPEC_TEXT], word[ALM_SPEC_TEXT];
        const struct fy_mark *mark = fy_event_start_mark(event);
        int line = mark ? mark->line : 0, column = mark ? mark->column : 0;
        bool good = type == FYET_SCALAR && scalar(event, word);
        if (!good && type != FYET_MAPPING_END)
            problem_at(r, event, "a key must be a plain word");
        fy_parser_event_free(r->parser, event);
        if (type == FYET_MAPPING_END)
            return;
        if (good) {
            snprintf(key, sizeof key, "%.200s%s%.200s", prefix, prefix[0] ? "." : "", word);
            take_value(r, r->spec->tree ? word : key, line, column, depth);
        } else {
            skip(r, type);
            struct fy_event *value = fy_parser_parse(r->parser);
            if (!value)
                return;
            type = value->type;
            fy_parser_event_free(r->parser, value);
            skip(r, type);
        }
    }
}

/* Everything in the file; the root must be a map. */
static void take_stream(struct reader *r)
{
    size_t documents = 0;
    for (struct fy_event *event; (event = fy_parser_parse(r->parser));) {
        enum fy_event_type type = event->type;
        documents += type == FYET_DOCUMENT_START;
        bool node =
            type == FYET_MAPPING_START || type == FYET_SEQUENCE_START || type == FYET_SCALAR || type == FYET_ALIAS;
        if (node && documents > 1)
            problem_at(r, event, "a second document; a specification is one");
        else if (node && type != FYET_MAPPING_START)
            problem_at(r, event, "a specification is a map: `key: value` lines");
        r->spec->unusable |= node && (documents > 1 || type != FYET_MAPPING_START);
        fy_parser_event_free(r->parser, event);
        if (type == FYET_MAPPING_START && documents == 1) {
            size_t parent = enter(r, "", ALM_SPEC_MAP, 0, 0);
            take_map(r, "", 0);
            leave(r, parent);
        } else if (node)
            skip(r, type);
    }
    r->spec->unusable |= documents == 0 || fy_parser_get_stream_error(r->parser);
    if (documents == 0 && r->spec->problems == 0 && !fy_parser_get_stream_error(r->parser))
        alm__spec_problem(r->spec, -1, 0, "empty; a specification is a map: `key: value` lines");
}

/* What is expected is told where it is missed, which may be lines behind the mistake. */
static void syntax_problem(struct alm_spec *s, const struct fy_diag_error *error)
{
    char what[ALM_ERR_TEXT];
    const bool missed = strncmp(error->msg, "did not find expected", strlen("did not find expected")) == 0;
    snprintf(what, sizeof what, "%s%s", error->msg,
             missed ? "; a bracket, a quote or the indentation before it may be wrong" : "");
    alm__spec_problem(s, error->line - 1, error->column - 1, what);
}

static int parse(struct alm_spec *s, size_t size, struct alm_err *e)
{
    struct fy_diag_cfg diag_config;
    fy_diag_cfg_default(&diag_config);
    diag_config.fp = NULL;
    struct fy_diag *diag = fy_diag_create(&diag_config);
    if (!diag)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory to read it", s->name);
    fy_diag_set_collect_errors(diag, true);
    struct fy_parse_cfg config = {.flags = FYPCF_QUIET | FYPCF_COLLECT_DIAG, .diag = diag};
    struct reader r = {.spec = s, .e = e, .parser = fy_parser_create(&config)};
    int code = ALM_OK;
    if (!r.parser || fy_parser_set_string(r.parser, s->text, size) != 0) {
        code = alm_fail(e, ALM_ENOMEM, "%s: no memory to read it", s->name);
    } else {
        take_stream(&r);
        void *at = NULL;
        for (struct fy_diag_error *error; (error = fy_diag_errors_iterate(diag, &at));)
            syntax_problem(s, error);
        if (fy_parser_get_stream_error(r.parser) && s->problems == 0)
            alm__spec_problem(s, -1, 0, "not YAML");
        code = r.code;
    }
    fy_parser_destroy(r.parser);
    fy_diag_destroy(diag);
    return code;
}

/* Read the text of S, and its tree or list. */
static int take_text(struct alm_spec *s, struct alm_err *e)
{
    assert(s->text);
    size_t size = strlen(s->text);
    if (size > LARGEST)
        return alm_fail(e, ALM_EINVAL, "%s: larger than 1 MiB; is this a specification?", s->name);
    ALM_TRY(check_text(s, size, e));
    ALM_TRY(parse(s, size, e));
    return s->unusable ? alm__spec_verdict(s, e) : ALM_OK;
}

/* S, with or without its text, becomes *OUT or is released. */
static int make(struct alm_spec *s, struct alm_spec **out, struct alm_err *e)
{
    int code = s->text ? ALM_OK : read_text(s, e);
    if (code >= 0)
        code = take_text(s, e);
    if (code < 0) {
        alm_spec_free(s);
        return code;
    }
    *out = s;
    return ALM_OK;
}

int alm_spec_read(const char *path, const struct alm_spec_listener *listener, struct alm_spec **out, struct alm_err *e)
{
    struct alm_spec *s = alm__spec_new(path, listener);
    return s ? make(s, out, e) : alm_fail(e, ALM_ENOMEM, "%s: no memory to read it", path);
}

int alm_spec_tree_read(const char *path, const struct alm_spec_listener *listener, struct alm_spec **out,
                       struct alm_err *e)
{
    struct alm_spec *s = alm__spec_new(path, listener);
    if (!s)
        return alm_fail(e, ALM_ENOMEM, "%s: no memory to read it", path);
    s->tree = true;
    return make(s, out, e);
}

int alm_spec_tree_parse(const char *text, const char *name, struct alm_spec **out, struct alm_err *e)
{
    struct alm_spec *s = alm__spec_new(name, NULL);
    if (!s || !(s->text = strdup(text))) {
        alm_spec_free(s);
        return alm_fail(e, ALM_ENOMEM, "%s: no memory to read it", name);
    }
    s->tree = true;
    return make(s, out, e);
}
