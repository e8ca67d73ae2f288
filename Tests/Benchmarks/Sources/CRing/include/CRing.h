// io_uring by its three system calls: two rings in memory that is shared with the kernel, one for
// what we ask, one for what has come of it. Linux; elsewhere `ring_create` says ENOSYS.
// SPDX-License-Identifier: Apache-2.0

#ifndef CRING_H
#define CRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The rings of one thread, and the buffers that it lends to the kernel.
struct ring;

/// What has come of a request.
struct completion {
    /// What the request was given to recognise it by.
    uint64_t token;
    /// What the system call would have returned, or minus its errno.
    int32_t result;
    /// Which of the buffers the bytes are in; -1 if in none.
    int32_t buffer;
    /// Whether the request goes on, and more will come of it.
    bool goes_on;
};

/// Creates the rings, and `buffers` (a power of two) of `size` bytes; NULL and errno if refused.
///
/// They are switched off until the thread that uses them has called `ring_enable`.
struct ring *ring_create(unsigned buffers, unsigned size);

/// Whether this system lets us have rings.
bool ring_is_allowed(void);

/// Switches the rings on, for this thread alone; returns 0, or -1 and errno.
int ring_enable(struct ring *ring);

/// Asks for clients of a listener, one after the other, until it is cancelled or fails.
void ring_accept(struct ring *ring, int listener, uint64_t token);

/// Asks for what arrives, in buffers of the ring's, until the stream ends, or the buffers run out.
void ring_receive(struct ring *ring, int descriptor, uint64_t token);

/// Asks to send bytes: all of them, or only what is taken at once (if not, EAGAIN or fewer).
void ring_send(struct ring *ring, int descriptor, const void *bytes, size_t count, bool at_once,
               uint64_t token);

/// Asks to be told, again and again, when there is something to read.
void ring_watch(struct ring *ring, int descriptor, uint64_t token);

/// Asks for an earlier request to be given up, which then completes with ECANCELED. The answer to
/// this request itself has the token 0.
void ring_cancel(struct ring *ring, uint64_t token);

/// Hands all requests to the kernel, and waits until something has come of any, for `milliseconds`
/// at most (-1: for ever): one system call. Returns how many of `done` it filled in.
int ring_turn(struct ring *ring, struct completion *done, int capacity, int milliseconds);

/// The first byte of one of the buffers.
const void *ring_buffer(const struct ring *ring, int32_t buffer);

/// Lends a buffer to the kernel again.
void ring_give_back(struct ring *ring, int32_t buffer);

#endif
