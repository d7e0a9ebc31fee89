/* SPDX-License-Identifier: MIT */
/*
 * host - what this machine calls itself. Nothing is looked up in the network.
 *
 * Results are NUL-terminated and at most HOST_NAME_OCTETS - 1 octets. A name with octets that no
 * host name may have counts as missing: "" and false.
 */
#ifndef OS_HOST_H
#define OS_HOST_H

#include "base/attr.h"

enum { HOST_NAME_OCTETS = 256 };

/* The host's own name as it is set. */
bool host_name(char ret[HOST_NAME_OCTETS]);
/* The host's own name, if it is fit for mail: it has a dot and a domain known to others. */
bool host_public_name(char ret[HOST_NAME_OCTETS]);
/* The first line of /etc/mailname: the domain of this machine's mail. */
bool host_mailname(char ret[HOST_NAME_OCTETS]);

#endif
