"""The diagnostic report as a page: what it says, what it is made of, what a browser makes of it."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import fields, replace
from hashlib import sha256
from html import unescape
from pathlib import Path
from typing import Any

import chromium
import jsonschema
import pytest
from reading import opened

from orgdiag.cli import main
from orgdiag.documents import dossier, sections
from orgdiag.documents.sections import Page
from orgdiag.finding import Evidence, Finding, OrgdiagError, Severity, Status, Subject
from orgdiag.formats import html
from orgdiag.report import Report
from orgdiag.text.source import Source, Span

ROOT = Path(__file__).parent.parent
EXAMPLES = ("meridian", "article", "article-redesigned", "healthy", "govuk")

HOSTILE = (
    "<script>window.hit=1</script>",
    "</script><script>window.hit=1</script>",
    "</style><script>window.hit=1</script>",
    "</title><script>window.hit=1</script>",
    "</textarea><script>window.hit=1</script>",
    "<!--<script>window.hit=1</script>-->",
    "--><script>window.hit=1</script>",
    "]]><script>window.hit=1</script>",
    "<img src=x onerror=window.hit=1>",
    "<svg onload=window.hit=1>",
    "<svg><script>window.hit=1</script></svg>",
    "<svg><animate onbegin=window.hit=1 attributeName=x dur=1s>",
    "<svg><foreignObject><img src=x onerror=window.hit=1></foreignObject></svg>",
    "<svg><set attributeName=href to=javascript:window.hit=1></svg>",
    "<use href='data:image/svg+xml,<svg onload=window.hit=1>'>",
    "<iframe srcdoc='<script>parent.hit=1</script>'>",
    "<object data=javascript:window.hit=1>",
    "<embed src=javascript:window.hit=1>",
    "<body onload=window.hit=1>",
    "<details open ontoggle=window.hit=1>",
    "<input autofocus onfocus=window.hit=1>",
    "<a href=javascript:window.hit=1>click</a>",
    "<form action=javascript:window.hit=1><button>go</button></form>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/a.css>",
    "<style>*{background:url(//evil.example)}</style>",
    "<math><mtext></math><img src=x onerror=window.hit=1>",
    "<template><script>window.hit=1</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=window.hit=1>'>",
    "' onmouseover='window.hit=1",
    "' autofocus onfocus='window.hit=1' x='",
    "` onmouseover=`window.hit=1",
    "javascript:window.hit=1",
    "data:text/html,<script>window.hit=1</script>",
    "vbscript:window.hit=1",
    "&lt;script&gt;window.hit=1&lt;/script&gt;",
    "&#60;script&#62;window.hit=1&#60;/script&#62;",
    "&#x3c;script&#x3e;",
    "&amp;lt;b&amp;gt;",
    "&quot;&apos;&lt;&gt;",
    "{{ 7*7 }}{{ config }}",
    "{% import os %}",
    "{# comment #}",
    "${window.hit=1}",
    "<%= window.hit=1 %>",
    "url(javascript:window.hit=1)",
    "expression(window.hit=1)",
    "</svg></figure><script>window.hit=1</script>",
    "</td></tr></table><script>window.hit=1</script>",
    "</details></section></main><script>window.hit=1</script>",
    "<title><img src=x onerror=window.hit=1></title>",
    "<desc><script>window.hit=1</script></desc>",
    "<<script>window.hit=1//<</script>",
    "<scr<script>ipt>window.hit=1</scr</script>ipt>",
    "<ScRiPt>window.hit=1</sCrIpT>",
    "<script/x>window.hit=1</script/x>",
    "<script src=//evil.example/x.js></script>",
    "\u202eevil\u202c reversed",
    "\u2066left\u2069 \u200bzero width\u200b \ufeffmark",
    "\u2028line\u2029paragraph",
    "שלום עולם, מה שלומך",
    "فريق المدفوعات",
    "支払いチーム 🏦",
    "x" * 3000,
    "long " * 600,
)


def model(tmp_path: Path, text: str, name: str = "model.orgd") -> Report:
    """The diagnosed report about a model."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return report_on(path)


def report_on(path: Path) -> Report:
    return opened(path).report(diagnosed=True)


def rendered(report: Report) -> str:
    return html.render(sections.page(report))


@pytest.fixture(scope="module")
def meridian() -> Report:
    return report_on(ROOT / "examples/meridian")


@pytest.fixture(scope="module")
def page(meridian: Report) -> str:
    return rendered(meridian)


