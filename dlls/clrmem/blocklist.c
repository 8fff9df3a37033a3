/*
 * The live blocks of heaps, copied before anybody is told of them: what is called then may free blocks, end heaps, or
 * take as long as it likes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */
#include "management.h"

#define FIRST_ROOM 256 /* blocks */

struct block_list
{
    struct hostmem_block_info *blocks;
    SIZE_T count, room;
    bool complete;
};

static bool grow(struct block_list *list)
{
    SIZE_T room = list->room ? 2 * list->room : FIRST_ROOM;
    struct hostmem_block_info *blocks;

    if (room > MAXLONG / sizeof(*blocks)) return false;
    blocks = list->blocks ? HeapReAlloc(GetProcessHeap(), 0, list->blocks, room * sizeof(*blocks))
                          : HeapAlloc(GetProcessHeap(), 0, room * sizeof(*blocks));
    if (!blocks) return false;
    list->blocks = blocks;
    list->room = room;
    return true;
}

static bool add(void *arg, const struct hostmem_block_info *block)
{
    struct block_list *list = arg;

    list->complete = list->count < list->room || grow(list);
    if (list->complete) list->blocks[list->count++] = *block;
    return list->complete;
}

static void collect(struct memory_manager *manager, struct hostmem_heap *heap, struct block_list *list)
{
    AcquireSRWLockShared(&manager->heaps_lock);
    if (heap)
        hostmem_heap_each_block(heap, add, list);
    else
        hostmem_manager_each_block(manager->core, add, list);
    ReleaseSRWLockShared(&manager->heaps_lock);
}

HRESULT clrmem_each_block(struct memory_manager *manager, struct hostmem_heap *heap,
                          bool (*visit)(void *arg, const struct hostmem_block_info *block), void *arg)
{
    struct block_list list = {.complete = true};
    SIZE_T i;

    collect(manager, heap, &list);
    for (i = 0; list.complete && i < list.count && visit(arg, &list.blocks[i]);) i++;
    if (list.blocks) HeapFree(GetProcessHeap(), 0, list.blocks);
    return clrmem_result(list.complete ? HOSTMEM_OK : HOSTMEM_NO_MEMORY);
}
