# SPDX-License-Identifier: MIT
"""The one-line changes: each operator finds the places of a C source that it can change.

mutants(text) yields Mutant values. Comments, strings, preprocessor lines, prototypes, declarations
without a value, rows of text and what stands in must() or _Static_assert() are left alone: a change
there means nothing, or no test should have to notice it.
"""

import pathlib
import re
import sys
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lint"))

import lintlib  # noqa: E402  (found through the line above)


class Mutant(NamedTuple):
    """A change: the octets begin..end of the text, which lie in one line, become others."""

    operator: str
    line: int
    begin: int
    end: int
    new: str

    def apply(self, text):
        """The changed text."""
        return text[:self.begin] + self.new + text[self.end:]


class Token(NamedTuple):
    """A token of a function or a value: where it stands, and how deep in brackets."""

    kind: str
    text: str
    line: int
    begin: int
    end: int
    depth: int


COMPARISONS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
ASSIGNMENTS = ("=", "|=", "&=", "+=", "-=", "*=", "/=", "%=", "^=", "<<=", ">>=")
JOINED = re.compile(r"<<=|>>=|->|\+\+|--|&&|\|\||[<>=!|&+*/%^-]=|<<|>>|.", re.S)
OPEN, CLOSE = "([{", ")]}"
# Whose arguments are promises to the compiler or to ourselves, or the most that memory may be taken
# for, not behaviour.
PROMISES = {"BUF_INIT", "must", "_Static_assert", "static_assert", "sizeof", "_Alignas", "__attribute__"}
WORDS_BEFORE_VALUES = {"return", "case", "else", "do"}
NO_CALLS = {"if", "while", "for", "switch", "return", "else", "do", "case", "default", "goto"}


# --- what may be changed -----------------------------------------------------------------------

def pieces(text):
    """The tokens of C, with operators of two and three characters in one piece."""
    at, fresh, directive = 0, True, False
    found = []
    for token in lintlib.scan(text):
        begin, at = at, at + len(token.text)
        if token.kind == "newline":
            fresh, directive = True, False
            continue
        if token.kind in ("space", "comment"):
            continue
        if fresh and token.text == "#":
            directive = True
        fresh = False
        if not directive:
            found.append((token.kind, token.text, token.line, begin, at))
    return [Token(*piece, deep) for piece, deep in deepen(join(found, text))]


def join(found, text):
    """Single characters of punctuation that stand together become operators."""
    joined, index = [], 0
    while index < len(found):
        kind, word, line, begin, end = found[index]
        if kind == "punct" and word != "->":
            match = JOINED.match(text, begin)
            while end < match.end():
                index += 1
                end = found[index][4]
            word = text[begin:end]
        joined.append((kind, word, line, begin, end))
        index += 1
    return joined


def deepen(found):
    """Each piece with the number of brackets around it."""
    depth = 0
    for piece in found:
        if piece[0] == "punct" and piece[1] in CLOSE:
            depth -= 1
        yield piece, depth
        if piece[0] == "punct" and piece[1] in OPEN:
            depth += 1


def partner(tokens, index):
    """The index of the bracket that closes the one at index."""
    for here in range(index + 1, len(tokens)):
        if tokens[here].depth == tokens[index].depth and tokens[here].text in CLOSE:
            return here
    return len(tokens) - 1


def unchangeable(tokens):
    """Indices of tokens inside of promises, attributes and the brackets of declared arrays."""
    found = set()
    for index, token in enumerate(tokens):
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        named = token.kind == "word" and (token.text in PROMISES or token.text.startswith("ATTR_"))
        if named and after == "(":
            found.update(range(index, partner(tokens, index + 1) + 1))
    return found


def is_function(tokens, index):
    """Whether the brace at index, which stands in no other bracket, opens a function."""
    return index > 0 and tokens[index - 1].text == ")"


