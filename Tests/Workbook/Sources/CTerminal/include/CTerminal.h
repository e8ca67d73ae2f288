// SPDX-License-Identifier: Apache-2.0

#include <sys/types.h>

/// Starts `sh -i` in a folder, behind a pseudo-terminal of 200 columns.
///
/// The shell leads a session of its own. Returns our end of the terminal, non-blocking, or -1.
int terminal_open(const char *folder, char *const environment[], pid_t *shell);
