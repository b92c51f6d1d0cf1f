/* SPDX-License-Identifier: GPL-3.0-or-later
 * safe_text: names from files, written where they would mean something else if they were not escaped.
 *
 * Meaning.  Names of traces, policies and units are whatever somebody called them. Each form shows the name as it is, and
 *           nothing in it is markup, a command, a cell's end or a line's. Control characters, and bytes that are not UTF-8, become U+FFFD;
 *           in a plain text '?' for the former.
 * Limits.   A spreadsheet that takes a cell beginning with '=' for a formula does so in spite of quotes: such cells get an
 *           apostrophe before them, as spreadsheets have it for text. */
#ifndef ALM_COMPARE_SAFE_TEXT_H
#define ALM_COMPARE_SAFE_TEXT_H

#include <jansson.h>
#include <stddef.h>
#include <stdio.h>

enum safe_form { SAFE_PLAIN, SAFE_CSV, SAFE_MARKDOWN, SAFE_LATEX, SAFE_XML, SAFE_GITHUB, SAFE_GITHUB_TITLE };

void safe_text(FILE *out, enum safe_form form, const char *text);

/* The same as a string: allocated; NULL when out of memory. */
char *safe_copy(enum safe_form form, const char *text);

/* A JSON string of TEXT; bytes that are not UTF-8 become U+FFFD. */
json_t *safe_json(const char *text);

/* Characters (not bytes) of TEXT, for columns. */
size_t safe_width(const char *text);

#endif
