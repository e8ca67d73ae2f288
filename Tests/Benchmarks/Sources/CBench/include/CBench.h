// What Swift's modules of the C library lack: readiness of many descriptors, and a child process
// that never outlives us. SPDX-License-Identifier: Apache-2.0

#ifndef CSYSTEM_H
#define CSYSTEM_H

#include <netinet/in.h>
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
    /// Only of `poller_add_edges`: a read that takes less than it could may leave something behind,
    /// the end of the stream or what comes after urgent data.
    bool has_more;
};

/// Creates an epoll (Linux) or a kqueue (Darwin); -1 and errno if it fails.
int poller_create(void);

/// Watches a descriptor until it is closed: for reading, as long as there is something to read.
int poller_add(int poller, int descriptor, uint64_t token);

/// Watches a descriptor until it is closed, for reading and for writing: says once what has changed.
///
/// So nothing has to be told to the kernel when a task waits, and nothing is looked at twice. The
/// price: who is told has to remember it until a call says EAGAIN, or takes less than it could.
int poller_add_edges(int poller, int descriptor, uint64_t token);

/// Changes what a descriptor that was added is watched for.
int poller_watch(int poller, int descriptor, uint64_t token, bool reading, bool writing);

/// Waits until something is ready, for `milliseconds` at most (-1: for ever).
///
/// Returns how many of `ready` it filled in, at most `capacity` and 256; 0 when time is up, or
/// after a signal.
int poller_wait(int poller, struct readiness *ready, int capacity, int milliseconds);

/// A number that no other thread has.
uintptr_t this_thread(void);

/// Starts a thread that nobody waits for; returns 0, or why it cannot be made.
int start_thread(void (*body)(void *), void *argument);

/// Context switches of a process's living threads, or -1 where Linux's /proc doesn't tell.
///
/// In C because it is asked while a load runs: a file for each of 500 threads takes 10 ms here, and
/// with Foundation as long as the whole measurement.
int64_t context_switches(pid_t process);

/// Counts the bytes that equal `letter`.
size_t count_letter(const void *bytes, size_t count, uint8_t letter);

/// Creates a socket that listens on 127.0.0.1 and puts its port into `port`; -1 if a call fails.
int listen_on_loopback(int *port, int backlog, bool reuse_address, bool nagle);

/// Accepts a client that waits already, whose calls do not block; -1 and errno if there is none.
int accept_without_blocking(int listener, struct sockaddr_in *address);

/// The address of a connection's other end; -1 and errno if it is gone.
int peer_address(int descriptor, struct sockaddr_in *address);

/// Starts a program with its standard output and error on these descriptors, or returns -1.
///
/// On Linux the kernel ends it when the calling thread ends, however that comes about.
pid_t start_child(char *const arguments[], char *const environment[], int output, int error);

#endif
