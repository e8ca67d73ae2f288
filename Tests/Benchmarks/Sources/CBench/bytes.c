// SPDX-License-Identifier: Apache-2.0

#include "CBench.h"

size_t count_letter(const void *bytes, size_t count, uint8_t letter) {
    const uint8_t *byte = bytes;
    size_t found = 0;
    while (count > 0) {
        // At most 255 fit one byte, and bytes are what the compiler adds up sixteen at a time.
        size_t block = count < 255 ? count : 255;
        uint8_t here = 0;
        for (size_t i = 0; i < block; i++) here += byte[i] == letter;
        found += here;
        byte += block;
        count -= block;
    }
    return found;
}
