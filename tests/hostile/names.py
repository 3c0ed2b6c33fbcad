"""Hostile texts in every place where a stranger can put one, and what no output may make of them.

A *slot* is such a place: the name of a file or folder, a title, a note, a reason, a text of a rule,
a key of the configuration, an entry of a baseline. `project` fills all of them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

from orgdiag.text.printable import HIDDEN

# Each of these must be harmless; most tests use the sums below.
SINGLE: Final = {
    "command on a line of its own": "x\n::error file=a::forged",
    "command first": "::error title=b::forged",
    "command after blanks": " \u00a0\u3000::warning::forged",
    "command after a return": "x\r::error::forged\r\n::error::again",
    "command after another line end": "x\x0b::error::a\x0c::error::b\x85::error::c\u2028::error::d",
    "command stopped": "::stop-commands::forged",
    "older command": "a ##[error]forged ##[add-path]/tmp",
    "command of Azure": "##vso[task.setvariable variable=x]forged",
    "command of TeamCity": "##teamcity[buildProblem description='forged']",
    "command of three": "###[group]x",
    "data of a command": "50%0A::error::forged%25,line=9:x",
    "colour": "\x1b[31mred\x1b[0m \x1b[2J\x1b[H",
    "link": "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x07",
    "title of the window": "\x1b]0;forged\x07",
    "eight-bit escape": "\x9b31mred\x9d0;forged\x9c",
    "bell and backspaces": "\x07\x08\x08\x08\x7f",
    "zero": "a\0b",
    "tab": "a\tb",
    "directions": "\u202eevil\u202c \u2066left\u2069 \u061c\u200f\u200e",
    "separators": "a\u2028b\u2029c",
    "invisible": "a\u200bb\u2060c\ufeffd\u00ade\U000e0041",
    "no UTF-8": os.fsdecode(b"\xff\xc3\x28\xed\xa0\x80"),
    "half a pair": "\ud83d",
    "long": "x" * 300,
    "right to left": "שלום فريق",
    "emoji and wide": "👨\u200d👩\u200d👧 支払い ❤\ufe0f",
    "Markdown": "# *a* _b_ `c` ~~d~~ ![e](javascript:f) [g]: h | i <https://j> @team",
    "list and heading": "1. a\n- b\n# c\n> d\n```\n    e",
    "HTML": "<script>hit(0)</script><img src=x onerror=hit(1)>",
    "attribute": "\"' onmouseover='hit(2)' x=\"`",
    "XML": "]]><!--a--><?b?><!DOCTYPE c>&d;&#27;&lt;",
    "DOT": 'a"]; evil [label="b\\',
    "HTML of DOT": "<<b>a</b>> &lt;&#91;&amp;",
    "Mermaid": 'a"]\n  evil["b"]\n  click evil "javascript:alert(1)"\n  %% c #quot;',
    "JSON": '"}, {"a": "\\u0022',
    "template": "{{ 7*7 }}{% for x in y %}{# z #}${7*7}",
    "shell": "$(touch forged) `touch forged` ; touch forged",
    "path": "../../../etc/passwd",
    "option": "--output=json=forged",
    "format string": "%s %(x)s {0} {x.__class__}",
    "backslashes": "\\n\\x1b[31m\\",
}
# Few texts that hold most of them, for the runs that everybody makes.
SUMS: Final = {
    "lines": "x\n::error::a\r##[error]b\x1b[2J\x9b31m\x07\x7f\u202e\u2028::error::c##vso[task]d",
    "start": "\u00a0::error title=b::forged ##teamcity[x] 50%0A::warning::" + os.fsdecode(b"\xff"),
    "markup": "<script>hit(0)<img src=x onerror=hit(1)>\"']]>&lt; | *_[x](javascript:1)` @t {{7*7}}"
    "\u00ad\u061c\ud83d",
}

RULE: Final = "own-rule"
FORGED: Final = re.compile(r"^\s*::", re.MULTILINE)
ANYWHERE: Final = re.compile(r"##(?:\[|vso\[|teamcity\[)")
CONTROL: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0041]"
)
COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
ANNOTATION: Final = re.compile(
    r"::(?:error|warning|notice) file=[^:,]+,line=\d+,endLine=\d+(?:,col=\d+,endColumn=\d+)?"
    r",title=[a-z-]+%3A [^:,]*::"
)
CRASHED: Final = re.compile(r"Traceback|failed inside|\w+Error: ")
MERMAID: Final = re.compile(
    r'flowchart LR|  n\d+\["[\w \-.,·#;]*"\]|  n\d+ -\.?->(?:\|"[\w \-.,·#;]*"\|)? n\d+'
)
_DOT: Final = r'"(?:[^"\\]|\\.)*"'
DOT: Final = re.compile(
    rf"digraph {{|}}|  rankdir=LR;|  node \[shape=box\];|  label={_DOT};|  {_DOT} \[label={_DOT}\];"
    rf"|  {_DOT} -> {_DOT} \[style=(?:solid|dashed)(?:, label={_DOT})?\];"
)


# --- a project with one text everywhere -----------------------------------------------------------


Say = Callable[[str], str]  # the text for a slot


def project(folder: Path, say: Say) -> Path:
    """A project whose folders, files, models, rules, settings and baseline hold texts."""
    home = made(folder, say("folder-of-project"))
    inside = made(home, say("folder"))
    (inside / "main.orgd").write_text(_model(lambda slot: clean(say(slot))), encoding="utf-8")
    # What the reader refuses, told with its source line, under a hostile name where there may be.
    named(inside, say("file"), ".orgd").write_bytes(_broken(say))
    rules = made(home, f"rules {whole(say('folder-of-rules'))}")  # TOML tells no other
    (rules / f"{RULE}.orgr").write_text(rules_of(say), encoding="utf-8")
    settings = _settings(toml(f"nothing-{say('exclude')}"), toml(rules.name))
    (home / "orgdiag.toml").write_text(settings, encoding="utf-8")
    (home / "orgdiag.baseline.json").write_text(_baseline(say), encoding="utf-8")
    return home


def made(folder: Path, name: str) -> Path:
    """A new folder of that name; of a tamer one where the system knows no such name."""
    folder.mkdir(parents=True, exist_ok=True)
    return _new(folder, name, Path.mkdir)


def named(folder: Path, name: str, ending: str) -> Path:
    """A new file of that name; of a tamer one where the system knows no such name."""
    return _new(folder, f"{name}{ending}", Path.touch, f"{tame(name)}{ending}")


def _new(folder: Path, name: str, make: Callable[[Path], None], tamer: str = "") -> Path:
    place = folder / name
    try:
        if "/" in name:
            raise ValueError
        make(place)
    except (OSError, ValueError):
        place = folder / (tamer or tame(name))
        make(place)
    return place


def tame(name: str) -> str:
    """What is left of a name that no system would take."""
    return re.sub("[/\0\ud800-\udbff]", "", name).lstrip(".")[:60] or "x"


def clean(text: str) -> str:
    """What a model may hold of a text, between quotes."""
    text = whole(re.sub(HIDDEN, "", text.replace("\n", " ")))
    return text.replace("\\", "\\\\").replace('"', '\\"')


def whole(text: str) -> str:
    """The text without half pairs."""
    return text.encode("utf-8", "ignore").decode()


def _broken(say: Say) -> bytes:
    def line(slot: str) -> bytes:
        text = say(slot).encode("utf-8", "replace")
        return text.replace(b"\n", b" ").replace(b'"', b"'")

    raw = say("raw-lines").encode("utf-8", "surrogatepass")
    return (
        b'team shown "' + line("raw-title") + b'" { size ' + line("raw-value") + b" }\n"
        b'include "' + line("raw-include") + b'"\n'
        b'include "' + line("raw-include-of-model") + b'.orgd"\n'
        b"team t1 { " + line("raw-property") + b" 3; owner " + line("raw-reference") + b" }\n"
        + line("raw-statement") + b"\n" + raw + b"\n" + raw
    )  # fmt: skip


def _model(say: Say) -> str:
    return f"""\
