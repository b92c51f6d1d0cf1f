/* SPDX-License-Identifier: GPL-3.0-or-later
 * resource_words: a name as a set of known words. */
#include "resource_words.h"

#include "almanac/resource.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { CPU = 1, MEMORY = 2, NET = 4, DISK = 8, IN = 16, OUT = 32, READ = 64, WRITE = 128, OTHER = 256 };

static const struct {
    const char *word;
    unsigned means;
} known[] = {{"cpu", CPU},        {"memory", MEMORY},   {"mem", MEMORY},       {"rss", MEMORY},
             {"network", NET},    {"net", NET},         {"disk", DISK},        {"ebs", DISK},
             {"fs", DISK},        {"io", DISK},         {"volume", DISK},      {"storage", DISK},
             {"in", IN},          {"rx", IN},           {"receive", IN},       {"received", IN},
             {"out", OUT},        {"tx", OUT},          {"transmit", OUT},     {"transmitted", OUT},
             {"sent", OUT},       {"read", READ},       {"reads", READ},       {"write", WRITE},
             {"writes", WRITE},   {"written", WRITE},   {"request", OTHER},    {"requests", OTHER},
             {"latency", OTHER},  {"ops", OTHER},       {"operations", OTHER}, {"packets", OTHER},
             {"credit", OTHER},   {"errors", OTHER},    {"failed", OTHER},     {"count", OTHER},
             {"duration", OTHER}, {"time", OTHER},      {"throughput", OTHER}, {"queue", OTHER},
             {"balance", OTHER},  {"available", OTHER}, {"free", OTHER},       {"temperature", OTHER}};

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_letter(char c)
{
    return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9');
}

static unsigned meaning(const char *word, size_t size)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].word) == size && strncasecmp(word, known[i].word, size) == 0)
            return known[i].means;
    return 0;
}

/* Does a word begin at I, which follows a letter? */
static bool begins(const char *text, size_t size, size_t i)
{
    return is_upper(text[i]) && (!is_upper(text[i - 1]) || (i + 1 < size && is_lower(text[i + 1])));
}

static unsigned words(const char *text, size_t size)
{
    unsigned all = 0;
    for (size_t i = 0; i < size;) {
        size_t from = i++;
        if (!is_letter(text[from]))
            continue;
        while (i < size && is_letter(text[i]) && !begins(text, size, i))
            i++;
        all |= meaning(text + from, i - from);
    }
    return all;
}

int alm_resource_of_words(const char *text, size_t size)
{
    unsigned all = words(text, size);
    if (all & OTHER)
        return ALM_WORDS_OTHER;
    if (all & CPU)
        return ALM_CPU;
    if (all & MEMORY)
        return ALM_MEMORY;
    if (all & NET)
        return all & IN ? ALM_NET_RX : all & OUT ? ALM_NET_TX : ALM_WORDS_NOTHING;
    if (all & DISK)
        return all & READ ? ALM_IO_READ : all & WRITE ? ALM_IO_WRITE : ALM_WORDS_NOTHING;
    return ALM_WORDS_NOTHING;
}
