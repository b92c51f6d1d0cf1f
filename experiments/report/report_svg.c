/* SPDX-License-Identifier: GPL-3.0-or-later
 * report_svg: a picture of gnuplot becomes a part of a page.
 *
 * Meaning.  The declaration, comments and titles of plots go; ids and references to them get a prefix, since a page has several
 *           pictures. Names of spaces are not needed inside HTML and go too.
 * Choice.   Only elements and attributes on a list pass: whatever a name smuggled into the picture fails the page. */
#include "experiments/report/report.h"

#include <ctype.h>
#include <string.h>

static const char *const elements[] = {
    "svg",     "g",        "path",     "text",   "tspan",   "defs",        "circle",        "rect",    "use", "line",
    "polygon", "polyline", "clipPath", "filter", "feFlood", "feComposite", "feColorMatrix", "pattern", NULL};
static const char *const attributes[] = {"width",
                                         "height",
                                         "viewBox",
                                         "id",
                                         "x",
                                         "y",
                                         "cx",
                                         "cy",
                                         "r",
                                         "d",
                                         "points",
                                         "fill",
                                         "fill-opacity",
                                         "stroke",
                                         "stroke-width",
                                         "stroke-dasharray",
                                         "stroke-linecap",
                                         "stroke-linejoin",
                                         "stroke-opacity",
                                         "color",
                                         "transform",
                                         "font-family",
                                         "font-size",
                                         "font-weight",
                                         "font-style",
                                         "text-anchor",
                                         "dy",
                                         "dx",
                                         "style",
                                         "class",
                                         "space",
                                         "filter",
                                         "clip-path",
                                         "flood-color",
                                         "flood-opacity",
                                         "in",
                                         "in2",
                                         "operator",
                                         "result",
                                         "type",
                                         "values",
                                         "filterUnits",
                                         "shape-rendering",
                                         "patternUnits",
                                         "fill-rule",
                                         "vector-effect",
                                         "version",
                                         NULL};

static bool on_list(const char *const *list, const char *name, size_t length)
{
    for (; *list; list++)
        if (strlen(*list) == length && strncmp(*list, name, length) == 0)
            return true;
    return false;
}

static bool is(const char *name, size_t length, const char *word)
{
    return length == strlen(word) && strncmp(name, word, length) == 0;
}

/* VALUE with references to ids prefixed. */
static void put_value(FILE *out, const char *value, size_t length, const char *prefix)
{
    for (size_t i = 0; i < length; i++) {
        putc(value[i], out);
        if (value[i] == '#' && i >= 4 && strncmp(value + i - 4, "url(", 4) == 0)
            fputs(prefix, out);
    }
}

struct attribute {
    const char *name, *value;
    size_t name_length, value_length;
};

static const char *past_blanks(const char *c, const char *end)
{
    while (c < end && isspace((unsigned char)*c))
        c++;
    return c;
}

/* The next attribute of a tag that ends at END. ALM_END: there is none; ALM_EDATA: what is there is none. */
static int next_attribute(const char **at, const char *end, struct attribute *a)
{
    const char *c = past_blanks(*at, end);
    if (c == end || (*c == '/' && c + 1 == end))
        return ALM_END;
    a->name = c;
    while (c < end && *c != '=' && !isspace((unsigned char)*c))
        c++;
    a->name_length = (size_t)(c - a->name);
    c = past_blanks(c, end);
    if (a->name_length == 0 || c == end || *c != '=')
        return ALM_EDATA;
    c = past_blanks(c + 1, end);
    if (c == end || (*c != '"' && *c != '\''))
        return ALM_EDATA;
    a->value = c + 1;
    const char *stop = memchr(a->value, *c, (size_t)(end - a->value));
    if (!stop)
        return ALM_EDATA;
    a->value_length = (size_t)(stop - a->value);
    *at = stop + 1;
    return ALM_OK;
}

