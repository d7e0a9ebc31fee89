/* SPDX-License-Identifier: MIT */
#include "submit/compose_files.h"

#include "base/log.h"
#include "base/mem.h"
#include "mail/body.h"
#include "mail/rfc2047.h"
#include "mime/compose.h"
#include "mime/media_type.h"
#include "os/file.h"
#include "submit/input.h"

#include <string.h>

enum {
	PIECE = 16384,
	TYPES_MAX = 1 << 20, /* octets of ASSEMBLE_TYPES */
	OUT_MAX = HEADER_MAX + COMPOSE_FILES_LOOK + QP_GROWTH * PIECE + 4096,
};

/* The text and what is known of it once it is read. */
struct text {
	struct spool content; /* canonical */
	struct canon canon;
	struct str_utf8 utf8;
	struct buf start; /* its first octets as they were read */
};

struct work {
	const struct compose_options *what;
	struct read_message_options *options;
	struct message_reader *reader;
	struct compose compose;
	struct text text;
	struct buf types; /* the table of ASSEMBLE_TYPES */
	struct buf out;
	char *piece;
};

static void work_done(struct work *w)
{
	message_reader_free(w->reader);
	spool_done(&w->text.content);
	buf_done(&w->text.start);
	buf_done(&w->types);
	buf_done(&w->out);
	mem_free(w->piece);
}

/* Passes the composed octets on to the message. */
static bool pass_on(struct work *w, struct err *e)
{
	if (w->out.over)
		return err_set(e, ERR_DATA, "the header is larger than 8 MiB");
	bool good = message_reader_feed(w->reader, buf_str(&w->out), e);
	buf_clear(&w->out);
	return good;
}

/* --- the text --- */

static bool keep_text(struct text *t, struct buf *canonical, struct err *e)
{
	str_utf8_feed(&t->utf8, buf_str(canonical));
	bool good = spool_write(&t->content, buf_str(canonical), e);
	buf_clear(canonical);
	return good;
}

static bool add_text(struct work *w, struct str raw, struct err *e)
{
	while (raw.len) {
		raw = str_from(raw, canon_feed(&w->text.canon, raw, &w->out));
		if (!keep_text(&w->text, &w->out, e))
			return false;
	}
	return true;
}

static bool end_text(struct work *w, struct err *e)
{
	bool ended;

	do {
		ended = canon_end(&w->text.canon, &w->out);
		if (!keep_text(&w->text, &w->out, e))
			return false;
	} while (!ended);
	if (w->text.canon.facts.has_nul)
		log_warning("the text has NUL octets; they were replaced by '?' (--attach sends a "
			    "file as it is)");
	return true;
}

static bool read_text(struct work *w, struct err *e)
{
	struct buf *start = &w->text.start;
	struct input input;
	size_t n;

	if (w->what->text || compose_options_attaches_input(w->what))
		return add_text(w, str_of(w->what->text), e) && end_text(w, e);
	input_init(&input, w->options->fd, w->options->dots_are_text, w->options->typed);
	do {
		if (!input_read(&input, w->piece, PIECE, &n, e))
			return err_hint(e, "if there is no text on standard input, say --body ''");
		buf_add(start, str_head(str_n(w->piece, n), buf_room(start)));
		if (!add_text(w, str_n(w->piece, n), e))
			return false;
	} while (n);
	return body_check_start(buf_str(start), e) && end_text(w, e);
}

static struct compose_part describe_text(const struct work *w)
{
	const struct body_facts *facts = &w->text.canon.facts;
	struct str type = w->what->text_type;
	const char *charset = "us-ascii";
	enum mime_encoding encoding = facts->has_8bit ? ENCODING_8BIT : ENCODING_7BIT;

	if (facts->has_8bit)
		charset = w->text.utf8.bad ? "unknown-8bit" : "utf-8";
	return (struct compose_part) {
		.type = type.len ? type : STR("text/plain"),
		.charset = media_type_has(type, "charset") ? NULL : charset,
		.encoding = facts->longest > BODY_LINE ? ENCODING_QP : encoding,
	};
}

