"""XML, HTML and Markdown: what each makes of foreign text.

All of them show it as the terminal does (`printable`), and none begins a line with `::` of it,
which GitHub would take for a command.
"""

from __future__ import annotations

import re
from typing import Final, Self

from orgdiag.media.escaped import Escaped
from orgdiag.text.printable import printable


class Xml(Escaped):
    """XML 1.0; foreign text may stand between tags and in quotes.

    >>> Xml('<a b="{}">{}</a>').format('"x"', "<&>")
    '<a b="&quot;x&quot;">&lt;&amp;&gt;</a>'
    """

    __slots__ = ()

    @staticmethod
    def written(foreign: str) -> str:
        """The text with references for what XML would read."""
        return _references(foreign, "&quot;", "'")


class Html(Escaped):
    """HTML, and SVG inside of it; foreign text may stand between tags and in quotes."""

    __slots__ = ()

    @staticmethod
    def written(foreign: str) -> str:
        """The text with references for what HTML would read."""
        return _references(foreign, "&#34;", "&#39;")

    def __html__(self) -> Self:
        """The text itself: so Jinja2 knows that it needs no escaping."""
        return self


class Markdown(Escaped):
    """Markdown that shows foreign text as it is: no markup, no HTML, no mention, no link.

    >>> print(Markdown("- **{}**").format("<b> *x* @team https://a.b"))
    - **&lt;b&gt; \\*x\\* &#64;team https&#58;//a.b**
    """

    __slots__ = ()

    @staticmethod
    def written(foreign: str) -> str:
        """The text with escapes and references for what Markdown would read."""
        safe = _NUMBERED.sub(r"\1\\\2", _SPECIAL.sub(r"\\\g<0>", _references(foreign, '"', "'")))
        return safe.replace("@", "&#64;").replace("://", "&#58;//").replace("www.", "www&#46;")

    @classmethod
    def code(cls, foreign: str) -> Self:
        """Foreign text as code."""
        inner = printable(foreign).replace("`", "'")
        return cls(f"`{inner}`")

    @classmethod
    def prose(cls, foreign: str) -> Self:
        """Foreign text whose backticks mark code, and whose braces are words to be put in.

        >>> print(Markdown.prose("Tag {step} `x*` or *y*"))
        Tag {step} `x*` or \\*y\\*
        """
        parts = re.split(r"`([^`]+)`", foreign)
        parts[::2] = [
            cls.written(part).replace(r"\{", "{").replace(r"\}", "}") for part in parts[::2]
        ]
        parts[1::2] = map(cls.code, parts[1::2])
        return cls("".join(parts))

    @classmethod
    def address(cls, foreign: str) -> Self:
        """Foreign text that readers may follow as a link when it is an address and nothing else."""
        return cls(foreign) if _ADDRESS.fullmatch(foreign) else cls.escape(foreign)


_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9./?=%#_~:-]+")
# Hyphens and the like mean something only where a line begins.
_SPECIAL: Final = re.compile(r"[\\`*_{}\[\]!|~$^]|^[#+-]")
_NUMBERED: Final = re.compile(r"^(\d+)([.)])")


def _references(foreign: str, quote: str, apostrophe: str) -> str:
    """The printable text with references for markup."""
    text = printable(foreign).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = text.replace('"', quote).replace("'", apostrophe)
    return _COLON.sub(r"\1&#58;", text) if ":" in text else text


_COLON: Final = re.compile(r"^(\s*):(?=:|\Z)")
