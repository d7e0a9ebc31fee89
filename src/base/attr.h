/* SPDX-License-Identifier: MIT */
/*
 * attr - attributes for the compiler, and basic macros.
 *
 * Every file may include this header. A local declared with CLEAN_UP(fn) is released at the end of
 * its scope: fn is called with its address on every way out, so no function frees by hand.
 */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATTR_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#define ATTR_NORETURN __attribute__((noreturn))
#define ATTR_NODISCARD __attribute__((warn_unused_result))
#define ATTR_NONNULL_RESULT __attribute__((returns_nonnull))
#define ATTR_UNUSED __attribute__((unused))
/* A large array that is written before it is read: not made zero on every call. */
#if defined(__has_attribute) && __has_attribute(uninitialized)
#define ATTR_UNINITIALIZED __attribute__((uninitialized))
#else
#define ATTR_UNINITIALIZED
#endif
#define CLEAN_UP(fn) __attribute__((cleanup(fn)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
