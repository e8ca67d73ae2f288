// SPDX-License-Identifier: Apache-2.0

#include "CBench.h"

#include <pthread.h>
#include <stdlib.h>

uintptr_t this_thread(void) {
    static _Thread_local char here;
    return (uintptr_t)&here;
}

/// What a new thread is to do.
struct start {
    void (*body)(void *);
    void *argument;
};

static void *begin(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    start.body(start.argument);
    return NULL;
}

int start_thread(void (*body)(void *), void *argument) {
    struct start *start = malloc(sizeof *start);
    *start = (struct start){body, argument};
    pthread_t thread;
    int failure = pthread_create(&thread, NULL, begin, start);
    if (failure) free(start);
    else pthread_detach(thread);
    return failure;
}
