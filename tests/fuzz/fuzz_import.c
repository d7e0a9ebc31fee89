/* SPDX-License-Identifier: MIT */
/*
 * Other programs' configurations: whatever they hold, what is printed is a configuration without a
 * problem, and its accounts hold what was set.
 *
 * The first octet chooses the program; 0x1e ends a file, and the next one has the next name.
 */
#include "fuzz.h"

#include "conf/rcfile.h"
#include "import/formats.h"

static size_t count_formats(void)
{
	size_t n = 0;

	while (import_format(n))
		n++;
	return n;
}

static size_t add_file(
	struct converted_file *files, size_t count, const char *role, struct input *in)
{
	if (!role || !in->rest.len || count == CONVERTED_FILES)
		return count;
	files[count] = (struct converted_file) { role, role, str_cut(&in->rest, '\x1e') };
	return count + 1;
}

static size_t cut_files(
	const struct import_format *format, struct input *in, struct converted_file *files)
{
	size_t count = add_file(files, 0, format->names[0].name, in);

	for (size_t i = 0; i < IMPORT_POINTERS; i++)
		count = add_file(files, count, format->pointers[i].role, in);
	for (size_t i = 1; format->names[i].name; i++)
		count = add_file(files, count, format->names[i].name, in);
	return count;
}

static void check_account(const struct converted_account *a, const struct rcblock *b)
{
	const struct secret *x = &a->s.password, *y = &b->own.password;
	struct buf before CLEAN_UP(buf_done) = BUF_INIT(1 << 20);
	struct buf after CLEAN_UP(buf_done) = BUF_INIT(1 << 20);

	claim(strcmp(a->name, b->name) == 0);
	if (a->parent)
		return;
	for (unsigned i = 0; i < SETTING_COUNT; i++) {
		settings_write(&a->s, setting_row((enum setting_id)i), &before);
		settings_write(&b->own, setting_row((enum setting_id)i), &after);
	}
	claim(str_eq(buf_str(&before), buf_str(&after)));
	claim(str_eq(str_n(x->bytes, x->len), str_n(y->bytes, y->len)));
}

static void check_text(const struct converted *d, struct str text)
{
	struct rcfile rc CLEAN_UP(rcfile_done);
	struct buf problems CLEAN_UP(buf_done) = BUF_INIT(1 << 20);

	rcfile_parse(&rc, "out", text);
	for (size_t i = 0; i < rc.count; i++)
		rcfile_problems(&rc, &rc.blocks[i], &problems);
	rcfile_problems(&rc, NULL, &problems);
	claim(!problems.len);
	claim(!d->count || rc.count == d->count);
	for (size_t i = 0; i < d->count; i++)
		check_account(d->accounts[i], &rc.blocks[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = input_of(data, size);
	struct converted_file files[CONVERTED_FILES];
	struct converted d CLEAN_UP(converted_done) = CONVERTED_INIT;
	struct buf out CLEAN_UP(buf_wipe_done) = BUF_INIT(64 << 20);

	setenv("HOME", "/home/joe", 1);
	const struct import_format *format = import_format(input_octet(&in) % count_formats());
	(void)import_by_text(in.rest);
	if (str_find(in.rest, '\0') < in.rest.len)
		return 0; /* import_write() takes no such text */
	d.files = files;
	d.file_count = cut_files(format, &in, files);
	format->reads(&d);
	converted_write(&d, format->program, &out);
	claim(!out.over && !d.text.over);
	check_text(&d, buf_str(&out));
	return 0;
}
