#include <stdio.h>
#include <string.h>

#include "../claim.h"
#include "netcheck/base/heap.h"

enum {
    NODES = 64,
    OPERATIONS = 4000,
    SEEDS = 20,
};

/* A heap, and what a list without any order would say of it. */
struct model {
    struct heap heap;
    struct heap_node nodes[NODES];
    int64_t at_ns[NODES];
    bool is_in[NODES];
    char label[64];
};

static void model_init(struct model *model)
{
    memset(model, 0, sizeof *model);
    heap_init(&model->heap);
    claim_error("reserve", heap_reserve(&model->heap, NODES), ERROR_NONE);
}

static size_t model_count(const struct model *model)
{
    size_t count = 0;
    for (size_t i = 0; i < NODES; i++)
        count += model->is_in[i] ? 1 : 0;
    return count;
}

static int64_t model_first_ns(const struct model *model)
{
    int64_t first_ns = NEVER_NS;
    for (size_t i = 0; i < NODES; i++)
        if (model->is_in[i] && model->at_ns[i] < first_ns)
            first_ns = model->at_ns[i];
    return first_ns;
}

static void claim_invariants(const struct model *model)
{
    const struct heap *heap = &model->heap;
    for (size_t i = 0; i < heap->count; i++) {
        claim_number(model->label, "slot", heap->nodes[i]->slot, i + 1);
        claim_true(model->label, "parent before child",
                   i == 0 || heap->nodes[(i - 1) / 2]->at_ns <= heap->nodes[i]->at_ns);
    }
}

static void claim_like_model(const struct model *model)
{
    claim_invariants(model);
    claim_number(model->label, "count", model->heap.count, model_count(model));
    for (size_t i = 0; i < NODES; i++) {
        claim_true(model->label, "node in both or in none",
                   (model->nodes[i].slot != 0) == model->is_in[i]);
        if (model->is_in[i])
            claim_number(model->label, "at_ns", (uint64_t)model->nodes[i].at_ns,
                         (uint64_t)model->at_ns[i]);
    }
    const struct heap_node *first = heap_first(&model->heap);
    claim_true(model->label, "a first one, or nothing in",
               (first != NULL) == (model->heap.count > 0));
    if (first != NULL)
        claim_number(model->label, "first", (uint64_t)first->at_ns,
                     (uint64_t)model_first_ns(model));
}

/* Numerical Recipes' generator: the same numbers on every machine. */
static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * UINT32_C(1664525) + UINT32_C(1013904223);
    return *seed >> 8;
}

static void set_node(struct model *model, size_t i, int64_t at_ns)
{
    heap_set(&model->heap, &model->nodes[i], at_ns);
    model->at_ns[i] = at_ns;
    model->is_in[i] = true;
}

static void remove_node(struct model *model, size_t i)
{
    heap_remove(&model->heap, &model->nodes[i]);
    model->is_in[i] = false;
}

static void step_at_random(struct model *model, uint32_t *seed)
{
    size_t i = next_random(seed) % NODES;
    if (next_random(seed) % 3 == 0)
        remove_node(model, i);
    else
        set_node(model, i, (int64_t)(next_random(seed) % 40)); /* many are equal */
}

static void test_heap_random_operations_match_a_naive_model(void **state)
{
    for (uint32_t first = 1; first <= SEEDS; first++) {
        struct model model;
        uint32_t seed = first;
        model_init(&model);
        for (unsigned step = 0; step < OPERATIONS; step++) {
            (void)snprintf(model.label, sizeof model.label, "seed %u, step %u", first, step);
            step_at_random(&model, &seed);
            claim_like_model(&model);
        }
        heap_release(&model.heap);
    }
}

static void test_heap_drained_gives_ascending_times(void **state)
{
    struct model model;
    uint32_t seed = 7;
    model_init(&model);
    for (size_t i = 0; i < NODES; i++)
        set_node(&model, i, (int64_t)next_random(&seed));
    int64_t before_ns = INT64_MIN;
    for (size_t left = NODES; left > 0; left--) {
        struct heap_node *first = heap_first(&model.heap);
        assert_non_null(first);
        claim_true("drained", "not earlier than the one before", first->at_ns >= before_ns);
        before_ns = first->at_ns;
        heap_remove(&model.heap, first);
    }
    assert_null(heap_first(&model.heap));
    heap_release(&model.heap);
}

static void test_heap_removed_node_that_is_in_no_heap_changes_nothing(void **state)
{
    struct model model;
    model_init(&model);
    assert_null(heap_first(&model.heap));
    set_node(&model, 0, 5);
    heap_remove(&model.heap, &model.nodes[1]);
    assert_ptr_equal(heap_first(&model.heap), &model.nodes[0]);
    heap_release(&model.heap);
}

static void test_heap_last_node_may_belong_above_the_hole(void **state)
{
    /* 1 over 100 and 2; the last leaf, 4, then fills a hole below 100's side. */
    static const int64_t at_ns[] = {1, 100, 2, 101, 102, 3, 4};
    struct model model;
    model_init(&model);
    for (size_t i = 0; i < ARRAY_LEN(at_ns); i++)
        set_node(&model, i, at_ns[i]);
    remove_node(&model, 3);
    (void)snprintf(model.label, sizeof model.label, "last above the hole");
    claim_like_model(&model);
    heap_release(&model.heap);
}

static void test_heap_extreme_times_keep_their_order(void **state)
{
    static const int64_t at_ns[] = {NEVER_NS, 0, INT64_MIN, -1, NEVER_NS - 1};
    struct model model;
    model_init(&model);
    for (size_t i = 0; i < ARRAY_LEN(at_ns); i++)
        set_node(&model, i, at_ns[i]);
    assert_ptr_equal(heap_first(&model.heap), &model.nodes[2]);
    heap_release(&model.heap);
}

static void test_heap_reserve_keeps_what_is_in_and_its_room(void **state)
{
    struct model model;
    model_init(&model);
    claim_error("less", heap_reserve(&model.heap, 1), ERROR_NONE);
    for (size_t i = 0; i < NODES; i++)
        set_node(&model, i, (int64_t)i);
    claim_error("more", heap_reserve(&model.heap, 1000), ERROR_NONE);
    claim_like_model(&model);
    heap_release(&model.heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heap_random_operations_match_a_naive_model),
        cmocka_unit_test(test_heap_drained_gives_ascending_times),
        cmocka_unit_test(test_heap_removed_node_that_is_in_no_heap_changes_nothing),
        cmocka_unit_test(test_heap_last_node_may_belong_above_the_hole),
        cmocka_unit_test(test_heap_extreme_times_keep_their_order),
        cmocka_unit_test(test_heap_reserve_keeps_what_is_in_and_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