def data(page: str) -> Any:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def words(page: str) -> str:
    """What a reader reads, without markup, styles and scripts."""
    bare = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", bare)))


# --- what it says ---------------------------------------------------------------------------------


def test_the_page_has_every_section_in_order(page: str) -> None:
    sections = re.findall(r'<section id="([\w-]+)" aria-labelledby', page)
    assert sections == [
        "holds-back", "vital-signs", "streams", "findings", "dependencies", "load", "teams",
        "aside", "method",
    ]  # fmt: skip


def test_what_is_not_known_comes_before_what_was_found(page: str) -> None:
    assert page.index("First: what we do not know") < page.index("What holds us back</h2>")
    assert "lead of step card-controls.deploy" in words(page)


def test_the_first_three_causes_are_told_from_the_waiting_to_what_comes_next(page: str) -> None:
    cards = re.findall(r'<article class="card".*?</article>', page, re.DOTALL)
    assert len(cards) == 3
    for part in (
        "Where work waits", "Why", "What the structure should be", "Expected effect",
        "What gets worse", "Where most would wait next",
    ):  # fmt: skip
        assert all(part in card for card in cards), part
    first = words(cards[0])
    assert "Work waits at Test centre" in first
    assert "0 to 5d 4h of 53d; with rework 0 to 7d 3h of 58.3d" in first
    assert "payments reports overload" in first
    planned = "Planned: Move testing into Payments saves 3d to 5d , with rework 4d to 6d 5h in Send"
    assert planned in first


def test_every_finding_that_counts_is_a_row_and_an_accepted_one_keeps_its_reason(
    page: str, meridian: Report
) -> None:
    rows = re.findall(r'<details id="f-(\w+)"', page)
    assert sorted(rows) == sorted(finding.fingerprint[:12] for finding in meridian.new)
    aside = words(page[page.index('<section id="aside"') :])
    assert "split into two teams planned, ADR-114" in aside
    assert "2025-09-30" in aside


def test_an_unknown_time_is_never_drawn_as_nothing(page: str) -> None:
    found = re.search(r'<article [^>]*id="stream-card-controls".*?</article>', page, re.DOTALL)
    assert found is not None
    section = found[0]
    ladder = re.search(r'<svg[^>]*labelledby="stream-card-controls-ladder-title.*?</svg>', section)
    assert ladder is not None
    assert 'class="wait unknown"' in ladder[0]
    assert "deploy: wait ?, work 1h" in unescape(ladder[0])
    assert re.search(r'<g class="step unknown">.{0,60}deploy', section)


def test_every_convention_is_marked_as_one(page: str, meridian: Report) -> None:
    known = sum(
        param.basis == "convention" and not param.origin
        for rule in meridian.rules.values()
        for param in rule.params.values()
    )
    rules = page[page.index('<details class="table" id="rules">') :]
    assert rules.count('<span class="basis basis-convention">') == known > 20


def test_each_cited_place_is_a_link_to_a_line_that_the_page_shows(page: str) -> None:
    links = set(re.findall(r'href="#(l\d+-\d+)"', page))
    assert len(links) > 20
    assert links <= set(re.findall(r'<li id="(l\d+-\d+)"', page))


