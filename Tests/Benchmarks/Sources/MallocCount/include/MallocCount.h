// SPDX-License-Identifier: Apache-2.0

#ifndef MALLOC_COUNT_H
#define MALLOC_COUNT_H

#include <stddef.h>
#include <stdint.h>

#endif
