// The floor once more, with poll(2): the kernel is told all descriptors at every wait, and looks at
// each. A loop a core; the first thread accepts. SPDX-License-Identifier: Apache-2.0
//
//     PollFloor PORT

#include <CBench.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { maximum = 32768, room = 65536 };

/// A loop: its descriptors, and a pipe that brings it new ones.
struct loop {
    int hand_over[2];
    nfds_t count;
    struct pollfd watched[maximum];
    /// What a client is owed and didn't take yet.
    struct debt {
        char *bytes;
        ssize_t count;
    } debts[maximum];
};

/// Sends what it can, and keeps the rest; watches for room while there is a rest, else for bytes.
static void pay(struct loop *loop, nfds_t place, const char *bytes, ssize_t count) {
    struct debt *debt = &loop->debts[place];
    ssize_t sent = send(loop->watched[place].fd, bytes, count, 0);
    if (sent < 0) sent = errno == EAGAIN ? 0 : count;
    char *rest = NULL;
    if (sent < count) {
        rest = malloc(count - sent);
        memcpy(rest, bytes + sent, count - sent);
    }
    free(debt->bytes);
    *debt = (struct debt){rest, count - sent};
    loop->watched[place].events = rest ? POLLOUT : POLLIN;
}

/// Serves what is ready in one place; returns whether the client has gone.
static bool serve(struct loop *loop, nfds_t place, char *buffer) {
    struct debt *debt = &loop->debts[place];
    if (debt->bytes) {
        pay(loop, place, debt->bytes, debt->count);
        return false;
    }
    ssize_t count = recv(loop->watched[place].fd, buffer, room, 0);
    if (count > 0) pay(loop, place, buffer, count);
    return count == 0 || (count < 0 && errno != EAGAIN);
}

/// Takes over the clients that the first thread has accepted.
static void take_over(struct loop *loop) {
    int clients[256];
    ssize_t size = read(loop->hand_over[0], clients, sizeof clients);
    for (ssize_t i = 0; i < size / (ssize_t)sizeof *clients; i++) {
        if (loop->count == maximum) {
            close(clients[i]);
            continue;
        }
        loop->debts[loop->count] = (struct debt){0};
        loop->watched[loop->count++] = (struct pollfd){.fd = clients[i], .events = POLLIN};
    }
}

static void run(void *argument) {
    struct loop *loop = argument;
    char *buffer = malloc(room);
    loop->watched[loop->count++] = (struct pollfd){.fd = loop->hand_over[0], .events = POLLIN};
    for (;;) {
        poll(loop->watched, loop->count, -1);
        // From the end, so that the last may take the place of one that has gone.
        for (nfds_t place = loop->count - 1; place > 0; place--) {
            if (!loop->watched[place].revents || !serve(loop, place, buffer)) continue;
            close(loop->watched[place].fd);
            free(loop->debts[place].bytes);
            loop->count--;
            loop->watched[place] = loop->watched[loop->count];
            loop->debts[place] = loop->debts[loop->count];
        }
        if (loop->watched[0].revents) take_over(loop);
    }
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    int port = count > 1 ? atoi(arguments[1]) : 0;
    int listener = listen_on_loopback(&port, SOMAXCONN, true, false);
    if (listener < 0) {
        perror("cannot listen");
        return 1;
    }
    printf("Listening on 127.0.0.1:%d\n", port);
    fflush(stdout);

    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct loop *loops = calloc(cores, sizeof *loops);
    for (long i = 0; i < cores; i++) {
        if (pipe(loops[i].hand_over) || start_thread(run, &loops[i])) return 1;
    }
    for (unsigned turn = 0;; turn++) {
        struct sockaddr_in address;
        int client = accept_without_blocking(listener, &address);
        if (client < 0) usleep(100000);
        else (void)!write(loops[turn % cores].hand_over[1], &client, sizeof client);
    }
}
