// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CRing.h"

#include <errno.h>

#if defined(__linux__) && defined(__has_include)
#if __has_include(<linux/io_uring.h>)
#include <linux/io_uring.h>
#endif
#endif

// Linux 6.1 and its headers have all that is used here.
#if defined(IORING_SETUP_DEFER_TASKRUN)
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { requests = 512, completions = 8192 };

// One thread asks, and what has come of it is worked off when that thread waits.
static const unsigned flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN
                              | IORING_SETUP_R_DISABLED | IORING_SETUP_SUBMIT_ALL;

struct ring {
    int descriptor;
    // Requests: ours to fill at the tail, the kernel's to take at the head.
    struct io_uring_sqe *sqes;
    unsigned *sq_head, *sq_tail, sq_mask, asked, handed;
    // Completions: the kernel's to fill at the tail, ours to take at the head.
    struct io_uring_cqe *cqes;
    unsigned *cq_head, *cq_tail, cq_mask;
    // Buffers: a third ring, ours to fill at the tail.
    struct io_uring_buf_ring *lent;
    unsigned lent_mask, size;
    uint16_t lent_tail;
    char *buffers;
};

static int enter(struct ring *ring, unsigned count, unsigned least, unsigned flags,
                 const void *argument, size_t size) {
    return (int)syscall(SYS_io_uring_enter, ring->descriptor, count, least, flags, argument, size);
}

static void *map(size_t size, int descriptor, off_t offset) {
    int flags = descriptor < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED;
    // All of it at once: the kernel fills the buffers in turn, so each of them is used soon.
    return mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_POPULATE, descriptor, offset);
}

/// Maps the rings whose sizes and offsets the kernel has told.
static bool map_rings(struct ring *ring, const struct io_uring_params *params) {
    size_t sq_size = params->sq_off.array + params->sq_entries * sizeof(unsigned);
    size_t cq_size = params->cq_off.cqes + params->cq_entries * sizeof(struct io_uring_cqe);
    char *rings = map(sq_size > cq_size ? sq_size : cq_size, ring->descriptor, IORING_OFF_SQ_RING);
    ring->sqes = map(params->sq_entries * sizeof *ring->sqes, ring->descriptor, IORING_OFF_SQES);
    if (rings == MAP_FAILED || (void *)ring->sqes == MAP_FAILED) return false;
    ring->sq_head = (unsigned *)(rings + params->sq_off.head);
    ring->sq_tail = (unsigned *)(rings + params->sq_off.tail);
    ring->sq_mask = *(unsigned *)(rings + params->sq_off.ring_mask);
    ring->cq_head = (unsigned *)(rings + params->cq_off.head);
    ring->cq_tail = (unsigned *)(rings + params->cq_off.tail);
    ring->cq_mask = *(unsigned *)(rings + params->cq_off.ring_mask);
    ring->cqes = (struct io_uring_cqe *)(rings + params->cq_off.cqes);
    // Requests are taken in the order of their places.
    unsigned *order = (unsigned *)(rings + params->sq_off.array);
    for (unsigned i = 0; i < params->sq_entries; i++) order[i] = i;
    return true;
}

/// Makes the buffers, and registers the ring that lends them.
static bool lend_buffers(struct ring *ring, unsigned count, unsigned size) {
    ring->size = size;
    ring->lent_mask = count - 1;
    ring->lent = map(count * sizeof(struct io_uring_buf), -1, 0);
    ring->buffers = map((size_t)count * size, -1, 0);
    if ((void *)ring->lent == MAP_FAILED || (void *)ring->buffers == MAP_FAILED) return false;
    struct io_uring_buf_reg registration = {.ring_addr = (uintptr_t)ring->lent,
                                            .ring_entries = count};
    if (syscall(SYS_io_uring_register, ring->descriptor, IORING_REGISTER_PBUF_RING, &registration, 1))
        return false;
    for (unsigned i = 0; i < count; i++) ring_give_back(ring, (int32_t)i);
    return true;
}

struct ring *ring_create(unsigned buffers, unsigned size) {
    struct io_uring_params params = {.flags = flags | IORING_SETUP_CQSIZE,
                                     .cq_entries = completions};
    struct ring *ring = calloc(1, sizeof *ring);
    ring->descriptor = (int)syscall(SYS_io_uring_setup, requests, &params);
    if (ring->descriptor >= 0 && map_rings(ring, &params) && lend_buffers(ring, buffers, size))
        return ring;
    int reason = errno;
    if (ring->descriptor >= 0) close(ring->descriptor);
    free(ring);
    errno = reason;
    return NULL;
}

bool ring_is_allowed(void) {
    struct io_uring_params params = {.flags = flags};
    int descriptor = (int)syscall(SYS_io_uring_setup, 1, &params);
    if (descriptor >= 0) close(descriptor);
    return descriptor >= 0;
}

