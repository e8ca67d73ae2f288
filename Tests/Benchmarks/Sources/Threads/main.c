// The blocking loops of stages 1 and 2 in C, with every setting that an experiment turns.
// SPDX-License-Identifier: Apache-2.0
//
//     Threads [option...] PORT
//
//     -1          one client at a time, as stage 1; otherwise a thread for every client
//     -b BYTES    buffer of a read                                      (4096)
//     -e          answer every read with "[echo] " and its bytes, and log it, as stage 2
//     -w 1 | 2    answer frames, with one write or with two: the length, then the payload
//     -n          leave Nagle's algorithm on
//     -q COUNT    backlog: how many clients may wait in the kernel      (SOMAXCONN)
//     -r          without SO_REUSEADDR
//     -s BYTES    stack of a thread                                     (128 KiB)

#include <CBench.h>
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
    int one_at_a_time, buffer, prefix, writes, nagle, backlog, no_reuse, stack;
} options = {.buffer = 4096, .backlog = SOMAXCONN, .stack = 128 << 10};

struct client {
    int socket;
    char peer[32];
};

static int send_all(int socket, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t sent = send(socket, bytes, count, 0);
        if (sent < 0 && errno != EINTR) return -1;
        if (sent > 0) bytes += sent, count -= sent;
    }
    return 0;
}

static int receive_exactly(int socket, char *bytes, size_t count) {
    while (count > 0) {
        ssize_t received = recv(socket, bytes, count, 0);
        if (received == 0 || (received < 0 && errno != EINTR)) return -1;
        if (received > 0) bytes += received, count -= received;
    }
    return 0;
}

static void log_line(const char *event, const char *peer) {
    char line[64];
    (void)!write(1, line, snprintf(line, sizeof line, "%s: %s\n", event, peer));
}

/// Logs at most 80 characters, quoted; takes the text to be ASCII, which the load's is.
static void log_text(const char *peer, const char *text, size_t count) {
    char line[512];
    char *end = line + sprintf(line, "From %s: \"", peer);
    for (size_t i = 0; i < count && i < 80; i++) {
        unsigned char c = text[i];
        if (c == '"' || c == '\\') end += sprintf(end, "\\%c", c);
        else if (c == '\n') end += sprintf(end, "\\n");
        else if (c < ' ' || c > '~') end += sprintf(end, "\\u{%X}", c);
        else *end++ = c;
    }
    end += sprintf(end, count > 80 ? "\"…\n" : "\"\n");
    (void)!write(1, line, end - line);
}

static void echo(const struct client *client) {
    static const char prefix[] = "[echo] ";
    size_t ahead = options.prefix ? sizeof prefix - 1 : 0;
    char *buffer = malloc(ahead + options.buffer);
    memcpy(buffer, prefix, ahead);
    for (;;) {
        ssize_t count = recv(client->socket, buffer + ahead, options.buffer, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        if (options.prefix) log_text(client->peer, buffer + ahead, count);
        if (send_all(client->socket, buffer, ahead + count) < 0) break;
    }
    free(buffer);
}

/// Sends every frame back, with one write or with two.
static void answer_frames(const struct client *client) {
    char *frame = malloc(4 + (1 << 16));
    uint32_t length;
    while (receive_exactly(client->socket, frame, 4) == 0) {
        memcpy(&length, frame, 4);
        length = ntohl(length);
        if (length > 1 << 16 || receive_exactly(client->socket, frame + 4, length) < 0) break;
        size_t first = options.writes == 2 ? 4 : 4 + length;
        if (send_all(client->socket, frame, first) < 0) break;
        if (send_all(client->socket, frame + first, 4 + length - first) < 0) break;
    }
    free(frame);
}

static void *serve(void *argument) {
    struct client *client = argument;
    log_line("Connected", client->peer);
    if (options.writes) answer_frames(client);
    else echo(client);
    shutdown(client->socket, SHUT_WR);
    log_line("Disconnected", client->peer);
    close(client->socket);
    free(client);
    return NULL;
}

static void accept_client(int listener, const pthread_attr_t *attributes) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int socket = accept(listener, (struct sockaddr *)&address, &size);
    if (socket < 0) {
        perror("accept");
        usleep(100000);
        return;
    }
    struct client *client = malloc(sizeof *client);
    client->socket = socket;
    snprintf(client->peer, sizeof client->peer, "%s:%d", inet_ntoa(address.sin_addr),
             ntohs(address.sin_port));
    pthread_t thread;
    if (options.one_at_a_time) {
        serve(client);
    } else if (pthread_create(&thread, attributes, serve, client) != 0) {
        perror("pthread_create");
        close(socket);
        free(client);
    }
}

int main(int count, char **arguments) {
    int option;
    while ((option = getopt(count, arguments, "1b:ew:nq:rs:")) != -1) {
        switch (option) {
        case '1': options.one_at_a_time = 1; break;
        case 'b': options.buffer = atoi(optarg); break;
        case 'e': options.prefix = 1; break;
        case 'w': options.writes = atoi(optarg); break;
        case 'n': options.nagle = 1; break;
        case 'q': options.backlog = atoi(optarg); break;
        case 'r': options.no_reuse = 1; break;
        case 's': options.stack = atoi(optarg); break;
        default: return 64;
        }
    }
    signal(SIGPIPE, SIG_IGN);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, options.stack);
    int port = optind < count ? atoi(arguments[optind]) : 0;
    int listener = listen_on_loopback(&port, options.backlog, !options.no_reuse, options.nagle);
    if (listener < 0) {
        perror("cannot listen");
        return 1;
    }
    printf("Listening on 127.0.0.1:%d\n", port);
    fflush(stdout);
    for (;;) accept_client(listener, &attributes);
}
