// What Swift's modules of the C library lack: readiness of many descriptors, and a child process
// that never outlives us. SPDX-License-Identifier: Apache-2.0

#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// One descriptor that is ready.
struct readiness {
    /// What `poller_add` was given to recognise it by.
    uint64_t token;
    bool readable;
    bool writable;
};

/// Creates an epoll (Linux) or a kqueue (Darwin); -1 and errno if it fails.
int poller_create(void);

/// Watches a descriptor until it is closed: for reading, as long as there is something to read.
int poller_add(int poller, int descriptor, uint64_t token);

/// Changes what a descriptor that was added is watched for.
int poller_watch(int poller, int descriptor, uint64_t token, bool reading, bool writing);

/// Waits until something is ready, for `milliseconds` at most (-1: for ever).
///
/// Returns how many of `ready` it filled in, at most `capacity` and 256; 0 when time is up, or
/// after a signal.
int poller_wait(int poller, struct readiness *ready, int capacity, int milliseconds);

/// Counts the bytes that equal `letter`.
size_t count_letter(const void *bytes, size_t count, uint8_t letter);

/// Creates a socket that listens on 127.0.0.1 and puts its port into `port`; -1 if a call fails.
int listen_on_loopback(int *port, int backlog, bool reuse_address, bool nagle);

/// Starts a program with its standard output and error on these descriptors, or returns -1.
///
/// On Linux the kernel ends it when the calling thread ends, however that comes about.
pid_t start_child(char *const arguments[], char *const environment[], int output, int error);

#endif
