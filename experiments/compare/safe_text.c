/* SPDX-License-Identifier: GPL-3.0-or-later
 * safe_text: see the header. */
#include "experiments/compare/safe_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"

struct escape {
    char byte;
    const char *as;
};

static const struct escape markdown[] = {
    {'&', "&amp;"}, {'<', "&lt;"},   {'>', "&gt;"},   {'|', "&#124;"}, {'`', "&#96;"},  {'*', "\\*"}, {'_', "\\_"},
    {'[', "\\["},   {']', "\\]"},    {'\\', "\\\\"},  {'#', "\\#"},    {'~', "\\~"},    {'!', "\\!"}, {'$', "&#36;"},
    {'@', "&#64;"}, {'"', "&quot;"}, {'\'', "&#39;"}, {'{', "&#123;"}, {'}', "&#125;"}, {0, NULL}};
static const struct escape latex[] = {{'\\', "\\textbackslash{}"},
                                      {'{', "\\{"},
                                      {'}', "\\}"},
                                      {'$', "\\$"},
                                      {'&', "\\&"},
                                      {'#', "\\#"},
                                      {'%', "\\%"},
                                      {'_', "\\_"},
                                      {'^', "\\textasciicircum{}"},
                                      {'~', "\\textasciitilde{}"},
                                      {'`', "\\textasciigrave{}"},
                                      {'\'', "\\textquotesingle{}"},
                                      {'"', "\\textquotedbl{}"},
                                      {'<', "\\textless{}"},
                                      {'>', "\\textgreater{}"},
                                      {'|', "\\textbar{}"},
                                      {'-', "{-}"},
                                      {0, NULL}};
static const struct escape xml[] = {{'&', "&amp;"},  {'<', "&lt;"},   {'>', "&gt;"},
                                    {'"', "&quot;"}, {'\'', "&#39;"}, {0, NULL}};
static const struct escape github[] = {{'%', "%25"}, {0, NULL}};
static const struct escape github_title[] = {{'%', "%25"}, {':', "%3A"}, {',', "%2C"}, {0, NULL}};
static const struct escape csv[] = {{'"', "\"\""}, {0, NULL}};
static const struct escape *const escapes[] = {
    [SAFE_PLAIN] = NULL, [SAFE_CSV] = csv,       [SAFE_MARKDOWN] = markdown,        [SAFE_LATEX] = latex,
    [SAFE_XML] = xml,    [SAFE_GITHUB] = github, [SAFE_GITHUB_TITLE] = github_title};

/* Characters that show nothing, or turn the line around. */
static bool is_control(unsigned code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0xFFFE || code == 0xFFFF;
}

/* Bytes of the character at TEXT, and its number; 0 when it is not UTF-8: overlong forms and surrogates are none. */
static size_t character(const unsigned char *text, unsigned *out)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = text[0] < 0x80   ? 1
               : text[0] < 0xC0 ? 0
               : text[0] < 0xE0 ? 2
               : text[0] < 0xF0 ? 3
               : text[0] < 0xF8 ? 4
                                : 0;
    *out = text[0];
    if (n < 2)
        return n;
    unsigned code = text[0] & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3Fu);
    }
    *out = code;
    return code < least[n] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF) ? 0 : n;
}

static const char *escaped(const struct escape *list, char byte)
{
    for (; list && list->as; list++)
        if (list->byte == byte)
            return list->as;
    return NULL;
}

void safe_text(FILE *out, enum safe_form form, const char *text)
{
    bool quoted = form == SAFE_CSV && (text[strcspn(text, ",\"\r\n;\t ")] || strchr("=+-@", text[0]));
    if (quoted)
        putc('"', out);
    if (form == SAFE_CSV && text[0] && strchr("=+-@\t\r", text[0]))
        putc('\'', out);
    for (const unsigned char *c = (const unsigned char *)text; *c;) {
        unsigned code;
        size_t n = character(c, &code);
        const char *as = escaped(escapes[form], (char)*c);
        if (n == 0 || is_control(code))
            fputs(form == SAFE_PLAIN && n == 1 ? "?" : REPLACEMENT, out);
        else if (as)
            fputs(as, out);
        else
            fwrite(c, 1, n, out);
        c += n ? n : 1;
    }
    if (quoted)
        putc('"', out);
}

char *safe_copy(enum safe_form form, const char *text)
{
    char *copy = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&copy, &size);
    if (!out)
        return NULL;
    safe_text(out, form, text);
    if (fclose(out) == 0)
        return copy;
    free(copy);
    return NULL;
}

json_t *safe_json(const char *text)
{
    json_t *string = json_string(text);
    if (string)
        return string;
    char *copy = safe_copy(SAFE_PLAIN, text);
    string = copy ? json_string(copy) : NULL;
    free(copy);
    return string;
}

size_t safe_width(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xC0) != 0x80 ? 1 : 0;
    return n;
}