def test_every_link_inside_the_page_has_its_target(page: str) -> None:
    targets = set(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= targets


def test_no_id_is_given_twice(page: str) -> None:
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


# --- numbers --------------------------------------------------------------------------------------


def test_the_numbers_on_the_page_are_those_of_the_metrics_command(
    page: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["metrics", str(ROOT / "examples/meridian"), "--output-format", "json"]) == 0
    streams = json.loads(capsys.readouterr().out)["streams"]
    articles = re.findall(
        r'<article class="stream" id="stream-([\w-]+)".*?</article>', page, re.DOTALL
    )
    bodies = re.findall(r'<article class="stream".*?</article>', page, re.DOTALL)
    assert set(articles) == set(streams)
    for stream, body in zip(articles, bodies, strict=True):
        shown = re.findall(r'data-metric="([\w-]+)" data-low="([^"]*)" data-high="([^"]*)"', body)
        assert len(shown) == 7
        for metric, low, high in shown:
            expected = streams[stream][metric]
            if "value" in expected:
                assert float(low) == float(high) == pytest.approx(expected["value"], rel=1e-12)
            elif "low" in expected:
                assert float(low) == pytest.approx(expected["low"], rel=1e-12)
                most = expected["high"]
                assert (high == "") if most is None else float(high) == pytest.approx(most)
            else:
                assert expected["unknown"] is True


def test_the_ladder_is_to_scale_and_adds_up_to_the_lead_time(page: str) -> None:
    drawing = re.search(
        r'<svg[^>]*labelledby="stream-instant-payments-ladder-title.*?</svg>', page, re.DOTALL
    )
    assert drawing is not None
    waits = re.findall(r'width="([\d.]+)" height="8" class="wait tone-\d+"', drawing[0])
    works = re.findall(r'width="([\d.]+)" height="8" class="work"', drawing[0])
    assert len(waits) == len(works) == 9
    total = sum(map(float, (*waits, *works)))
    assert total == pytest.approx(980, abs=1)  # the whole width stands for 53 days
    assert float(waits[0]) == pytest.approx(980 * 9.5 / 53, abs=0.2)  # idea waits 9.5 days
    assert sum(map(float, works)) / total == pytest.approx(56.5 / 424, abs=0.002)
    assert "Lead time 53d" in drawing[0]


def test_the_waterfall_books_the_whole_lead_time(page: str) -> None:
    drawing = re.search(
        r'<svg[^>]*labelledby="stream-instant-payments-reasons-title.*?</svg>', page, re.DOTALL
    )
    assert drawing is not None
    widths = [float(w) for w in re.findall(r'<rect x="[\d.]+"[^>]* width="([\d.]+)"', drawing[0])]
    assert sum(widths[:-1]) == pytest.approx(widths[-1], rel=0.01)


# --- what it is made of ---------------------------------------------------------------------------


def test_the_same_report_gives_the_same_bytes(page: str) -> None:
    assert rendered(report_on(ROOT / "examples/meridian")) == page


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(page: str) -> None:
    def hashed(text: str) -> str:
        return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"

    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)
    assert policy is not None
    assert style is not None
    assert script is not None
    assert unescape(policy[1]) == (
        f"default-src 'none'; script-src {hashed(script[1])}; style-src {hashed(style[1])}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert "style=" not in re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)


def test_the_data_of_the_page_follows_the_published_schema(page: str, meridian: Report) -> None:
    schema = json.loads((ROOT / "schemas/check.schema.json").read_text())
    jsonschema.validate(data(page), schema)
    assert len(data(page)["findings"]) == len(meridian.findings)


def many(number: int, base: Report) -> Report:
    """A report with so many findings about teams that do not exist, two facts and a fix each."""
    source = Source("org/teams.orgd", "team one { }\n" * number)

    def finding(index: int) -> Finding:
        span = Span(source, 13 * index + 5, 13 * index + 8)
        return Finding(
            rule="too-many-blocking-dependencies",
            group="dependencies",
            severity=list(Severity)[index % 3],
            message=f"team-{index} routinely waits for 3 teams: quality, security and operations",
            subject=Subject("team", f"team-{index}"),
            span=span,
            evidence=(Evidence(f"team-{index} needs quality", span), Evidence("limit = 3")),
            fixes=("Bring the three skills into the team, one after the other.",),
        )

    findings = tuple(finding(index) for index in range(number))
    return replace(base, findings=findings, facts=None, diagnosis=None, signs=(), not_assessed=())


def test_two_hundred_findings_fit_into_300_kilobytes(meridian: Report) -> None:
    page = rendered(many(200, meridian))
    assert page.count('<details id="f-') == 200
    assert len(page.encode()) < 300_000


def test_of_ten_thousand_findings_a_part_is_rows_and_all_are_data(meridian: Report) -> None:
    page = rendered(many(10_000, meridian))
    assert page.count('<details id="f-') == 500
    assert len(data(page)["findings"]) == 10_000
    assert "The 500 most severe of 10000 findings" in page


# --- models of all kinds --------------------------------------------------------------------------


def test_an_empty_model_gives_a_sensible_page(tmp_path: Path) -> None:
    text = words(rendered(model(tmp_path, "")))
    assert "Nothing was found that holds work back" in text
    assert "No stream with a step is modelled" in text
    assert "No team is known to need another one" in text
    assert "There is no team" in text


def test_a_report_without_a_model_gives_a_sensible_page(meridian: Report) -> None:
    bare = replace(meridian, facts=None, diagnosis=None, signs=(), findings=(), not_assessed=())
    assert "There is no model to measure" in words(rendered(bare))


def test_a_page_without_a_diagnosis_is_refused_not_shown_as_healthy(meridian: Report) -> None:
    with pytest.raises(ValueError, match="made without its diagnosis"):
        sections.page(replace(meridian, diagnosis=None, signs=()))


def test_a_stream_without_steps_and_a_team_without_anything_are_named(tmp_path: Path) -> None:
    page = rendered(model(tmp_path, "team lonely\nstream dry { owner lonely }\n"))
    text = words(page)
    assert "Without a step, so nothing is known of their flow: dry" in text
    assert re.search(r"lonely none unknown undeclared", text)


def test_a_stream_of_which_no_time_is_known_is_drawn_without_numbers(tmp_path: Path) -> None:
    page = rendered(model(tmp_path, "team t\nstream s { owner t\n step a { by t }\n"
                                       " step b { by t; after a }\n}\n"))  # fmt: skip
    assert "Lead time unknown" in page
    assert "PT ?   LT ?" in page
    assert page.count('class="wait unknown"') == 2


def test_findings_of_the_baseline_stay_visible(meridian: Report) -> None:
    known = tuple(finding._replace(status=Status.BASELINED) for finding in meridian.findings)
    text = words(rendered(replace(meridian, findings=known)))
    assert "Known since the baseline 51" in text
    assert "No finding counts" in text


def test_right_to_left_and_very_long_names_are_kept_apart(tmp_path: Path) -> None:
    long = "n" * 10_000
    page = rendered(model(tmp_path, f'team a "فريق" {{ }}\nteam b "{long}"\n'))
    assert "<bdi>فريق</bdi>" in page
    assert long not in page.split('id="data"')[0]
    assert "n" * 60 + "…" not in page or "n" * 79 + "…" in page


def test_direction_characters_of_a_name_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    page = rendered(model(tmp_path, 'team a "pay\u202etnem"\n')).split('id="data"')[0]
    assert "\u202e" not in page
    assert "pay\\u202etnem" in page


def test_of_many_streams_those_in_which_most_waits_are_drawn(tmp_path: Path) -> None:
    text = "".join(
        f"stream s{n:02} {{ arrivals 1/month; step a {{ process 4h; lead {n + 1}d }} }}\n"
        for n in range(42)
    )
    found = sections.page(model(tmp_path, text)).streams
    assert [stream.id for stream in found.drawn] == [f"s{n:02}" for n in range(41, 1, -1)]
    assert found.undrawn == (("s01", "2d", "25 %"), ("s00", "1d", "50 %"))


def test_of_many_teams_those_with_most_findings_are_rows(tmp_path: Path) -> None:
    text = "".join(f"team t{n:03} {{ type stream-aligned }}\n" for n in range(301))
    found = sections.page(model(tmp_path, text + "extend team t300 { size 30 }\n")).teams
    assert found is not None
    assert (len(found.rows), found.left_out) == (300, 1)
    assert [row.team for row in found.rows[:2]] == ["t300", "t000"]
    assert found.rows[0].findings > found.rows[1].findings
    assert len(found.loads) == 300


# --- templates of a user, and the report in Markdown ----------------------------------------------


def test_a_template_takes_the_place_of_the_part_of_the_same_name(
    tmp_path: Path, meridian: Report
) -> None:
    (tmp_path / "signs.jinja").write_text("<p>{{ page.title }} {{ page.signs|length }} signs</p>")
    page = html.render_with(sections.page(meridian), tmp_path)
    assert "<p>Meridian Bank 14 signs</p>" in page
    assert '<section id="findings"' in page


def test_a_template_can_be_the_whole_page_and_extend_a_shipped_part(
    tmp_path: Path, meridian: Report
) -> None:
    (tmp_path / "page.html.jinja").write_text(
        '{% import "orgdiag/macros.jinja" as ui with context %}'
        "{% for group in page.findings.groups %}{% for entry in group.entries %}"
        "{{ ui.severity(entry.finding.severity.value) }} {{ entry.finding.message }}\n"
        "{% endfor %}{% endfor %}"
    )
    lines = html.render_with(sections.page(meridian), tmp_path).strip().splitlines()
    assert len(lines) == 50
    assert lines[0].startswith('<b class="sev error">■ error</b> 2 teams queue at qa')


def test_a_template_escapes_what_is_foreign(tmp_path: Path) -> None:
    report = model(tmp_path, 'org o "<b>&\u202e</b>" {}\n')
    (tmp_path / "page.html.jinja").write_text('<p title="{{ page.title }}">{{ page.title }}</p>')
    assert html.render_with(sections.page(report), tmp_path) == (
        '<p title="&lt;b&gt;&amp;\\u202e&lt;/b&gt;">&lt;b&gt;&amp;\\u202e&lt;/b&gt;</p>'
    )


@pytest.mark.parametrize(
    ("template", "line", "what"),
    [
        ("one\n{{ page.titel }}", 2, "has no attribute 'titel'"),
        ("{% for x in page.signs %}\n", 1, "Unexpected end of template"),
        ("\n\n{{ page.title.__class__.__mro__ }}", 3, "unsafe"),
        ("\n{{ page.signs.append(1) }}", 2, "no attribute 'append'"),
        ("{{ 1 // 0 }}", 1, "zero"),
        ("{% include 'nothing.jinja' %}", 1, "nothing.jinja"),
        ("{% include '../secret.txt' %}", 1, "secret"),
        ("\n{{ range(10**9)|list }}", 2, "Range too big"),
    ],
)
def test_an_error_of_a_template_names_its_file_and_line(
    tmp_path: Path, meridian: Report, template: str, line: int, what: str
) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "page.html.jinja").write_text(template)
    with pytest.raises(OrgdiagError) as caught:
        html.render_with(sections.page(meridian), folder)
    message = caught.value.problems[0].message
    assert f"page.html.jinja:{line}: " in message
    assert what in message


