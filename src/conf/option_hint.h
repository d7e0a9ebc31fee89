/* SPDX-License-Identifier: MIT */
/*
 * option_hint - makes a hint that names lines of a configuration file name options instead.
 *
 * Hints are written for those who have a file: "add the lines tls on and user NAME to the account".
 * Where the server was named on the command line there is none, and what helps is an option:
 * "add the options --tls=on and --user=NAME to the command". Settings are recognised behind the
 * word "line", in the list that it begins, and everywhere if their name has an underscore.
 */
#ifndef CONF_OPTION_HINT_H
#define CONF_OPTION_HINT_H

#include "base/buf.h"

/* Appends the hint with options in place of lines; a setting that is no option stays. */
void option_hint(struct str hint, struct buf *out);

#endif
