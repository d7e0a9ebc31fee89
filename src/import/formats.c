/* SPDX-License-Identifier: MIT */
#include "import/formats.h"

#include "base/log.h"
#include "conf/defaults.h"
#include "conf/rcfile.h"
#include "import/dma.h"
#include "import/esmtp.h"
#include "import/msmtp.h"
#include "import/nullmailer.h"
#include "import/ssmtp.h"

static const struct import_name ssmtp_names[] = {
	{ "ssmtp.conf", false },
	{ "revaliases", false },
	{ NULL, false },
};
static const struct import_name dma_names[] = {
	{ "dma.conf", false },
	{ "auth.conf", true },
	{ NULL, false },
};
static const struct import_name nullmailer_names[] = {
	{ "remotes", false },
	{ "me", false },
	{ "defaultdomain", false },
	{ "defaulthost", false },
	{ "helohost", false },
	{ "allmailfrom", false },
	{ "adminaddr", false },
	{ "idhost", false },
	{ "pausetime", false },
	{ "maxpause", false },
	{ "queuelifetime", false },
	{ "sendtimeout", false },
	{ NULL, false },
};
static const struct import_name esmtp_names[] = {
	{ "esmtprc", true },
	{ ".esmtprc", true },
	{ NULL, false },
};
static const struct import_name msmtp_names[] = {
	{ "msmtprc", true },
	{ ".msmtprc", true },
	{ NULL, false },
};

static const struct import_format formats[] = {
	{ "ssmtp", ssmtp_names, { { 0 } }, ssmtp_knows, ssmtp_read },
	{ "dma", dma_names, { { "AUTHPATH", "auth.conf" }, { "MAILNAME", "mailname" } }, dma_knows,
		dma_read },
	{ "nullmailer", nullmailer_names, { { 0 } }, nullmailer_knows, nullmailer_read },
	{ "esmtp", esmtp_names, { { 0 } }, esmtp_knows, esmtp_read },
	{ "msmtp", msmtp_names, { { 0 } }, msmtp_knows, msmtp_read },
};

const struct import_format *import_format(size_t i)
{
	return i < ARRAY_LEN(formats) ? &formats[i] : NULL;
}

const struct import_format *import_by_name(const char *path, const char **ret_role)
{
	struct str base = str_base(str_of(path));

	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		const struct import_name *names = formats[i].names;
		for (size_t k = 0; names[k].name; k++) {
			struct str known = str_of(names[k].name);
			if (!str_eq(base, known))
				continue;
			*ret_role = known.p[0] == '.' ? names[0].name : known.p;
			return &formats[i];
		}
	}
	return NULL;
}

/* How many lines of the text it knows. */
static size_t count_known(const struct import_format *format, struct str text)
{
	size_t n = 0;

	while (text.len) {
		struct str line = str_trim_lines(str_cut(&text, '\n'));
		n += line.len && line.p[0] != '#' && format->knows(line);
	}
	return n;
}

bool import_is_ours(const char *path, struct str text)
{
	return str_ends_same(str_of(path), STR("/postrider/config")) ||
	       str_starts(text, STR(CONVERTED_FIRST_LINE));
}

const struct import_format *import_by_text(struct str text)
{
	const struct import_format *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		size_t n = count_known(&formats[i], text);
		if (n > most) {
			most = n;
			best = &formats[i];
		}
	}
	return best;
}

char *import_pointed(const struct import_pointer *pointer, struct str text)
{
	while (pointer->key && text.len) {
		struct str line = str_trim_lines(str_cut(&text, '\n'));
		if (str_eq(str_word(&line), str_of(pointer->key)) && line.len && line.p[0] == '/' &&
			str_find(line, '\0') == line.len)
			return mem_dup(line.p, line.len);
	}
	return NULL;
}

static bool check_texts(const struct converted *files, struct err *e)
{
	for (size_t i = 0; i < files->file_count; i++) {
		const struct converted_file *file = &files->files[i];
		if (str_find(file->text, '\0') < file->text.len)
			return err_set(e, ERR_DATA, "%s: this is no text", file->path);
	}
	return true;
}

bool import_write(const struct import_format *format, const struct converted *files,
	struct buf *out, struct err *e)
{
	struct converted d CLEAN_UP(converted_done) = CONVERTED_INIT;

	if (!check_texts(files, e))
		return false;
	d.files = files->files;
	d.file_count = files->file_count;
	format->reads(&d);
	converted_write(&d, format->program, out);
	if (out->over || d.text.over)
		return err_set(e, ERR_DATA, "there is too much in it: %s", d.files[0].path);
	if (d.no_smarthost)
		log_warning("%s names no smarthost: write its name in place of localhost",
			format->program);
	return true;
}

static bool check_block(const struct rcblock *block, struct err *e)
{
	struct settings s CLEAN_UP(settings_done) = { 0 };
	struct defaults_options options = { 0 };

	settings_merge(&s, &block->defaults);
	settings_merge(&s, &block->own);
	return !settings_has(&s, SETTING_ID_host) || block->default_evals.count ||
	       block->own_evals.count || defaults_apply(&s, &options, e) ||
	       err_in(e, "account %s", block->name);
}

bool import_check(struct str config, struct err *e)
{
	struct rcfile rc CLEAN_UP(rcfile_done);
	bool good = true;

	rcfile_parse(&rc, "", config);
	for (size_t i = 0; good && i < rc.count; i++)
		good = check_block(&rc.blocks[i], e);
	return good;
}