static bool put_text(struct work *w, struct err *e)
{
	struct compose_part part = describe_text(w);
	struct str piece;

	if (w->what->count && !w->text.content.size)
		return true;
	compose_part(&w->compose, &part, &w->out);
	for (uint64_t at = 0;; at += piece.len) {
		if (!pass_on(w, e) || !spool_at(&w->text.content, at, &piece, e))
			return false;
		if (!piece.len)
			return true;
		piece = str_head(piece, PIECE);
		compose_feed(&w->compose, piece, &w->out);
	}
}

/* --- files --- */

static bool check_files(const struct compose_options *l, struct err *e)
{
	for (size_t i = 0; i < l->count; i++)
		if (!file_check_attachment(l->files[i].path, e))
			return err_in(e, "--attach");
	return true;
}

/* A file that is being attached: as long as it was when it was opened, and not longer. */
struct attached {
	int fd;
	bool has_size;
	uint64_t left; /* octets, if has_size */
};

static bool read_attached(struct attached *a, char *to, size_t *ret_n, struct err *e)
{
	size_t most = a->has_size && a->left < PIECE ? (size_t)a->left : PIECE;

	*ret_n = 0;
	if (most && !file_read_some(a->fd, to, most, ret_n, e)) {
		err_become(e, ERR_NOINPUT);
		return false;
	}
	if (most && !*ret_n && a->has_size) {
		err_set(e, ERR_TEMPORARY, "the file became shorter while it was read");
		return err_hint(e, "nothing was sent; send it again when nothing writes to it");
	}
	a->left -= *ret_n;
	return true;
}

static struct str name_of(const struct compose_options_file *file)
{
	if (file->name.len)
		return file->name;
	return strcmp(file->path, "-") == 0 ? STR("") : str_base(str_of(file->path));
}

/* The file's media type, "" if unknown. The table is only a help: it may be missing or wrong. */
static struct str type_of(struct work *w, const struct compose_options_file *file)
{
	struct file_facts facts;
	struct err ignored;

	if (file->type.len)
		return file->type;

	if (!w->types.limit) {
		w->types = BUF_INIT(TYPES_MAX);
		if (!file_read(ASSEMBLE_TYPES, &w->types, &facts, &ignored))
			buf_clear(&w->types);
	}
	return media_type_of(buf_str(&w->types), name_of(file));
}

/* Reads the first octets of the file. *ret_all: it has no more. */
static bool read_start(
	struct work *w, struct attached *a, struct buf *ret, bool *ret_all, struct err *e)
{
	size_t n;

	*ret_all = false;
	while (buf_room(ret) >= PIECE && !*ret_all) {
		if (!read_attached(a, w->piece, &n, e))
			return false;
		buf_bytes(ret, w->piece, n);
		*ret_all = n == 0;
	}
	return true;
}

static bool is_message(struct str type)
{
	return media_type_is(type, "message/");
}

/* Whether this may be UTF-8 text whose last character is cut off. */
static bool begins_as_utf8(struct str octets)
{
	struct str_utf8 utf8 = { 0 };

	str_utf8_feed(&utf8, octets);
	return !utf8.bad;
}

static bool is_text_type(struct str type)
{
	return media_type_is(type, "text/");
}

/*
 * Sets a file's type and whether it is encoded. A message must not be (RFC 2046 section 5.2.1): if
 * it cannot be sent unencoded, it is labelled as a file of unknown type.
 */
static void describe_type(struct compose_part *part, bool text)
{
	if (!part->type.len && text)
		part->type = STR("text/plain");
	else if (!part->type.len || (!text && is_message(part->type)))
		part->type = STR("application/octet-stream");
	else if (!is_message(part->type) && !is_text_type(part->type))
		text = false;
	part->encoding = text ? ENCODING_8BIT : ENCODING_BASE64;
}

