// SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CBench.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

int listen_on_loopback(int *port, int backlog, bool reuse_address, bool nagle) {
    int reuse = reuse_address, no_delay = !nagle;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons(*port)};
    socklen_t size = sizeof address;
    if (setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse)
        || setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay)
        || bind(listener, (struct sockaddr *)&address, size) || listen(listener, backlog)
        || getsockname(listener, (struct sockaddr *)&address, &size)) {
        close(listener);
        return -1;
    }
    *port = ntohs(address.sin_port);
    return listener;
}

int accept_without_blocking(int listener, struct sockaddr_in *address) {
    socklen_t size = sizeof *address;
#if defined(__linux__)
    return accept4(listener, (struct sockaddr *)address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
    int client = accept(listener, (struct sockaddr *)address, &size);
    if (client >= 0) fcntl(client, F_SETFL, O_NONBLOCK);
    return client;
#endif
}

int peer_address(int descriptor, struct sockaddr_in *address) {
    socklen_t size = sizeof *address;
    return getpeername(descriptor, (struct sockaddr *)address, &size);
}
