// What libFuzzer and the C library offer, and Swift doesn't see. SPDX-License-Identifier: Apache-2.0

#include <stddef.h>
#include <stdint.h>

/// Lets libFuzzer run: calls `test` with one input after the other (FuzzerInterface.h of compiler-rt).
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*test)(const uint8_t *data, size_t size));

/// How many bytes are allocated at the moment, of all sizes.
size_t allocated_bytes(void);