class Source:
    """A C file: its tokens, and which of them are code, which are values outside of functions."""

    def __init__(self, text):
        self.text = text
        self.tokens = pieces(text)
        self.code, self.values = self._sort()
        frozen = unchangeable(self.tokens)
        self.code -= frozen
        self.values -= frozen

    def _sort(self):
        code, values, with_text = set(), set(), set()
        index = 0
        while index < len(self.tokens):
            token = self.tokens[index]
            if token.kind == "string":
                with_text.add(token.line)
            if token.text == "{" and token.depth == 0:
                end = partner(self.tokens, index)
                here = range(index + 1, end)
                if is_function(self.tokens, index):
                    code.update(here)
                else:
                    values.update(here)
                    with_text.update(self.tokens[i].line for i in here
                                     if self.tokens[i].kind == "string")
                index = end
            index += 1
        return code, {i for i in values if self.tokens[i].line not in with_text}

    def at(self, index):
        """The text of a token; nothing where there is none."""
        return self.tokens[index].text if 0 <= index < len(self.tokens) else ""

    def span(self, first, last):
        """The text from token to token."""
        return self.text[self.tokens[first].begin:self.tokens[last].end]

    def replace(self, operator, first, last, new):
        """The mutant that changes the tokens first..last; None unless they lie in one line."""
        begin, end = self.tokens[first], self.tokens[last]
        if first > last or "\n" in self.text[begin.begin:end.end]:
            return None
        return Mutant(operator, begin.line, begin.begin, end.end, new)

    def statements(self):
        """(first, last) of each simple statement of the functions; last is its semicolon."""
        for index in sorted(self.code):
            if self.tokens[index].text == ";" and not self._in_round(index):
                first = self._begin(index)
                if first < index and first in self.code:
                    yield first, index

    def _in_round(self, index):
        """Whether a semicolon stands in the head of a for."""
        depth = self.tokens[index].depth
        for here in range(index - 1, -1, -1):
            token = self.tokens[here]
            if token.depth < depth:
                return token.text in "(["
        return False

    def _begin(self, index):
        """The first token of the statement that ends at index."""
        depth = self.tokens[index].depth
        here = index - 1
        while here >= 0:
            token = self.tokens[here]
            if token.depth < depth or (token.depth == depth and token.text in (";", "}", ":")
                                       and not self._in_ternary(here)):
                break
            if token.text in ("else", "do") and token.depth == depth:
                break
            if token.text == ")" and token.depth == depth and self._heads(here):
                break
            here -= 1
        return here + 1

    def _in_ternary(self, index):
        """Whether a colon belongs to a question mark of the same statement."""
        if self.tokens[index].text != ":":
            return self.tokens[index].text == "}" and self.at(index + 1) in (";", ",", ")")
        depth = self.tokens[index].depth
        for here in range(index - 1, -1, -1):
            token = self.tokens[here]
            if token.depth == depth and token.text == "?":
                return True
            if token.depth < depth or token.text == ";":
                return False
        return False

    def _heads(self, close):
        """Whether a closing bracket ends the head of an if, for, while or switch."""
        for here in range(close - 1, -1, -1):
            token = self.tokens[here]
            if token.depth == self.tokens[close].depth and token.text == "(":
                return self.at(here - 1) in ("if", "for", "while", "switch")
        return False

    def is_declaration(self, first, last):
        """Whether a statement declares: two words stand together, or a word and a star begin it."""
        words = [self.tokens[i] for i in range(first, last + 1)]
        if words[0].kind != "word" or words[0].text in NO_CALLS:
            return False
        return words[1].kind == "word" or words[1].text == "*"

    def operand(self, index, step, both):
        """The last token, going from an operator in one direction, of what it takes there."""
        ends = {",", ";", "=", "?", ":", "return", "||"} | ({"&&"} if both else set())
        depth = self.tokens[index].depth
        here = index + step
        while 0 <= here < len(self.tokens):
            token = self.tokens[here]
            if token.depth < depth or (token.depth == depth and token.text in ends):
                break
            if token.depth == depth and token.text in ASSIGNMENTS:
                break
            if step < 0 and token.depth == depth and token.text == ")" and self._heads(here):
                break
            here += step
        return here - step


# --- the operators -----------------------------------------------------------------------------

def negate(source):
    """if (x) -> if (!(x)), and the same for while and for what stands before a question mark."""
    for index in sorted(source.code):
        if source.at(index) in ("if", "while") and source.at(index + 1) == "(":
            end = partner(source.tokens, index + 1)
            inside = source.span(index + 1, end)
            yield source.replace("negate", index + 1, end, f"(!{inside})")
        elif source.at(index) == "?":
            first = source.operand(index, -1, False)
            while first < index and source.tokens[first].text in ("||", "&&"):
                first += 1
            condition = source.span(first, index - 1) if first < index else ""
            yield source.replace("negate", first, index - 1, f"!({condition})")


def operand(source):
    """a && b -> a, or b; the same for ||."""
    for index in sorted(source.code):
        if source.at(index) not in ("&&", "||"):
            continue
        neutral = "true" if source.at(index) == "&&" else "false"
        both = source.at(index) == "&&"
        yield source.replace("operand", source.operand(index, -1, both), index - 1, neutral)
        yield source.replace("operand", index + 1, source.operand(index, 1, both), neutral)


