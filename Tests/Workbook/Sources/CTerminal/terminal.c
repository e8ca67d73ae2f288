// Swift cannot fork, and its C library module has no pseudo-terminals. SPDX-License-Identifier: Apache-2.0

#define _GNU_SOURCE
#include "CTerminal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>
#ifdef __APPLE__
#include <util.h>
#else
#include <pty.h>
#endif

int terminal_open(const char *folder, char *const environment[], pid_t *shell) {
    // Nothing is broken to fit, and nothing is cut.
    struct winsize size = {.ws_row = 50, .ws_col = 200};
    char *arguments[] = {"sh", "-i", NULL};
    int descriptor;
    pid_t process = forkpty(&descriptor, NULL, NULL, &size);
    if (process < 0) return -1;
    if (process == 0) {
        // An ignored signal stays ignored in the programs that the shell starts.
        signal(SIGPIPE, SIG_DFL);
        signal(SIGINT, SIG_DFL);
        signal(SIGQUIT, SIG_DFL);
        if (chdir(folder) == 0) execve("/bin/sh", arguments, environment);
        _exit(127);
    }
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    *shell = process;
    return descriptor;
}
