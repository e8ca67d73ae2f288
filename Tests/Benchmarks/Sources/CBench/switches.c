// SPDX-License-Identifier: Apache-2.0

#include "CBench.h"

#ifdef __linux__

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/// The number behind a name in the text of a status file, or 0.
static int64_t number_behind(const char *name, const char *text) {
    const char *place = strstr(text, name);
    return place ? atoll(place + strlen(name)) : 0;
}

int64_t context_switches(pid_t process) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)process);
    DIR *tasks = opendir(path);
    if (!tasks) return -1;
    int64_t sum = 0;
    struct dirent *task;
    while ((task = readdir(tasks))) {
        if (task->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%.20s/status", task->d_name);
        // A thread that has ended meanwhile counts for nothing.
        int status = openat(dirfd(tasks), path, O_RDONLY | O_CLOEXEC);
        if (status < 0) continue;
        char text[8192];
        ssize_t count = read(status, text, sizeof text - 1);
        close(status);
        text[count > 0 ? count : 0] = 0;
        sum += number_behind("\nvoluntary_ctxt_switches:", text)
            + number_behind("\nnonvoluntary_ctxt_switches:", text);
    }
    closedir(tasks);
    return sum;
}

#else

int64_t context_switches(pid_t process) {
    (void)process;
    return -1;
}

#endif