def compare(source):
    """< -> <=, == -> != and so on."""
    for index in sorted(source.code):
        if source.at(index) in COMPARISONS:
            yield source.replace("compare", index, index, COMPARISONS[source.at(index)])


def logic(source):
    """&& -> ||, and back."""
    for index in sorted(source.code):
        if source.at(index) in ("&&", "||"):
            new = "||" if source.at(index) == "&&" else "&&"
            yield source.replace("logic", index, index, new)


def constant(source):
    """n -> n + 1; true -> false and back, but not what is returned: that is another operator."""
    flipped = {"true": "false", "false": "true"}
    for index in sorted(source.code | source.values):
        token = source.tokens[index]
        if source.at(index - 1) == "return" and source.at(index + 1) == ";":
            continue
        if token.kind == "number" and not in_declared_array(source, index):
            match = re.fullmatch(r"(0[xX])?([0-9a-fA-F]+?)([uUlL]*)", token.text)
            if match:
                number = int(match[2], 16 if match[1] else 10) + 1
                yield source.replace("constant", index, index, f"{number}{match[3]}")
        elif token.text in flipped:
            yield source.replace("constant", index, index, flipped[token.text])


def in_declared_array(source, index):
    """Whether a number is the size of an array: one more changes nothing."""
    if source.at(index - 1) != "[" or source.at(index + 1) != "]":
        return False
    first = index
    while first > 0 and source.at(first - 1) not in (";", "{", "}", ")"):
        first -= 1
    return source.is_declaration(first, index)


def returned(source):
    """return true -> false, n -> n + 1; any other value -> its opposite, or 0."""
    flipped = {"true": "false", "false": "true"}
    for first, last in source.statements():
        if source.at(first) != "return" or first + 1 == last:
            continue
        value = source.span(first + 1, last - 1)
        if value in flipped:
            yield source.replace("return", first + 1, last - 1, flipped[value])
        elif re.fullmatch(r"-?\d+", value):
            yield source.replace("return", first + 1, last - 1, str(int(value) + 1))
        elif value != "NULL":
            yield source.replace("return", first + 1, last - 1, f"!({value})")
            yield source.replace("return", first + 1, last - 1, "0")


def assignment(source):
    """x = y; -> nothing; so with x |= y, x += y."""
    for first, last in source.statements():
        depth = source.tokens[first].depth
        assigns = any(source.at(i) in ASSIGNMENTS and source.tokens[i].depth == depth
                      for i in range(first, last))
        if assigns and not source.is_declaration(first, last):
            yield source.replace("assignment", first, last, ";")


def compound(source):
    """x |= y -> x = y; x += y -> x -= y; ++ -> --."""
    new = {"|=": "=", "&=": "=", "+=": "-=", "-=": "+=", "++": "--", "--": "++"}
    for index in sorted(source.code):
        if source.at(index) in new:
            yield source.replace("compound", index, index, new[source.at(index)])


def call(source):
    """f(x); -> nothing."""
    for first, last in source.statements():
        name = first
        if source.at(first) == "(" and source.at(first + 1) == "void":
            name = first + 3
        plain = source.tokens[name].kind == "word" and source.at(name) not in NO_CALLS
        if plain and source.at(name + 1) == "(" and partner(source.tokens, name + 1) == last - 1:
            yield source.replace("call", first, last, ";")


def arithmetic(source):
    """a + b -> a - b and back; a & b -> a | b and back."""
    new = {"+": "-", "-": "+", "&": "|", "|": "&"}
    for index in sorted(source.code):
        before = source.tokens[index - 1]
        is_value = (before.kind in ("word", "number", "char") and before.text
                    not in WORDS_BEFORE_VALUES) or before.text in ("]", ")")
        spaced = source.text[before.end:source.tokens[index].begin] != ""
        spaced = spaced and source.text[source.tokens[index].end].isspace()
        if source.at(index) in new and is_value and spaced:
            yield source.replace("arithmetic", index, index, new[source.at(index)])


def jump(source):
    """continue -> break; a break is left out."""
    for first, last in source.statements():
        if source.at(first) == "continue":
            yield source.replace("jump", first, first, "break")
        elif source.at(first) == "break":
            yield source.replace("jump", first, first, "")


OPERATORS = (negate, operand, compare, logic, constant, returned, assignment, compound, call,
             arithmetic, jump)


def mutants(text):
    """All mutants of a source, sorted by operator and place."""
    source = Source(text)
    for operator in OPERATORS:
        yield from filter(None, operator(source))