static int put_attribute(FILE *out, const struct attribute *a, bool outer, const char *prefix, struct alm_err *e)
{
    if (strncmp(a->name, "xmlns", 5) == 0 || is(a->name, a->name_length, "xml:space"))
        return ALM_OK;
    bool link = is(a->name, a->name_length, "xlink:href") || is(a->name, a->name_length, "href");
    bool size = outer && (is(a->name, a->name_length, "width") || is(a->name, a->name_length, "height"));
    if (size)
        return ALM_OK;
    if ((!link && !on_list(attributes, a->name, a->name_length)) || (link && a->value[0] != '#'))
        return alm_fail(e, ALM_EDATA, "a picture has the attribute %.*s, which those of gnuplot have not",
                        (int)(a->name_length < 40 ? a->name_length : 40), a->name);
    if (link)
        fprintf(out, " href=\"#%s%.*s\"", prefix, (int)a->value_length - 1, a->value + 1);
    else if (is(a->name, a->name_length, "id"))
        fprintf(out, " id=\"%s%.*s\"", prefix, (int)a->value_length, a->value);
    else {
        fprintf(out, " %.*s=\"", (int)a->name_length, a->name);
        put_value(out, a->value, a->value_length, prefix);
        putc('"', out);
    }
    return ALM_OK;
}

/* The tag from "<" at AT; returns the byte after it, NULL when it is wrong. */
static const char *put_tag(FILE *out, const char *at, const char *prefix, const char *title, struct alm_err *e)
{
    const char *end = strchr(at, '>'), *name = at + 1;
    if (!end) {
        alm_fail(e, ALM_EDATA, "a picture ends within a tag");
        return NULL;
    }
    bool closing = *name == '/';
    name += closing;
    size_t length = strcspn(name, " \t\r\n/>");
    if (!on_list(elements, name, length)) {
        alm_fail(e, ALM_EDATA, "a picture has the element <%.*s>, which those of gnuplot have not",
                 (int)(length < 40 ? length : 40), name);
        return NULL;
    }
    bool outer = is(name, length, "svg");
    fprintf(out, "<%s%.*s", closing ? "/" : "", (int)length, name);
    const char *c = name + length;
    struct attribute a;
    int code = ALM_OK;
    while (!closing && (code = next_attribute(&c, end, &a)) == ALM_OK)
        if (put_attribute(out, &a, outer, prefix, e) < 0)
            return NULL;
    if (code < 0) {
        alm_fail(e, ALM_EDATA, "a picture has a tag that cannot be read: %.60s", at);
        return NULL;
    }
    if (outer && !closing) {
        fprintf(out, " role=\"img\" aria-labelledby=\"%stitle\"><title id=\"%stitle\">", prefix, prefix);
        report_text(out, title);
        fputs("</title>", out);
        return end + 1;
    }
    fputs(end[-1] == '/' ? "/>" : ">", out);
    return end + 1;
}

/* What is left out, with its end: a declaration, a comment, a title, a description. NULL: AT is nothing of that kind. */
static const char *skipped(const char *at)
{
    static const char *const pair[][2] = {
        {"<?", "?>"}, {"<!--", "-->"}, {"<!", ">"}, {"<title>", "</title>"}, {"<desc>", "</desc>"}};
    for (size_t k = 0; k < sizeof pair / sizeof *pair; k++)
        if (strncmp(at, pair[k][0], strlen(pair[k][0])) == 0) {
            const char *end = strstr(at, pair[k][1]);
            return end ? end + strlen(pair[k][1]) : at + strlen(at);
        }
    return NULL;
}

int report_svg(FILE *out, const char *svg, const char *prefix, const char *title, struct alm_err *e)
{
    const char *at = strchr(svg, '<');
    bool blank = true;
    while (at && *at) {
        const char *next = *at == '<' ? skipped(at) : NULL;
        if (next) {
            at = next;
            continue;
        }
        if (*at == '<') {
            at = put_tag(out, at, prefix, title, e);
            if (!at)
                return ALM_EDATA;
            blank = false;
            continue;
        }
        bool space = *at == '\n' || *at == '\t' || *at == '\r';
        if (!space || !blank)
            putc(space ? '\n' : *at, out);
        blank = space;
        at++;
    }
    return ALM_OK;
}