/* Describes a file by its first octets. all: the file has no more. */
static void describe(struct compose_part *part, struct str octets, bool all, bool eightbit)
{
	bool ascii = str_is_ascii(octets);

	describe_type(part, all && compose_is_text(octets, is_message(part->type)));
	if (part->encoding == ENCODING_8BIT && ascii)
		part->encoding = ENCODING_7BIT;
	else if (part->encoding == ENCODING_8BIT && !eightbit)
		part->encoding = ENCODING_BASE64;
	if (!is_text_type(part->type) || media_type_has(part->type, "charset"))
		return;
	if (all && ascii)
		part->charset = "us-ascii";
	else if (all ? str_is_utf8(octets) : begins_as_utf8(octets))
		part->charset = "utf-8";
}

/* Puts these octets and, unless they are all, the rest of the file. */
static bool put_octets(
	struct work *w, struct attached *a, struct str octets, bool all, struct err *e)
{
	size_t n;

	for (;;) {
		compose_feed(&w->compose, octets, &w->out);
		if (!pass_on(w, e))
			return false;
		if (all)
			return true;
		if (!read_attached(a, w->piece, &n, e))
			return false;
		octets = str_n(w->piece, n);
		all = n == 0;
	}
}

static bool put_file(struct work *w, const struct compose_options_file *file, struct err *e)
{
	struct buf first CLEAN_UP(buf_done) = BUF_INIT(COMPOSE_FILES_LOOK);
	int fd CLEAN_UP(file_close_at) = file_open_input(file->path, e);
	struct compose_part part = {
		.attachment = true,
		.file_name = name_of(file),
		.type = type_of(w, file),
	};
	struct attached attached = { .fd = fd };
	bool all = false;

	if (fd < 0)
		return false;
	attached.has_size = file_size(fd, &attached.left);
	bool looks = !part.type.len || is_text_type(part.type) || is_message(part.type);
	if (looks && !read_start(w, &attached, &first, &all, e))
		return err_in(e, "%s", file->path);
	bool message = is_message(part.type);
	describe(&part, buf_str(&first), all, w->compose.eightbit);
	if (message && !is_message(part.type))
		log_warning("%s: it cannot go as a message, which must not be encoded; it goes as "
			    "a file "
			    "of octets",
			file->path);
	compose_part(&w->compose, &part, &w->out);
	return put_octets(w, &attached, buf_str(&first), all, e) || err_in(e, "%s", file->path);
}

/* --- all of it --- */

/*
 * Whether the multipart must be labelled 8bit. Text files can be base64 instead; an attached
 * message cannot, and may hold 8-bit octets, for it is not read yet.
 */
static bool needs_8bit(struct work *w)
{
	bool needs = w->text.canon.facts.has_8bit;

	for (size_t i = 0; i < w->what->count && !needs; i++)
		needs = is_message(type_of(w, &w->what->files[i]));
	return needs;
}

static bool begin_composed(struct work *w, struct err *e)
{
	char random[COMPOSE_RANDOM + 1];

	if (!random_letters(random, sizeof(random), e))
		return false;
	buf_add(&w->out, buf_str(&w->what->fields));
	if (w->what->count)
		compose_begin_multipart(&w->compose, needs_8bit(w), random, &w->out);
	else
		compose_begin(&w->compose, &w->out);
	return true;
}

bool compose_files(const struct compose_options *compose, struct read_message_options *options,
	struct message *ret, struct err *e)
{
	struct work w CLEAN_UP(work_done) = {
		.text.start = BUF_INIT(BODY_START),
		.what = compose,
		.options = options,
		.out = BUF_INIT(OUT_MAX),
		.piece = mem_alloc(PIECE),
	};

	w.reader = message_reader_new(options, ret);
	if (!check_files(compose, e) || !read_text(&w, e) || !begin_composed(&w, e) ||
		!put_text(&w, e))
		return false;
	for (size_t i = 0; i < compose->count; i++)
		if (!put_file(&w, &compose->files[i], e))
			return err_in(e, "--attach");
	compose_end(&w.compose, &w.out);
	return pass_on(&w, e) && message_reader_end(w.reader, e);
}
