// Nothing is called from outside: the library's functions stand before those of the C library.
// SPDX-License-Identifier: Apache-2.0

#ifndef KERNEL_FAULTS_H
#define KERNEL_FAULTS_H
#endif
