// SPDX-License-Identifier: Apache-2.0

#include "CBench.h"

#include <unistd.h>

enum { batch = 256 };

#if defined(__linux__)
#include <sys/epoll.h>

int poller_create(void) { return epoll_create1(EPOLL_CLOEXEC); }

int poller_add(int poller, int descriptor, uint64_t token) {
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = token};
    return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
}

int poller_add_edges(int poller, int descriptor, uint64_t token) {
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET, .data.u64 = token};
    return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
}

int poller_watch(int poller, int descriptor, uint64_t token, bool reading, bool writing) {
    struct epoll_event event = {.events = (reading ? EPOLLIN : 0) | (writing ? EPOLLOUT : 0),
                                .data.u64 = token};
    return epoll_ctl(poller, EPOLL_CTL_MOD, descriptor, &event);
}

int poller_wait(int poller, struct readiness *ready, int capacity, int milliseconds) {
    struct epoll_event events[batch];
    int count = epoll_wait(poller, events, capacity < batch ? capacity : batch, milliseconds);
    for (int i = 0; i < count; i++) {
        ready[i].token = events[i].data.u64;
        // An error is found by whoever reads or writes next.
        ready[i].readable = events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR);
        ready[i].writable = events[i].events & (EPOLLOUT | EPOLLHUP | EPOLLERR);
        ready[i].has_more = events[i].events & (EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR);
    }
    return count < 0 ? 0 : count;
}

#else
#include <sys/event.h>
#include <sys/time.h>

int poller_create(void) { return kqueue(); }

static int change(int poller, int descriptor, int filter, int flags, uint64_t token) {
    struct kevent change;
    EV_SET(&change, descriptor, filter, flags, 0, 0, (void *)(uintptr_t)token);
    return kevent(poller, &change, 1, NULL, 0, NULL);
}

int poller_add(int poller, int descriptor, uint64_t token) {
    return change(poller, descriptor, EVFILT_READ, EV_ADD, token);
}

int poller_add_edges(int poller, int descriptor, uint64_t token) {
    return change(poller, descriptor, EVFILT_READ, EV_ADD | EV_CLEAR, token)
           || change(poller, descriptor, EVFILT_WRITE, EV_ADD | EV_CLEAR, token) ? -1 : 0;
}

int poller_watch(int poller, int descriptor, uint64_t token, bool reading, bool writing) {
    change(poller, descriptor, EVFILT_READ, reading ? EV_ADD : EV_DELETE, token);
    return change(poller, descriptor, EVFILT_WRITE, writing ? EV_ADD : EV_DELETE, token);
}

int poller_wait(int poller, struct readiness *ready, int capacity, int milliseconds) {
    struct kevent events[batch];
    struct timespec limit = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    int count = kevent(poller, NULL, 0, events, capacity < batch ? capacity : batch,
                       milliseconds < 0 ? NULL : &limit);
    for (int i = 0; i < count; i++) {
        ready[i].token = (uintptr_t)events[i].udata;
        ready[i].readable = events[i].filter == EVFILT_READ;
        ready[i].writable = events[i].filter == EVFILT_WRITE;
        ready[i].has_more = true;
    }
    return count < 0 ? 0 : count;
}
#endif
