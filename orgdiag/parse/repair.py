"""A broken text → the statements that can be saved, and a finding for each thing that is wrong.

Two passes. The first makes tokens of any text whatever: a string that does not end is closed, a
word that is none is put right. The second feeds the tokens to the parser; where it would not accept
one, a closing brace is put in or taken out. In a text whose braces do not match,
indentation tells which block was left open.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from orgdiag.finding import Evidence, Finding, misread
from orgdiag.text.grammar import Automaton
from orgdiag.text.lexer import (
    CLOSE,
    HEAD,
    MAX_DEPTH,
    OTHER,
    PART,
    REST,
    WORD,
    Closing,
    gap_end,
)  # fmt: skip
from orgdiag.text.mend import Mend, meant
from orgdiag.text.source import Source, Span
from orgdiag.text.syntax import Statement

# Words that only ever start a statement at the top of a file.
_TOP: Final = frozenset(
    {
        "team",
        "stream",
        "group",
        "component",
        "coordination",
        "interaction",
        "change",
        "extend",
        "org",
    }
)
# Words that may have a block, for texts whose braces do not match.
BLOCKS: Final = _TOP | {
    "api", "calendar", "capability", "domain", "handoff", "make", "move", "needs", "product",
    "step", "wait",
}  # fmt: skip
_ENOUGH: Final = 1000  # findings of each pass over one text; more are never shown
_EXPECTED: Final = {
    "LINE": "a statement", "HEAD": "a statement", "$END": "the end of the text",
}  # fmt: skip
_CHUNK = re.compile(r'[^ \t\r\n,"]*+')
_ASSIGNED = re.compile(r"([a-z][a-z0-9]*+(?>-[a-z0-9]++)*+)([:=]++)")
# The part of a line that would stand before the brace, if it had one.
_ID = r"[a-z][a-z0-9-]*+"
_INNER: Final = (
    "queue", "cadence", "approval", "dependency", "batch", "environment", "handoff", "other",
    "docs", "contact", "hours", "support", "day", "week",
)  # fmt: skip
_HEADS = re.compile(
    rf"(?:(?:{'|'.join(sorted(_TOP - {'extend', 'interaction'}))}|capability|domain|product|step)"
    rf'[ \t]+{_ID}(?>[ \t]+"(?>[^"\\\n]++|\\.)*+")?+'
    rf"|extend[ \t]+{_ID}[ \t]+[a-z0-9.-]++|interaction[ \t]+{_ID}[ \t]+with[ \t]+{_ID}"
    rf"|needs[ \t]+(?>capability[ \t]+)?+{_ID}[ \t]+from[ \t]+{_ID}"
    rf"|handoff[ \t]+{_ID}[ \t]+->[ \t]+{_ID}"
    rf"|(?:wait|api|calendar)(?=[ \t]*+(?:\Z|[^ \ta-z0-9]|(?:{'|'.join(_INNER)})[ \t])))[ \t]*+"
)
_FOREIGN: Final = ("//", "/*", "*/", "--")
_FIRST_WORD = re.compile(r'[^a-z"]*+([a-z])')
_LETTERS = re.compile(r"[^a-z0-9]+")

Part = Statement | Closing


def repair(source: Source, parser: Automaton) -> tuple[list[Statement], tuple[Finding, ...]]:
    """The statements of a broken text, and what is broken in it."""
    lexing = _Lexing(source)
    lexing.run()
    feeding = _Feeding(source, parser, lexing.tokens)
    statements = feeding.run()
    found = sorted(lexing.findings + feeding.findings, key=lambda f: (f.span.start, f.span.end))
    return statements, tuple(found)


# --- tokens of any text ---------------------------------------------------------------------------


class _Lexing:
    """Makes tokens of a text; none is left out, and what is repaired is noted."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.tokens: list[Part] = []
        self.findings: list[Finding] = []
        self.noted = -1  # the last line that was said to start with no word

    def run(self) -> None:
        """Read the whole text."""
        text, at = self.text, gap_end(self.text, 0)
        while at < len(text):
            match = PART.match(text, at)
            assert match is not None  # noqa: S101 - the last alternative takes anything
            if match.lastindex == OTHER:
                at = self._broken(at)
                continue
            if match.lastindex == CLOSE:
                self.tokens.append(Closing(at))
            else:
                head = match.lastindex == HEAD
                self.tokens.append(
                    Statement(
                        "HEAD" if head else "LINE", self.source, at, match[1], match.end(1) + head
                    )
                )
            at = match.end()

    def _broken(self, at: int) -> int:
        """Read one token where no sound one stands; the place after it."""
        if self.text[at] == "{":
            self._brace(at)
            return gap_end(self.text, at + 1)
        if self.text[at] == "}":
            self.tokens.append(Closing(at, glued=True))
            return gap_end(self.text, at + 1)
        return self._phrase(at)

    def _brace(self, at: int) -> None:
        """A brace that stands behind no word: that of the line before it, or nobody's."""
        before = self.tokens[-1] if self.tokens else None
        if (
            isinstance(before, Statement)
            and before.type == "LINE"
            and "\n" in self.text[before.head_end : at]
        ):
            before.type = "HEAD"
            before.end = at + 1
            self._note("a brace stands on the line of its statement", at, at + 1,
                       help=f"write `{before.word} … {{`")  # fmt: skip
            return
        head = Statement("HEAD", self.source, at, "", at + 1)
        head.broken = True
        self.tokens.append(head)

    def _phrase(self, at: int) -> int:
        """A statement with a string that does not end, or with a first word that is none."""
        match = REST.match(self.text, at)
        end = match.end() if match else at
        broken = False
        if self.text[end : end + 1] == '"':
            end = self._odd_quote(at, end)
        phrase = self.text[at:end]
        if self.text[end : end + 1] == '"':
            end, closed = self._unclosed(end)
            phrase += closed
            broken = True
        if not WORD.match(phrase):
            phrase = self._worded(at, phrase, silent=broken)
            broken = True
        head = self.text[end : end + 1] == "{"
        statement = Statement("HEAD" if head else "LINE", self.source, at, phrase, end + head)
        statement.broken = broken
        self.tokens.append(statement)
        return gap_end(self.text, max(at + 1, end + head))

    def _odd_quote(self, at: int, end: int) -> int:
        """Of the quotes of a phrase the unclosed one: the first before a brace, or the last."""
        for string in _STRING.finditer(self.text, at, end):
            if _BRACE.search(string[0]):
                return string.start()
        return end

    def _unclosed(self, quote: int) -> tuple[int, str]:
        """The place where a string without an end is over, and the string, closed.

        It ends with its line, or before a brace there: braces are rare in prose, and a lost one
        would cost a whole block.
        """
        line = self.text.find("\n", quote)
        stop = len(self.text) if line < 0 else line
        brace = _BRACE.search(self.text, quote, stop)
        stop = brace.start() if brace else stop
        inside = self.text[quote + 1 : stop].rstrip(" \t\r")
        self._note("this text is never closed", quote, quote + 1 + len(inside),
                   help=Mend('close it with `"` on the same line', '"', "after"))  # fmt: skip
        if (len(inside) - len(inside.rstrip("\\"))) % 2:
            inside = inside[:-1]
        return stop, f'"{inside}"'

    def _worded(self, at: int, phrase: str, *, silent: bool) -> str:
        """The phrase with its first word put right, if that is possible."""
        match = _CHUNK.match(phrase)
        chunk = match[0] if match else ""
        assigned = _ASSIGNED.match(phrase)
        if assigned:
            word, sign = assigned[1], assigned[2]
            if not silent:
                self._note(f"`{sign[0]}` has no meaning here", at + len(word), at + assigned.end(),
                           help=Mend(f"write `{word}`, a space and its value", " "))  # fmt: skip
            return word + " " * len(sign) + phrase[assigned.end() :]
        near = _LETTERS.sub("-", chunk.lower()).strip("-")
        fits = WORD.fullmatch(near) and len(near) <= len(chunk)
        line = self.source.position(at)[0]
        before = self.tokens[-1] if self.tokens else None
        if isinstance(before, Statement) and before.text.strip() == before.word:
            if not silent and "\n" not in self.text[before.start : at]:
                before.broken = True
                self._note(f"`{before.word}` is cut off from its value", at - 1, at,
                           help=Mend("remove the `;`", " ")
                           if self.text[at - 1 : at] == ";" else "remove the `;`")  # fmt: skip
                return phrase
        if not silent and self.noted != line:
            self.noted = line
            shown = chunk[:60] or phrase[:1]
            self._note(
                f"`{shown}` is no word to start a statement with", at, at + max(1, len(chunk)),
                help="a comment starts with `#`" if chunk[:2] in _FOREIGN
                else meant(near) if fits else "a statement starts with a word",
            )  # fmt: skip
        return near.ljust(len(chunk)) + phrase[len(chunk) :] if fits else phrase

    def _note(self, message: str, start: int, end: int, help: str) -> None:
        if len(self.findings) < _ENOUGH:
            span = Span(self.source, start, end)
            self.findings.append(misread("syntax-error", message, span, help=help))


