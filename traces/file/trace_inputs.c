/* SPDX-License-Identifier: GPL-3.0-or-later
 * trace_inputs: names, kinds and words of input parameters; see trace_inputs.h. */
#include "trace_inputs.h"
#include "text/printable.h"
#include "text/utf8.h"

#include <string.h>

const char *alm__input_problem(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t length = strlen(name), end = strlen(ALM_WORDS_SUFFIX);
    if (length == 0)
        return "is empty";
    if (length >= ALM_INPUT_NAME)
        return "is longer than 63 bytes";
    if (!strchr(letters, name[0]))
        return "does not begin with a letter, a digit or _";
    for (size_t i = 1; i < length; i++)
        if (!strchr(letters, name[i]) && name[i] != '.' && name[i] != '-')
            return "has other characters than letters, digits, '_', '.' and '-'";
    if (length >= end && strcmp(name + length - end, ALM_WORDS_SUFFIX) == 0)
        return "ends in " ALM_WORDS_SUFFIX ", as the words of a category do";
    return NULL;
}

static const char *kind(bool category)
{
    return category ? "a category" : "a number";
}

int alm__inputs_add(struct alm__inputs *all, const struct alm_input *input, uint32_t *out, struct alm_err *e)
{
    struct alm_input new = *input;
    new.name[sizeof new.name - 1] = new.unit[sizeof new.unit - 1] = '\0';
    const char *problem = alm__input_problem(new.name);
    if (problem)
        return alm_fail(e, ALM_EDATA, "the name of input '%s' %s", new.name, problem);
    if (new.unit[alm_utf8_length(new.unit)] != '\0')
        return alm_fail(e, ALM_EDATA, "the unit of input %s is not UTF-8", new.name);
    size_t i = 0;
    while (i < all->count && strcmp(all->input[i].name, new.name) != 0)
        i++;
    if (i < all->count && all->input[i].category != new.category)
        return alm_fail(e, ALM_EDATA, "input %s is %s here and was %s before; it can be one of them", new.name,
                        kind(new.category), kind(!new.category));
    if (i == all->count && all->closed)
        return alm_fail(e, ALM_EMODULE, "input %s was declared after the first invocation", new.name);
    if (i == ALM_INPUTS)
        return alm_fail(e, ALM_EUNSUPPORTED, "input %s would be the %d-th; a trace has at most %d, so leave some out",
                        new.name, ALM_INPUTS + 1, ALM_INPUTS);
    if (i == all->count) {
        if (new.category)
            ALM_TRY(alm_names_open(&all->word[i], e));
        all->input[all->count++] = new;
    } else if (all->input[i].unit[0] == '\0') {
        memcpy(all->input[i].unit, new.unit, sizeof new.unit);
    }
    *out = (uint32_t)i;
    return 0;
}

int alm__inputs_word(struct alm__inputs *all, uint32_t input, const char *word, size_t size, uint32_t *out,
                     bool *mended, struct alm_err *e)
{
    if (input >= all->count || !all->word[input])
        return alm_fail(e, ALM_EMODULE, "a word of input %u, which was not declared as a category", input);
    const char *name = all->input[input].name;
    struct alm_names *words = all->word[input];
    char clean[ALM_WORD_SIZE + 1];
    size_t length = alm_printable(word, size, clean, sizeof clean, mended);
    if (length == sizeof clean)
        return alm_fail(e, ALM_EDATA, "a word of input %s has %zu bytes; at most %u are kept, so leave this input out",
                        name, size, ALM_WORD_SIZE);
    uint32_t known = alm_names_count(words);
    if (all->words == ALM_WORDS && alm_names_find(words, clean, length) == ALM_NO_NAME)
        return alm_fail(e, ALM_EDATA,
                        "input %s has a new word after %u different ones over all categories; leave out the inputs "
                        "whose words hardly ever repeat",
                        name, ALM_WORDS);
    ALM_TRY(alm_names_add(words, clean, length, out, e));
    bool added = alm_names_count(words) > known;
    all->words += added;
    *mended = *mended && added;
    return 0;
}

void alm__inputs_free(struct alm__inputs *all)
{
    for (size_t i = 0; i < all->count; i++)
        alm_names_close(all->word[i]);
}
