/* SPDX-License-Identifier: GPL-3.0-or-later
 * stores: does every store give back what was put, and nothing else? */
#include "almanac/store.h"

#include "module_rig.h"

static struct alm_err e;

static void *opened(const struct alm_store_ops *ops, const void *opt)
{
    void *self = NULL;
    REQUIRE(ops->open(opt, NULL, &self, &e) == 0 && self, "%s: %s", ops->head.name, e.text);
    return self;
}

static void expect(const struct alm_store_ops *ops, void *self, struct alm_store_key key, const void *bytes,
                   size_t size)
{
    char got[64];
    size_t n = 0;
    REQUIRE(ops->get(self, &key, NULL, &n, &e) == 0 && n == size, "%s: length %zu of %s", ops->head.name, n, key.code);
    n = sizeof got;
    REQUIRE(ops->get(self, &key, got, &n, &e) == 0 && n == size && memcmp(got, bytes, size) == 0, "%s: bytes of %s",
            ops->head.name, key.code);
}

static size_t counted(const struct alm_store_ops *ops, void *self)
{
    size_t n = SIZE_MAX;
    REQUIRE(ops->count(self, &n, &e) == 0, "%s: %s", ops->head.name, e.text);
    return n;
}

static void put_and_get(const struct alm_head *m, const void *opt)
{
    const struct alm_store_ops *ops = (const void *)m;
    void *self = opened(ops, opt);
    struct alm_store_key key = {"a", "b", "c"}, other = {"ab", "", "c"}, none = {"", "", ""};
    size_t n = 7;
    char buffer[8] = "intact";
    REQUIRE(counted(ops, self) == 0, "%s: not empty at first", m->name);
    REQUIRE(ops->get(self, &key, buffer, &n, &e) == ALM_NOT_YET, "%s: found what was never put", m->name);
    REQUIRE(n == 7 && strcmp(buffer, "intact") == 0, "%s: touched the buffer", m->name);
    REQUIRE(ops->put(self, &key, "x\0y", 4, &e) == 0, "%s: %s", m->name, e.text);
    REQUIRE(ops->put(self, &other, "other", 6, &e) == 0, "%s: %s", m->name, e.text);
    REQUIRE(ops->put(self, &none, "", 0, &e) == 0, "%s: %s", m->name, e.text);
    expect(ops, self, key, "x\0y", 4);
    expect(ops, self, other, "other", 6);
    expect(ops, self, none, "", 0);
    REQUIRE(counted(ops, self) == 3, "%s: %zu records", m->name, counted(ops, self));
    REQUIRE(ops->put(self, &key, "longer than before", 19, &e) == 0, "%s: %s", m->name, e.text);
    expect(ops, self, key, "longer than before", 19);
    REQUIRE(counted(ops, self) == 3, "%s: overwriting added a record", m->name);
    n = 7;
    REQUIRE(ops->get(self, &key, buffer, &n, &e) == ALM_EINVAL && e.text[0], "%s: a buffer too small was used",
            m->name);
    REQUIRE(strcmp(buffer, "intact") == 0, "%s: wrote to a buffer too small", m->name);
    ops->close(self);
}

Test(stores, what_is_put_can_be_got)
{
    cr_assert_gt(for_each_choice(ALM_STORE, put_and_get), 0);
}

static void many(const struct alm_head *m, const void *opt)
{
    const struct alm_store_ops *ops = (const void *)m;
    void *self = opened(ops, opt);
    enum { MANY = 1000 };
    char code[32], version[32];
    for (uint32_t k = 0; k < MANY; k++) {
        snprintf(code, sizeof code, "%u", (unsigned)(rig_mix(k) % 100));
        snprintf(version, sizeof version, "%u", k);
        struct alm_store_key key = {code, version, "part"};
        REQUIRE(ops->put(self, &key, &k, sizeof k, &e) == 0, "%s: %s", m->name, e.text);
    }
    REQUIRE(counted(ops, self) == MANY, "%s: %zu records", m->name, counted(ops, self));
    for (uint32_t k = 0; k < MANY; k++) {
        snprintf(code, sizeof code, "%u", (unsigned)(rig_mix(k) % 100));
        snprintf(version, sizeof version, "%u", k);
        expect(ops, self, (struct alm_store_key){code, version, "part"}, &k, sizeof k);
    }
    ops->close(self);
}

Test(stores, many_records_stay_apart)
{
    cr_assert_gt(for_each_choice(ALM_STORE, many), 0);
}
