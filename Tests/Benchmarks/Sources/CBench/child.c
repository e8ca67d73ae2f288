// SPDX-License-Identifier: Apache-2.0

#include "CBench.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

pid_t start_child(char *const arguments[], char *const environment[], int output, int error) {
    int last = getdtablesize();
    pid_t child = fork();
    if (child != 0) return child;
    // Only calls that are safe between fork and exec in a program with threads.
#if defined(__linux__)
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    setpgid(0, 0);  // A Ctrl-C at the terminal is ours: we end the child when we have measured.
    dup2(output, STDOUT_FILENO);
    dup2(error, STDERR_FILENO);
    for (int descriptor = 3; descriptor < last; descriptor++) close(descriptor);
    signal(SIGINT, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    execve(arguments[0], arguments, environment);
    _exit(127);
}