_BRACE = re.compile(r"[{}]")
_STRING = re.compile(r'"(?>[^"\\\n]++|\\.)*+"')

# --- tokens to statements -------------------------------------------------------------------------


class _Open:
    """A block that is open.

    indent  the indentation of its head, None when that is not the first of its line
    inline  whether a statement of it stands on the line of the head
    inner   the indentation of its first statement that starts a line, None when there is none
    """

    __slots__ = ("head", "indent", "inline", "inner")

    def __init__(self, head: Statement, indent: int | None) -> None:
        self.head = head
        self.indent = indent
        self.inline = False
        self.inner: int | None = None

    def holds(self, indent: int | None) -> None:
        """Note a statement in it."""
        if indent is None:
            self.inline = True
        elif self.inner is None:
            self.inner = indent


class _Feeding:
    """Feeds tokens to the parser, putting in and taking out braces."""

    def __init__(self, source: Source, parser: Automaton, tokens: Sequence[Part]) -> None:
        self.source = source
        self.text = source.text
        self.parser = parser
        self.tokens = tokens
        self.open: list[_Open] = []
        self.findings: list[Finding] = []
        self.indents = _indents(source.text, tokens)
        self.missing, self.extra = _unmatched(tokens)
        self.end = 0  # just after the last token that was fed
        self.cut: Statement | None = None  # a statement whose rest a wrong brace split off
        self.skipping = 0  # blocks open inside one that is nested too deep
        self.swapped: Part | None = None  # a closing brace that was read as an opening one

    def run(self) -> list[Statement]:
        """The statements of all tokens."""
        for number, token in enumerate(self.tokens):
            if token is self.swapped:
                continue
            if self.skipping:
                self._skip(token)
            elif isinstance(token, Closing):
                self._closing(token, number)
            elif not self._rest_of_cut(token):
                self._statement(token, number)
        while self.open:
            self._close(noted=not self.skipping)
        statements: list[Statement] = self.parser.result()
        return statements

    # --- statements ---

    def _statement(self, token: Statement, number: int) -> None:
        indent = self.indents[number]
        while self.missing and indent is not None and self._left(token, indent):
            self.missing -= 1
            self._close()
        if self.open:
            self.open[-1].holds(indent)
        if token.type == "HEAD":
            self._head(token, indent)
        elif self.extra and self._lacks_brace(token, indent, number):
            self.extra -= 1
        else:
            self._feed(token)

    def _head(self, token: Statement, indent: int | None) -> None:
        brace = token.end - 1
        if self.missing and token.word not in BLOCKS and not (token.broken and token.text):
            self.missing -= 1
            self._note("this `{` opens nothing", brace, Mend("remove it", ""))
            if token.text:
                token.type, token.end, token.broken = "LINE", token.head_end, True
                self.cut = token
                self._feed(token)
            return
        if not token.text:
            self._note("a block needs a statement before it", brace, "name it, or remove it")
        if len(self.open) == MAX_DEPTH:
            self._too_deep(token)
            return
        self._feed(token)
        self.open.append(_Open(token, indent))

    def _feed(self, token: Statement) -> None:
        self.parser.feed((token,))
        self.end = token.end

    def _rest_of_cut(self, token: Statement) -> bool:
        """Whether a token is the rest of the statement that a wrong brace cut: it is dropped."""
        cut, self.cut = self.cut, None
        if cut is None or token.type != "LINE":
            return False
        between = self.text[cut.end : token.start]
        return "\n" not in between and ";" not in between

    def _left(self, token: Statement, indent: int) -> bool:
        """Whether the indentation says that the innermost block should be over before the token."""
        if not self.open:
            return False
        block = self.open[-1]
        if block.indent is None or indent > block.indent:
            return False
        if block.inner is None:
            return block.inline or token.word in _TOP
        return block.inner > block.indent or token.word in _TOP

    def _lacks_brace(self, token: Statement, indent: int | None, number: int) -> bool:
        """Put in the `{` that a line lacks: its rest, or what is indented below, is its block."""
        form = _HEADS.match(token.text)
        if not form:
            return False
        rest = _FIRST_WORD.match(token.text, form.end())
        after = self.tokens[number + 1] if number + 1 < len(self.tokens) else None
        if rest is None and not token.broken and not self._block_follows(token, number, after):
            return False
        head = Statement("HEAD", self.source, token.start, form[0].rstrip(), token.start)
        head.end = head.head_end + 1
        if not token.broken:
            self._note(f"`{{` is missing after `{' '.join(form[0].split()[:2])}`", head.head_end,
                       Mend("open the block with `{`", " {", "before"))  # fmt: skip
        self._feed(head)
        self.open.append(_Open(head, indent))
        if rest is not None:
            self.open[-1].holds(None)
            at = rest.start(1)
            inner = Statement("LINE", self.source, token.start + at, token.text[at:], token.end)
            inner.broken = token.broken
            self._feed(inner)
        return True

    def _block_follows(self, token: Statement, number: int, after: Part | None) -> bool:
        """Whether what comes after a line is its block, to judge by the layout."""
        indent = self.indents[number]
        if isinstance(after, Closing):
            same_line = "\n" not in self.text[token.start : after.start]
            if after.glued and same_line and self.extra > 1:
                self.swapped = after
                self.extra -= 1
                return True
            return False
        if after is None or indent is None:
            return False
        return (self.indents[number + 1] or 0) > indent

    # --- closing braces ---

    def _closing(self, token: Closing, number: int) -> None:
        indent = self.indents[number]
        while self.missing and len(self.open) > 1 and indent is not None:
            inner = self.open[-1].indent
            if inner is None or indent >= inner:
                break
            self.missing -= 1
            self._close()
        if not self.open or (self.extra and self._superfluous(token, indent, number)):
            self.extra -= 1
            self._note("this `}` closes nothing", token.start, Mend("remove it", ""),
                       f"expected {self._expected()}")  # fmt: skip
            before = self.tokens[number - 1] if number else None
            if token.glued and isinstance(before, Statement) and before.end == self.end:
                before.broken = True
                self.cut = before
            return
        if token.glued:
            help = Mend("start the next statement on a line of its own", "\n", "after")
            self._note("a line break or `;` is missing after this `}`", token.start, help)
        self.parser.feed((token,))
        self.open.pop()
        self.end = token.start + 1

    def _superfluous(self, token: Closing, indent: int | None, number: int) -> bool:
        """Whether the block goes on after this closing brace."""
        if token.glued:
            return True
        outer = self.open[-1].indent
        if outer is None:
            return False
        if indent is not None:
            return indent > outer
        after = self.tokens[number + 1] if number + 1 < len(self.tokens) else None
        if not isinstance(after, Statement):
            return False
        next_indent = self.indents[number + 1]
        if next_indent is None:
            return after.word not in _TOP and "\n" not in self.text[token.start : after.start]
        return next_indent > outer

    def _expected(self) -> str:
        """What may stand here; the tables merge the states inside and outside of blocks."""
        if self.open:
            return f"`{' '.join(self.open[-1].head.text.split()[:2])}` to go on"
        words = {_EXPECTED[name] for name in self.parser.accepted() if name in _EXPECTED}
        return " or ".join(sorted(words))

    def _close(self, *, noted: bool = True) -> None:
        """Put in a closing brace after the last token."""
        head = self.open.pop().head
        # A quote that was put in has no place, so that a text may end before its last token.
        start = min(max(head.start, self.end - 1), len(self.text) - 1)
        self.parser.feed((Closing(start),))
        name = " ".join(head.text.split()[:2])
        if noted:
            self._note(
                f"`{name}` is never closed" if name else "this block is never closed",
                start, Mend("close the block with `}`", " }", "after"), "expected `}` after this",
                (Evidence("the block is opened here", head.span),),
            )  # fmt: skip

    def _note(
        self, message: str, at: int, help: str, label: str = "", evidence: tuple[Evidence, ...] = ()
    ) -> None:
        if len(self.findings) < _ENOUGH:
            at = min(at, len(self.text) - 1)
            span = Span(self.source, at, at + 1)
            self.findings.append(
                misread("syntax-error", message, span, label=label, help=help, evidence=evidence)
            )

    # --- depth ---

    def _too_deep(self, head: Statement) -> None:
        self.findings.append(
            misread(
                "too-large",
                f"blocks are nested more than {MAX_DEPTH} deep",
                head.word_span,
                help="nothing in an organisation needs such depth",
            )
        )
        self.skipping = 1

    def _skip(self, token: Part) -> None:
        if isinstance(token, Closing):
            self.skipping -= 1
        elif token.type == "HEAD":
            self.skipping += 1


def _unmatched(tokens: Sequence[Part]) -> tuple[int, int]:
    """How many blocks are never closed, and how many braces close nothing."""
    depth = extra = 0
    for token in tokens:
        if not isinstance(token, Closing):
            depth += token.type == "HEAD"
        elif depth:
            depth -= 1
        else:
            extra += 1
    return depth, extra


def _indents(text: str, tokens: Sequence[Part]) -> list[int | None]:
    """The indentation of each token that is the first of its line; None for the others."""
    found: list[int | None] = []
    before = 0
    for token in tokens:
        line = text.rfind("\n", before, token.start) + 1
        first = bool(line) or not found
        blank = first and not text[line : token.start].strip(" \t")
        found.append(token.start - line if blank else None)
        before = token.start
    return found