int ring_enable(struct ring *ring) {
    return (int)syscall(SYS_io_uring_register, ring->descriptor, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
}

/// A place for a request, empty.
static struct io_uring_sqe *ask(struct ring *ring, int operation, int descriptor, uint64_t token) {
    // Full: only when more is asked for in one turn than there are places.
    while (ring->asked - __atomic_load_n(ring->sq_head, __ATOMIC_ACQUIRE) == requests) {
        int taken = enter(ring, ring->asked - ring->handed, 0, 0, NULL, 0);
        if (taken > 0) ring->handed += (unsigned)taken;
    }
    struct io_uring_sqe *sqe = &ring->sqes[ring->asked & ring->sq_mask];
    memset(sqe, 0, sizeof *sqe);
    sqe->opcode = (uint8_t)operation;
    sqe->fd = descriptor;
    sqe->user_data = token;
    return sqe;
}

/// Shows the kernel a request that is complete.
static void show(struct ring *ring) {
    __atomic_store_n(ring->sq_tail, ++ring->asked, __ATOMIC_RELEASE);
}

void ring_accept(struct ring *ring, int listener, uint64_t token) {
    struct io_uring_sqe *sqe = ask(ring, IORING_OP_ACCEPT, listener, token);
    sqe->ioprio = IORING_ACCEPT_MULTISHOT;
    sqe->accept_flags = SOCK_CLOEXEC;
    show(ring);
}

void ring_receive(struct ring *ring, int descriptor, uint64_t token) {
    struct io_uring_sqe *sqe = ask(ring, IORING_OP_RECV, descriptor, token);
    sqe->ioprio = IORING_RECV_MULTISHOT;
    sqe->flags = IOSQE_BUFFER_SELECT;
    show(ring);
}

void ring_send(struct ring *ring, int descriptor, const void *bytes, size_t count, bool at_once,
               uint64_t token) {
    struct io_uring_sqe *sqe = ask(ring, IORING_OP_SEND, descriptor, token);
    sqe->addr = (uintptr_t)bytes;
    sqe->len = (uint32_t)count;
    sqe->msg_flags = MSG_NOSIGNAL | (at_once ? MSG_DONTWAIT : MSG_WAITALL);
    show(ring);
}

void ring_watch(struct ring *ring, int descriptor, uint64_t token) {
    struct io_uring_sqe *sqe = ask(ring, IORING_OP_POLL_ADD, descriptor, token);
    sqe->len = IORING_POLL_ADD_MULTI;
    sqe->poll32_events = POLLIN;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    sqe->poll32_events = POLLIN << 16;
#endif
    show(ring);
}

void ring_cancel(struct ring *ring, uint64_t token) {
    struct io_uring_sqe *sqe = ask(ring, IORING_OP_ASYNC_CANCEL, -1, 0);
    sqe->addr = token;
    show(ring);
}

int ring_turn(struct ring *ring, struct completion *done, int capacity, int milliseconds) {
    struct __kernel_timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000LL};
    struct io_uring_getevents_arg argument = {
        .ts = milliseconds < 0 ? 0 : (uintptr_t)&limit};
    int taken = enter(ring, ring->asked - ring->handed, 1,
                      IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument, sizeof argument);
    if (taken > 0) ring->handed += (unsigned)taken;

    unsigned head = *ring->cq_head;
    unsigned tail = __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE);
    int count = 0;
    for (; head != tail && count < capacity; head++, count++) {
        const struct io_uring_cqe *cqe = &ring->cqes[head & ring->cq_mask];
        done[count] = (struct completion){
            .token = cqe->user_data,
            .result = cqe->res,
            .buffer = cqe->flags & IORING_CQE_F_BUFFER
                          ? (int32_t)(cqe->flags >> IORING_CQE_BUFFER_SHIFT) : -1,
            .goes_on = cqe->flags & IORING_CQE_F_MORE};
    }
    __atomic_store_n(ring->cq_head, head, __ATOMIC_RELEASE);
    return count;
}

const void *ring_buffer(const struct ring *ring, int32_t buffer) {
    return ring->buffers + (size_t)buffer * ring->size;
}

void ring_give_back(struct ring *ring, int32_t buffer) {
    struct io_uring_buf *place = &ring->lent->bufs[ring->lent_tail & ring->lent_mask];
    place->addr = (uintptr_t)ring_buffer(ring, buffer);
    place->len = ring->size;
    place->bid = (uint16_t)buffer;
    __atomic_store_n(&ring->lent->tail, ++ring->lent_tail, __ATOMIC_RELEASE);
}

#else
struct ring *ring_create(unsigned buffers, unsigned size) {
    errno = ENOSYS;
    return NULL;
}

bool ring_is_allowed(void) { return false; }

// Nobody has a ring to call these with.
int ring_enable(struct ring *ring) { return -1; }
void ring_accept(struct ring *ring, int listener, uint64_t token) {}
void ring_receive(struct ring *ring, int descriptor, uint64_t token) {}
void ring_send(struct ring *ring, int descriptor, const void *bytes, size_t count, bool at_once,
               uint64_t token) {}
void ring_watch(struct ring *ring, int descriptor, uint64_t token) {}
void ring_cancel(struct ring *ring, uint64_t token) {}
int ring_turn(struct ring *ring, struct completion *done, int capacity, int milliseconds) {
    return 0;
}
const void *ring_buffer(const struct ring *ring, int32_t buffer) { return NULL; }
void ring_give_back(struct ring *ring, int32_t buffer) {}
#endif