def test_the_template_option_is_wired_to_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page.html.jinja").write_text("own: {{ page.title }}")
    example = str(ROOT / "examples/meridian")
    assert main(["report", example, "--template", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "own: Meridian Bank"
    assert main(["report", example, "--template", str(tmp_path), "--format", "markdown"]) == 2


def test_the_documentation_names_everything_that_a_template_receives() -> None:
    text = (ROOT / "docs/report.md").read_text(encoding="utf-8")
    assert {field.name for field in fields(Page)} <= set(re.findall(r"`page\.(\w+)`", text))


def test_the_report_in_markdown_has_the_sections_of_the_page(meridian: Report) -> None:
    text = dossier.render(sections.page(meridian))
    assert re.findall(r"^## (.*)", text, re.MULTILINE) == [
        "First: what we do not know", "What holds us back", "Vital signs", "Value streams",
        "Findings", "Dependencies", "Cognitive load", "Teams", "Accepted, known, and open",
        "Method",
    ]  # fmt: skip
    assert "### 1. Work waits at Test centre – up to 83.1 item-days a month" in text
    assert "| Lead time | 53d | one pass; mean 58.3d, at least, tracks join |" in text
    assert all(finding.rule in text for finding in meridian.new)


def test_foreign_text_stays_text_in_markdown(tmp_path: Path) -> None:
    text = dossier.render(sections.page(model(tmp_path, hostile_model())))
    assert "<script" not in text
    assert "<img" not in text
    assert "\u202e" not in text


# --- in a browser ---------------------------------------------------------------------------------


def hostile_model() -> str:
    """A model with a payload in every text that a model can hold, a team and stream for each."""
    parts = ['org evil "<script>window.hit=1</script>" { as-of 2026-01-01 }']
    for number, payload in enumerate(HOSTILE):
        text = payload.replace("\\", "\\\\").replace('"', '\\"')
        other = f"t{(number + 1) % len(HOSTILE)}"
        parts.append(
            f'group g{number} "{text}"\n'
            f'product p{number} "{text}" {{ customer "{text}"; owner t{number} }}\n'
            f'domain d{number} "{text}" {{ complexity complex; owned-by t{number} }}\n'
            f'component c{number} "{text}" {{ owner t{number}; known-by 1; domain d{number} }}\n'
            f'capability k{number} "{text}" {{ nature practice; provided-by {other}; mode ticket; '
            f"used-by t{number} }}\n"
            f'team t{number} "{text}" {{ in g{number}; cognitive-load high "{text}"; size 20\n'
            f"  needs approval from {other} {{ via ticket; effect blocking; routine; wait 9d }}\n"
            f'  role lead "{text}"; link docs "{text}"; note "{text}"\n'
            f'  api {{ docs "{text}"; contact "{text}"; hours "{text}"; support "{text}" }}\n'
            f'  accept team-too-large until 2027-01-01 because "{text}" }}\n'
            f'interaction t{number} with {other} {{ mode collaboration; purpose "{text}" }}\n'
            f'stream s{number} "{text}" {{ owner t{number}; trigger "{text}"; end "{text}"; '
            f'customer "{text}"; product p{number}; arrivals 3/month; changes c{number} 100%\n'
            f'  step a "{text}" {{ kind development; by t{number}; process 4h; lead 2d }}\n'
            f'  step b "{text}" {{ kind testing; by {other}; process 4h; lead 9d; after a; manual; '
            f"known-by 1 }}\n"
            f"}}\n"
            f'change x{number} "{text}" {{ move step s{number}.b to t{number}; evidence "{text}" }}'
        )
    return "\n".join(parts) + "\n"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    files = {}
    for name in EXAMPLES:
        files[name] = folder / f"{name}.html"
        files[name].write_text(rendered(report_on(ROOT / "examples" / name)), encoding="utf-8")
    return files


def quiet(seen: Any) -> bool:
    """Nothing was logged, nothing left the page, nobody was asked."""
    return not (seen["console"] or seen["requests"] or seen["dialogs"])


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES)
def test_axe_finds_nothing_and_nothing_is_too_wide(
    node: Path, pages: dict[str, Path], example: str
) -> None:
    seen = chromium.drive(node, "audit", pages[example])[example]
    for scheme in ("light", "dark"):
        assert quiet(seen[scheme])
        assert seen[scheme]["violations"] == []
    assert seen["widths"] == {"1440": 1440, "800": 800, "390": 390}


@pytest.mark.node
@pytest.mark.slow
def test_a_reader_filters_sorts_unfolds_and_changes_the_theme(
    node: Path, pages: dict[str, Path]
) -> None:
    seen = chromium.drive(node, "use", pages["meridian"])["meridian"]
    assert quiet(seen)
    assert seen["focusOnSlash"] == "find"
    assert seen["none"] == {"shown": 0, "status": f"0 of {seen['all']} findings shown"}
    assert seen["found"]["shown"] == 2
    assert seen["withoutWarnings"] == 9
    assert (seen["expanded"], seen["collapsed"]) == (seen["all"], 0)
    assert seen["weights"] == sorted(seen["weights"], reverse=True)
    assert seen["byDelay"] != seen["byCause"] == seen["byCauseAgain"]
    ranks = [("error", "warning", "info").index(word) for word in seen["severities"]]
    assert ranks == sorted(ranks)
    auto, light, dark, back = seen["paper"]
    assert auto == light == back != dark
    assert seen["openedByKey"] == 1
    assert seen["lineShown"] is True
    assert seen["stops"] > 20


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES)
def test_on_paper_nothing_is_cut_folded_or_clickable(
    node: Path, pages: dict[str, Path], example: str
) -> None:
    seen = chromium.drive(node, "print", pages[example])[example]
    assert quiet(seen)
    assert seen["wide"] == []
    assert (seen["folded"], seen["controls"]) == (0, 0)
    assert seen["foldedAfter"] > 0
    assert seen["pages"] > 1