org shop "{say("title-of-organisation")}" {{ as-of 2026-01-01 }}
group g "{say("title-of-group")}" {{ kind tribe }}
product p "{say("title-of-product")}" {{ customer "{say("customer")}"; owner a }}
domain d "{say("title-of-domain")}" {{ complexity complex; owned-by a }}
component c "{say("title-of-component")}" {{ owner a; known-by 1; domain d; depends-on e }}
component e "{say("other-component")}" {{ owner b }}
capability k "{say("title-of-capability")}" {{
  nature practice; provided-by b; mode ticket; used-by a
}}
coordination m "{say("title-of-coordination")}" {{ kind release-train; every 1mo; members a, b }}
team a "{say("title-of-team")}" {{
  in g; cognitive-load high "{say("evidence-of-load")}"; size 20; type stream-aligned
  needs approval from b {{ via ticket; effect blocking; routine; wait 9d }}
  needs decision from b {{ via ticket; effect blocking; routine; wait unknown }}
  needs service from f {{ effect blocking; routine }}
  role lead "{say("role")}"; link docs "{say("link")}"; note "{say("note")}"
  api {{
    docs "{say("api-docs")}"; contact "{say("api-contact")}"; hours "{say("api-hours")}"
    support "{say("api-support")}"
  }}
  accept {RULE} until 2027-01-01 because "{say("reason")}"
  accept team-too-large until 2025-01-01 because "{say("reason-that-ended")}"
  accept no-such-rule until 2027-01-01 because "{say("reason-for-nothing")}"
}}
team b "{say("title-of-project-team")}" {{
  type project; until 2026-02-01; size 3; source interview "{say("source")}"
}}
team f "{say("title-of-platform")}" {{ type platform; size 4 }}
interaction a with b {{ mode collaboration; purpose "{say("purpose")}" }}
stream s "{say("title-of-stream")}" {{
  owner a; trigger "{say("trigger")}"; end "{say("end")}"; customer "{say("customer-of-stream")}"
  product p; arrivals 3/month; changes c 100%
  step one "{say("title-of-step")}" {{ kind development; by a; process 4h; lead 2d }}
  step two "{say("title-of-second-step")}" {{
    kind testing; by b; process 4h; lead 9d; after one; manual; known-by 1; rework 20% to one
  }}
  step three "{say("title-of-third-step")}" {{
    kind deployment; by f; process 1h; lead unknown; after two
  }}
  handoff one -> two {{ artefact ticket }}
}}
stream empty "{say("title-of-empty-stream")}" {{ owner b }}
change x "{say("title-of-change")}" {{ move step s.two to a; evidence "{say("evidence")}" }}
"""


def rules_of(say: Say) -> str:
    """A rule with a text wherever a rule may have text, which may begin a new line."""

    def line(slot: str) -> str:
        said = clean(say(slot)).replace("{", "\\{").replace("}", "\\}")
        return f"{said}\\n{said}"

    address, source = (clean(say(slot)) for slot in ("rule-address", "rule-source"))
    example = re.sub(HIDDEN, "", whole(say("rule-example"))).replace('"""', "")
    return f"""\
rule {RULE} {{
  title "{line("rule-title")}"
  severity warning
  kind structure
  param most = 1 between 0 and 5 step 1 "{line("rule-parameter")}" basis convention
  check each team
  flag team when team.size >= most
  escalate to error when team.size > 100
  evidence team.blockers "{line("rule-evidence")}"
  message "{line("rule-message")} {{team}}"
  why "{line("rule-why")}"
  fix "{line("rule-fix")}"
  except "{line("rule-except")}"
  see "{source}", "https://example.org/{address}"
  tags tag
  example flags a \"\"\"
    team a {{ size 3 }}
    # {example}
  \"\"\"
}}
define team.own-word "{line("rule-word")}" =
  team.blockers
disable rework-drag because "{line("rule-disabled")}"
"""


