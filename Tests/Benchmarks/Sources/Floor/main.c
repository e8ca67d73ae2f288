// The floor: what echo costs on this machine, one epoll or kqueue loop a core and nothing else.
// SPDX-License-Identifier: Apache-2.0
//
//     Floor PORT

#include <CBench.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { maximum = 65536, room = 65536 };

/// What a client is owed and didn't take yet; only clients that don't read have it.
static struct debt {
    char *bytes;
    ssize_t count;
} debts[maximum];

static int listener;

/// Sends what it can, keeps the rest, and stops reading from the client until the rest has gone.
static void pay(int poller, int client, const char *bytes, ssize_t count) {
    ssize_t sent = send(client, bytes, count, 0);
    if (sent < 0) sent = errno == EAGAIN ? 0 : count;
    struct debt *debt = &debts[client];
    if (sent < count) {
        char *rest = malloc(count - sent);
        memcpy(rest, bytes + sent, count - sent);
        if (!debt->bytes) poller_watch(poller, client, client, false, true);
        free(debt->bytes);
        *debt = (struct debt){rest, count - sent};
    } else if (debt->bytes) {
        poller_watch(poller, client, client, true, false);
        free(debt->bytes);
        *debt = (struct debt){0};
    }
}

static void serve(int poller, int client, char *buffer) {
    if (debts[client].bytes) return pay(poller, client, debts[client].bytes, debts[client].count);
    ssize_t count = recv(client, buffer, room, 0);
    if (count > 0) pay(poller, client, buffer, count);
    else if (count == 0 || errno != EAGAIN) close(client);
}

/// Hands new clients to the loops in turn.
static void accept_clients(const int *pollers, long loops) {
    static unsigned turn;
    int client;
    while ((client = accept(listener, NULL, NULL)) >= 0) {
        fcntl(client, F_SETFL, O_NONBLOCK);
        if (client >= maximum) close(client);
        else poller_add(pollers[turn++ % loops], client, client);
    }
}

static int *pollers;
static long loops;

static void *run(void *poller) {
    struct readiness ready[256];
    char *buffer = malloc(room);
    for (;;) {
        int count = poller_wait(*(int *)poller, ready, 256, -1);
        for (int i = 0; i < count; i++) {
            int descriptor = (int)ready[i].token;
            if (descriptor == listener) accept_clients(pollers, loops);
            else serve(*(int *)poller, descriptor, buffer);
        }
    }
    return NULL;
}

int main(int count, char **arguments) {
    signal(SIGPIPE, SIG_IGN);
    int port = count > 1 ? atoi(arguments[1]) : 0;
    listener = listen_on_loopback(&port, SOMAXCONN, true, false);
    if (listener < 0) {
        perror("cannot listen");
        return 1;
    }
    printf("Listening on 127.0.0.1:%d\n", port);
    fflush(stdout);

    fcntl(listener, F_SETFL, O_NONBLOCK);
    loops = sysconf(_SC_NPROCESSORS_ONLN);
    pollers = calloc(loops, sizeof *pollers);
    for (long i = 0; i < loops; i++) pollers[i] = poller_create();
    poller_add(pollers[0], listener, listener);
    for (long i = 1; i < loops; i++) {
        pthread_t thread;
        pthread_create(&thread, NULL, run, &pollers[i]);
    }
    run(&pollers[0]);
}