@pytest.mark.node
@pytest.mark.slow
def test_hostile_text_stays_text(node: Path, tmp_path: Path) -> None:
    report = model(tmp_path, hostile_model())
    assert len(report.new) > len(HOSTILE)
    file = tmp_path / "hostile.html"
    file.write_text(rendered(report), encoding="utf-8")
    seen = chromium.drive(node, "hostile", file)["hostile"]
    assert quiet(seen)
    assert "hit" not in seen
    assert (seen["scripts"], seen["foreign"], seen["handlers"]) == (2, 0, 0)
    assert set(seen["links"]) <= {"https"}
    for payload in ("<script>window.hit=1</script>", "{{ 7*7 }}", "&lt;script&gt;", "שלום"):
        assert payload in seen["text"]


@pytest.mark.node
@pytest.mark.slow
def test_ten_thousand_findings_open_filter_and_obey_the_keyboard(
    node: Path, tmp_path: Path, meridian: Report
) -> None:
    file = tmp_path / "many.html"
    file.write_text(rendered(many(10_000, meridian)), encoding="utf-8")
    seen = chromium.drive(node, "large", file)["many"]
    assert quiet(seen)
    assert seen["status"] == "10000 of 10000 findings shown"
    assert seen["elements"] < 60
    assert seen["filtered"] == "111 of 10000 findings shown"
    assert seen["at"] == 30
    assert "What to do" in seen["detail"]
