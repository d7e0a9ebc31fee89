/* SPDX-License-Identifier: MIT */
/* Configuration files: whatever they hold, problems are lines of printable text. */
#include "fuzz.h"

#include "conf/rcfile.h"

static void check_problems(const struct rcfile *rc, const struct rcblock *block)
{
	struct buf out CLEAN_UP(buf_done) = BUF_INIT(1 << 20);

	rcfile_problems(rc, block, &out);
	struct str text = buf_str(&out);
	while (text.len) {
		struct str line = str_cut(&text, '\n');
		for (size_t i = 0; i < line.len; i++)
			claim(!chr_is_ctl(line.p[i]));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rcfile rc CLEAN_UP(rcfile_done);

	rcfile_parse(&rc, "rc", input_of(data, size).rest);
	claim(rc.count <= RCFILE_ACCOUNTS);
	check_problems(&rc, NULL);
	for (size_t i = 0; i < rc.count && i < 8; i++) {
		const struct rcblock *found = rcfile_find(&rc, str_of(rc.blocks[i].name));
		claim(found || strlen(rc.blocks[i].name) == 0);
		check_problems(&rc, &rc.blocks[i]);
	}
	return 0;
}
