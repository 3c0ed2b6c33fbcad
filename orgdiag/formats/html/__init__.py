"""The diagnostic report as one HTML page: no network, no library, the same bytes every time.

The page is inert. Everything foreign is escaped as `Html` does it, in the templates and in the
drawings (autoescape is on for what else there may be, undefined names are errors), and a
content-security policy allows the page's own style and script by their hashes and nothing else.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from functools import cache, partial
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    FunctionLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
)
from jinja2.sandbox import ImmutableSandboxedEnvironment

from orgdiag.documents.contract import Document
from orgdiag.drawing.bars import bars
from orgdiag.drawing.interval import interval
from orgdiag.drawing.ladder import ladder
from orgdiag.drawing.network import network
from orgdiag.drawing.streammap import stream_map
from orgdiag.files.opening import anchored, below
from orgdiag.files.reading import plain_bytes
from orgdiag.finding import OrgdiagError
from orgdiag.media.indented import Json, compact
from orgdiag.media.markup import Html

if TYPE_CHECKING:
    from orgdiag.documents.sections import Page

OF_PAGE: Final = True

HERE: Final = Path(__file__).parent
TEMPLATE: Final = "page.html.jinja"
# Only such addresses become links.
SAFE_LINK: Final = re.compile(r"(?:https?://|mailto:)[^\s\"'<>]+")
_BIT: Final = 500  # entries
_LIMIT: Final = 4 << 20  # bytes of a template
_NOT_A_NAME: Final = re.compile(r"[^A-Za-z0-9_-]")
# What an expression of a template may raise, besides errors of Jinja2 itself.
_WRONG: Final = (
    TemplateError, TypeError, ValueError, LookupError, AttributeError, ArithmeticError,
    RecursionError,
)  # fmt: skip


def render(page: Page) -> Html:
    """The diagnostic report as one HTML page."""
    return _rendered(_shipped(), page)


def render_with(page: Page, folder: Path) -> Html:
    """The report by a user's own templates, as far as the folder has them.

    A file of the folder takes the place of the shipped one of the same name; shipped ones can be
    extended as `orgdiag/NAME`. Templates run in Jinja2's immutable sandbox with autoescape on.

    Raises:
        OrgdiagError: a template is wrong, with its file and line.
    """
    shipped = FileSystemLoader(HERE)
    loader = ChoiceLoader(
        [FunctionLoader(partial(_own, folder)), PrefixLoader({"orgdiag": shipped}), shipped]
    )
    try:
        return _rendered(environment(loader, ImmutableSandboxedEnvironment), page)
    except _WRONG as error:
        raise OrgdiagError.of(f"{_place(error, folder)}: {error}") from None


def _own(folder: Path, name: str) -> tuple[str, str, None] | None:
    """The text and the path of a user's own template, as jinja wants them; None for none.

    Raises:
        OrgdiagError: it cannot be read.
    """
    inside = below(Path(name), folder)
    if inside is None:
        return None
    path = folder / inside
    try:
        return plain_bytes(anchored(inside, folder), _LIMIT).decode(), str(path), None
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise OrgdiagError.of(f"{path} is not UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise OrgdiagError.of(f"{path} cannot be read: {error.strerror}") from None


def _rendered(env: Environment, page: Page) -> Html:
    style, script = _asset("page.css"), _asset("page.js")
    text = env.get_template(TEMPLATE).render(
        page=page,
        style=Html(style),  # noqa: S704 - shipped, and hashed in the policy
        script=Html(script),  # noqa: S704 - shipped, and hashed in the policy
        policy=policy(style, script),
    )
    return Html(text)  # noqa: S704 - the environment escapes


def _place(error: Exception, folder: Path) -> str:
    """The template and line at which an error arose."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name}:{error.lineno}"
    place, trace = str(folder), error.__traceback__
    while trace is not None:
        if _of_template(trace):
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def _of_template(trace: TracebackType) -> bool:
    return trace.tb_frame.f_code.co_filename.endswith(".jinja")


def policy(style: str, script: str) -> str:
    """The content-security policy that allows this style and script and nothing else."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def environment(loader: BaseLoader, kind: type[Environment] = Environment) -> Environment:
    """The environment in which the page's templates, or a user's own, are rendered."""
    env = kind(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_escaped,
    )
    env.policies["json.dumps_function"] = _dumps
    env.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "sort_keys": False}
    env.globals |= {
        "stream_map": stream_map,
        "ladder": ladder,
        "bars": bars,
        "network": network,
        "interval": interval,
    }
    env.filters["anchor"] = anchor
    env.tests["a_link"] = is_link
    return env


def _dumps(value: Any, **options: Any) -> Json:
    """The value as JSON, the long lists of a report's document in one line bit by bit.

    As objects they would take ten times the memory of their text.
    """

    def encode(part: Any) -> Json:
        return compact(part, default=dict, ensure_ascii=True, **options)

    if not isinstance(value, Document) or "indent" in options:
        return encode(value)
    parts = []
    for name, part in value.parts().items():
        if isinstance(part, Iterator):
            bits = ",".join([encode(bit)[1:-1] for bit in _bits(part)])
            parts.append(f"{encode(name)}:[{bits}]")
        else:
            parts.append(f"{encode(name)}:{encode(part)}")
    return Json.of(["{", ",".join(parts), "}"])


def _bits(entries: Iterator[Any]) -> Iterator[list[Any]]:
    while bit := [*islice(entries, _BIT)]:
        yield bit


def anchor(text: str) -> str:
    """The text as an id inside a page: letters, digits, `-` and `_`; others by their number.

    >>> anchor("pay.test/ü")
    'pay-2etest-2f-fc'
    """
    return _NOT_A_NAME.sub(lambda match: f"-{ord(match[0]):x}", text)


def is_link(text: str) -> bool:
    """Whether the text is an address that a page may link to.

    >>> is_link("https://example.org/a"), is_link("javascript:alert(1)"), is_link("see https://a.b")
    (True, False, False)
    """
    return SAFE_LINK.fullmatch(text) is not None


@cache
def _shipped() -> Environment:
    """The environment of the page's own templates, which are compiled once."""
    return environment(FileSystemLoader(HERE))


@cache
def _asset(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode('ascii')}"


def _escaped(value: Any) -> Any:
    """Foreign text as HTML; what is markup, or no text, as it is."""
    return Html.escape(value) if type(value) is str else value
