// Loaded into a server with LD_PRELOAD, lets its system calls meet what the kernel allows itself and
// rarely does, and counts how often. glibc only: elsewhere it does nothing, and the campaign says so.
//
//   KERNEL_FAULT=interrupted     of the calls that may wait, every other one fails with EINTR
//   KERNEL_FAULT=pieces          of the reads and writes of a socket, three in four move one byte
//   KERNEL_FAULT=accept:24       of the accepts, one in 32 fails with this error
//   KERNEL_FAULT_COUNTS=FILE     where the counts go, 8 bytes for each kind of call
//
// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "KernelFaults.h"
#include <stdint.h>

/// What a call of the kernel is for, and the place of its count: the order of Swift's `KernelCall`.
enum kernel_call { ACCEPTS, READS, WRITES, WAITS, CALLS };

#if defined(__GLIBC__)
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/// The call of the C library that ours stands before.
#define BEHIND(name)                                                                       \
    ({                                                                                     \
        static __typeof__(name) *behind;                                                   \
        if (!behind) behind = (__typeof__(name) *)dlsym(RTLD_NEXT, #name);                 \
        behind;                                                                            \
    })

/// Counts go here until the file is mapped.
static _Atomic uint64_t early[CALLS];
static _Atomic uint64_t *counts = early;
/// What is wished for; nothing until `read_wishes` has been called.
static int interrupts, cuts, accept_error;

__attribute__((constructor)) static void read_wishes(void) {
    const char *wish = getenv("KERNEL_FAULT"), *path = getenv("KERNEL_FAULT_COUNTS");
    if (!wish || !path) return;
    int file = open(path, O_RDWR);
    if (file < 0) return;
    void *page = mmap(NULL, sizeof early, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (page == MAP_FAILED) return;
    counts = page;
    interrupts = !strcmp(wish, "interrupted");
    cuts = !strcmp(wish, "pieces");
    if (sscanf(wish, "accept:%d", &accept_error) != 1) accept_error = 0;
}

static void count(enum kernel_call kind) {
    atomic_fetch_add_explicit(&counts[kind], 1, memory_order_relaxed);
}

/// Whether this call is interrupted: a thread's first one of each kind, third one, and so on.
static int is_interrupted(enum kernel_call kind) {
    static _Thread_local unsigned calls[CALLS];
    if (!interrupts || calls[kind]++ % 2) return 0;
    count(kind);
    errno = EINTR;
    return 1;
}

/// How many bytes this call may move; what isn't a socket is left alone: an eventfd has 8 bytes or none.
static size_t allowed(enum kernel_call kind, int file, size_t size) {
    static _Thread_local unsigned calls[CALLS];
    struct stat status;
    if (!cuts || size < 2 || fstat(file, &status) < 0 || !S_ISSOCK(status.st_mode)) return size;
    if (calls[kind]++ % 4 == 3) return size;
    count(kind);
    return 1;
}

/// Whether this accept fails.
static int is_refused(void) {
    static _Thread_local unsigned calls;
    if (!accept_error || ++calls % 32) return is_interrupted(ACCEPTS);
    count(ACCEPTS);
    errno = accept_error;
    return 1;
}

int accept(int file, __SOCKADDR_ARG address, socklen_t *size) {
    return is_refused() ? -1 : BEHIND(accept)(file, address, size);
}

int accept4(int file, __SOCKADDR_ARG address, socklen_t *size, int flags) {
    return is_refused() ? -1 : BEHIND(accept4)(file, address, size, flags);
}

ssize_t read(int file, void *bytes, size_t size) {
    if (is_interrupted(READS)) return -1;
    return BEHIND(read)(file, bytes, allowed(READS, file, size));
}

ssize_t recv(int file, void *bytes, size_t size, int flags) {
    if (is_interrupted(READS)) return -1;
    return BEHIND(recv)(file, bytes, allowed(READS, file, size), flags);
}

ssize_t write(int file, const void *bytes, size_t size) {
    if (is_interrupted(WRITES)) return -1;
    return BEHIND(write)(file, bytes, allowed(WRITES, file, size));
}

ssize_t send(int file, const void *bytes, size_t size, int flags) {
    if (is_interrupted(WRITES)) return -1;
    return BEHIND(send)(file, bytes, allowed(WRITES, file, size), flags);
}

ssize_t writev(int file, const struct iovec *parts, int number) {
    if (is_interrupted(WRITES)) return -1;
    size_t size = 0;
    for (int i = 0; i < number; i++) size += parts[i].iov_len;
    if (allowed(WRITES, file, size) == size) return BEHIND(writev)(file, parts, number);
    while (parts->iov_len == 0) parts++;
    return BEHIND(write)(file, parts->iov_base, 1);
}

int poll(struct pollfd *entries, nfds_t number, int timeout) {
    return is_interrupted(WAITS) ? -1 : BEHIND(poll)(entries, number, timeout);
}

int epoll_wait(int file, struct epoll_event *events, int most, int timeout) {
    return is_interrupted(WAITS) ? -1 : BEHIND(epoll_wait)(file, events, most, timeout);
}
#endif