def _settings(exclude: str, rules: str) -> str:
    return f"""\
rules-dir = [{rules}]
exclude = [{exclude}]
[rules.{RULE}]
most = 1
[gates]
"stream.s.flow-efficiency" = ">= 99%"
"""


def toml(text: str) -> str:
    """A text as TOML writes it; half pairs it cannot."""
    return json.dumps(whole(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def _baseline(say: Say) -> str:
    id, rule, kind = (say(f"baseline-{slot}") for slot in ("id", "rule", "kind"))
    entries = [
        {"rule": rule, "subject": {"kind": kind, "id": id}, "fingerprint": f"{number:064x}"}
        for number, (rule, kind, id) in enumerate(
            [(RULE, "team", id), (rule, "team", "a"), (RULE, kind, "a"), (rule, kind, id)]
        )
    ]
    return json.dumps({"schema": 1, "findings": entries})


# --- what no output may make of it ----------------------------------------------------------------


def faults(printed: str, language: str = "text", root: Path = Path()) -> Iterator[str]:
    """What is wrong with an output in a language: nothing, when orgdiag kept its word.

    `root` is the folder from which the addresses of SARIF start.
    """
    try:
        printed.encode("utf-8")
    except UnicodeEncodeError as error:
        yield f"is no UTF-8: {printed[error.start - 30 : error.end + 30]!a}"
    bare = COLOUR.sub("", printed) if language == "colour" else printed
    for pattern in (CONTROL, ANYWHERE, CRASHED):
        if match := pattern.search(bare):
            yield f"holds {bare[max(0, match.start() - 40) : match.end() + 40]!a}"
    for match in FORGED.finditer(bare):
        line = bare[match.start() :].partition("\n")[0]
        if language != "github" or not ANNOTATION.match(line):
            yield f"is a command: {line!a}"
    if language == "sarif":
        yield from _addresses(printed, root)
    check = _LANGUAGES.get(language)
    if check is not None:
        yield from check(printed)


def _json(printed: str) -> Iterator[str]:
    try:
        json.loads(printed)
    except ValueError as error:
        yield f"is no JSON: {error}"


def _jsonl(printed: str) -> Iterator[str]:
    for line in printed.removesuffix("\n").split("\n"):
        yield from _json(line)


def _addresses(printed: str, root: Path) -> Iterator[str]:
    for uri in set(re.findall(r'"uri": "([^"]*)"', printed)):
        if not (root / os.fsdecode(unquote_to_bytes(uri))).exists():
            yield f"names no file: {uri}"
        if not re.fullmatch(r"(?:[A-Za-z0-9_.~/-]|%[0-9A-F]{2})+", uri):
            yield f"is no address: {uri}"


def _xml(printed: str) -> Iterator[str]:
    try:
        ElementTree.fromstring(printed)
    except ElementTree.ParseError as error:
        yield f"is no XML: {error}"


def _html(printed: str) -> Iterator[str]:
    page = _Page()
    page.feed(printed)
    yield from page.wrong


class _Page(HTMLParser):
    """Looks for elements and attributes that orgdiag does not write."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.scripts = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        if tag in ("img", "iframe", "object", "b0") or self.scripts > 2:
            self.wrong.append(f"holds <{tag}>")
        for name, value in attributes:
            if name.startswith("on") or (value or "").lower().startswith("javascript:"):
                self.wrong.append(f"holds {name}={value}")


def _markdown(printed: str) -> Iterator[str]:
    for raw in ("<script", "<img", "](javascript:", "](https:"):
        if raw in re.sub(r"\\.|`[^`\n]*`", "", printed):
            yield f"holds {raw}"


def _lines(pattern: re.Pattern[str], printed: str) -> Iterator[str]:
    for line in printed.removesuffix("\n").split("\n"):
        if not pattern.fullmatch(line):
            yield f"holds the line {line!a}"


_LANGUAGES: Final = {
    "json": _json, "gitlab": _json, "jsonl": _jsonl, "sarif": _json, "junit": _xml,
    "graphml": _xml, "html": _html, "markdown": _markdown,
    "mermaid": lambda printed: _lines(MERMAID, printed),
    "dot": lambda printed: _lines(DOT, printed),
}  # fmt: skip
