"""Published numbers, and what orgdiag makes of the same inputs.

Each row names where a number was published, the number, and how orgdiag computes it, through a
model of its own where it is a property of one. `python tests/published.py` writes the table, and
that of all metrics, into docs/metrics.md; a test keeps both true.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from orgdiag.catalogue import catalogue
from orgdiag.facts.columns import Facts
from orgdiag.metrics import coupling, flow, load
from orgdiag.metrics.constraint import constraint
from orgdiag.metrics.queueing import (
    answered_within,
    exact_queue_wait,
    number_present,
    queue_wait,
    waiting_probability,
)
from orgdiag.parse import parse
from orgdiag.partial.quantity import Quantity, ratio
from orgdiag.resolve import resolve
from orgdiag.text.source import Source
from orgdiag.whatif import operations

DOCUMENT = Path(__file__).parent.parent / "docs" / "metrics.md"


class Row(NamedTuple):
    """One published number.

    source     who published it
    what       what the number is
    published  the number
    ours       computes the same
    tolerance  how far apart they may be: what the source rounds away
    note       what there is to say about the source
    """

    source: str
    what: str
    published: float
    ours: Callable[[], Any]
    tolerance: float
    note: str = ""

    @property
    def computed(self) -> float:
        """What orgdiag makes of it."""
        value = self.ours()
        return float(value.value if isinstance(value, Quantity) else value)


def facts_of(text: str) -> Facts:
    parsed = parse(Source("published.orgd", text))
    return Facts(resolve([parsed], operations=operations.forms()).org)


def stream(measure: Callable[[Facts, Any], Quantity], text: str) -> Callable[[], Quantity]:
    """A metric of the only stream of a model."""

    def ours() -> Quantity:
        facts = facts_of(text)
        return measure(facts, next(iter(facts.org.streams.values())))

    return ours


def team(measure: Callable[[Facts, Any], Quantity], id: str, text: str) -> Callable[[], Quantity]:
    """A metric of a team of a model."""

    def ours() -> Quantity:
        facts = facts_of(text)
        return measure(facts, facts.org.teams[id])

    return ours


def one_step(process: str, lead: str) -> str:
    return f"stream x {{ step a {{ process {process}; lead {lead} }} }}"


def efficiency(process: str, lead: str) -> Callable[[], Quantity]:
    return stream(flow.flow_efficiency, one_step(process, lead))


VALUETECH = """
team product; team devs; team lead; team infra
stream feature {
  step request { by product; process 30min; lead 5d; complete-accurate 80% }
  step develop { by devs;    process 6h;    lead 3d; complete-accurate 50% }
  step review  { by lead;    process 1h;    lead 1d; complete-accurate 90% }
  step deploy  { by infra;   process 1h;    lead 7d; complete-accurate 60% }
}
"""

PQ = """
team a { size 1; capacity 100%; other-demand 0h/month }
team b { size 1; capacity 100%; other-demand 0h/month }
team c { size 1; capacity 100%; other-demand 0h/month }
team d { size 1; capacity 100%; other-demand 0h/month }
stream p {
  arrivals 100/week
  step pa { by a; process 15min }; step pb { by b; process 15min }
  step pc { by c; process 15min }; step pd { by d; process 15min }
}
stream q {
  arrivals 50/week
  step qa { by a; process 10min }; step qb { by b; process 30min }
  step qc { by c; process 5min }; step qd { by d; process 5min }
}
"""

COIN_FLIPS = """
team a {
  needs decision from b { via ticket; effect blocking; routine; on-time 50% }
  needs decision from c { via ticket; effect blocking; routine; on-time 50% }
  needs decision from d { via ticket; effect blocking; routine; on-time 50% }
}
team b; team c; team d
"""

QAIZAR = "Qaizar, worked value stream map (2024)"
POPPENDIECK = "Poppendieck, Agile on the Beach 2011, map by Kniberg"
MYTECHIEBITS = "MyTechieBits, value streams"
AGILEMECHANICS = "agilemechanics.com, flow efficiency"
QADR = "qadr.tech, value stream mapping"
CRATE = "Rust crate software-engineering 1.0.0"
PHOENIX = "Kim, Behr and Spafford, The Phoenix Project, p. 303"
PYRITE = "pyrite.wiki after Reinertsen"
BRONSON = "Bronson 1982, ex. 23.3"
HILLIER = "Hillier and Lieberman, ch. 17, county hospital"
MITAN = "mitan.co.uk, The Erlang-C Formula"
KELTON = "Kelton, Simio ch. 2, solutions"
KINGMAN = "projectproduction.org, IEOR notes: VUT equation"
JACKSON = "Hillier and Lieberman, Jackson network of three stations"
GOLDRATT = "Goldratt, The Haystack Syndrome: P&Q"
MAGENNIS = "Magennis, Agile 2015"
BROOKS = "Rogers 2023, after Brooks"


def present(arrivals: Fraction, served: Fraction, servers: int = 1) -> float:
    """The mean number of items in an M/M/c queue and its service."""
    return float(arrivals) * spent(arrivals, served, servers)


def spent(arrivals: Fraction, served: Fraction, servers: int = 1) -> float:
    """The mean time in an M/M/c queue and its service."""
    wait = exact_queue_wait(arrivals / served, servers, 1 / served)
    assert wait is not None
    return wait + 1 / float(served)


def queued(arrivals: Fraction, served: Fraction, servers: int = 1) -> float:
    """The mean time in an M/M/c queue."""
    return spent(arrivals, served, servers) - 1 / float(served)


def uniform_service(queue_only: bool) -> Callable[[], Any]:
    def ours() -> Any:
        wait = queue_wait(ratio(8, 10), 1, service_variation=ratio(27, 100))
        assert wait is not None
        return wait if queue_only else wait + 1

    return ours


def constraint_of_valuetech() -> float:
    facts = facts_of(VALUETECH)
    found = constraint(facts, facts.org.streams["feature"])
    assert found.step is not None
    return ("request", "develop", "review", "deploy").index(found.step.local) + 1


F = Fraction

ROWS: tuple[Row, ...] = (
    Row(QAIZAR, "process time, hours", 8.5,
        lambda: stream(flow.process_time, VALUETECH)().value / F(60), 0),
    Row(QAIZAR, "lead time, days", 16,
        lambda: stream(flow.lead_time, VALUETECH)().value / F(480), 0),
    Row(QAIZAR, "activity ratio", 0.0664, stream(flow.flow_efficiency, VALUETECH), 5e-5,
        "holds for a working day of 8 hours only; on a day of 24 it would be 2.2 %"),
    Row(QAIZAR, "rolled %C&A", 0.216, stream(flow.rolled_complete_accurate, VALUETECH), 0,
        "the source prints 21 %: truncated, not rounded"),
    Row(QAIZAR, "first to improve: number of the step", 4, constraint_of_valuetech, 0),
    Row(POPPENDIECK, "3 of 25 months", 0.12, efficiency("3mo", "25mo"), 0),
    Row(MYTECHIEBITS, "2 of 21 months", 0.095, efficiency("2mo", "21mo"), 5e-4),
    Row(AGILEMECHANICS, "3 of 14 days", 0.21, efficiency("3d", "14d"), 5e-3),
    Row(QADR, "8 of 40 days", 0.2, efficiency("8d", "40d"), 0),
    Row(QADR, "wait, days", 32,
        lambda: stream(flow.wait, one_step("8d", "40d"))().value / F(480), 0),
    Row(CRATE, "three stages of 90 % complete and accurate", 0.729, stream(
        flow.rolled_complete_accurate,
        "stream x { step a { complete-accurate 90% }; step b { complete-accurate 90% }; "
        "step c { complete-accurate 90% } }"), 0),
    *(
        Row(PHOENIX, f"wait at {busy} % busy, in service times", wait,
            lambda busy=busy: queue_wait(ratio(busy, 100)), 0)  # type: ignore[misc]
        for busy, wait in ((50, 1), (80, 4), (90, 9), (95, 19), (99, 99))
    ),
    *(
        Row(PYRITE, f"items present at {busy} % busy", count,
            lambda busy=busy: present(F(busy, 100), F(1)), 1e-9)  # type: ignore[misc]
        for busy, count in ((80, 4), (90, 9), (95, 19))
    ),
    Row(BRONSON, "items present, 24 and 30 an hour", 4, lambda: present(F(24), F(30)), 1e-9),
    Row(BRONSON, "hours in the system", 1 / 6, lambda: spent(F(24), F(30)), 1e-9),
    Row(BRONSON, "items present, by Little's law", 4, lambda: number_present(24, ratio(1, 6)), 0),
    Row(HILLIER, "one doctor: hours of waiting", 2 / 3, lambda: queued(F(2), F(3)), 1e-9),
    Row(HILLIER, "one doctor: patients present", 2, lambda: present(F(2), F(3)), 1e-9),
    Row(HILLIER, "two doctors: hours of waiting", 1 / 24, lambda: queued(F(2), F(3), 2), 1e-9),
    Row(HILLIER, "two doctors: patients waiting", 1 / 12, lambda: 2 * queued(F(2), F(3), 2), 1e-9),
    Row(HILLIER, "two doctors: patients present", 0.75, lambda: present(F(2), F(3), 2), 1e-9),
    Row(MITAN, "48 erlangs, 55 agents: probability to wait", 0.238701,
        lambda: waiting_probability(48, 55), 5e-7),
    Row(MITAN, "mean wait, seconds", 8.184032, lambda: exact_queue_wait(48, 55, 240), 5e-7),
    Row(MITAN, "answered within 15 seconds", 0.845883,
        lambda: answered_within(15, 48, 55, 240), 5e-7),
    Row(KELTON, "M/M/1, 0.8 and 1: wait", 4, lambda: queued(F(8, 10), F(1)), 1e-9),
    Row(KELTON, "M/M/1, 0.8 and 1: items waiting", 3.2, lambda: 0.8 * queued(F(8, 10), F(1)), 1e-9),
    Row(KELTON, "M/G/1 with uniform service: wait", 2.54, uniform_service(queue_only=True), 0),
    Row(KELTON, "M/G/1 with uniform service: time", 3.54, uniform_service(queue_only=False), 0),
    Row(KINGMAN, "ρ 0.9, Ca² 1, Cs² 1, S 1", 9, lambda: queue_wait(ratio(9, 10)), 0),
    Row(KINGMAN, "ρ 0.85, Ca² ½, Cs² ½, S 2", 5.666667,
        lambda: queue_wait(ratio(85, 100), 2, 1, ratio(1, 2), ratio(1, 2)), 5e-7),
    Row(KINGMAN, "ρ 0.8, Ca² 1, Cs² 0, S 1", 2,
        lambda: queue_wait(ratio(8, 10), 1, 1, 1, 0), 0),
    Row(JACKSON, "items at a station with λ 5, μ 10", 1, lambda: present(F(5), F(10)), 1e-9),
    Row(JACKSON, "items at a station with λ 10, μ 10, two servers", 4 / 3,
        lambda: present(F(10), F(10), 2), 1e-9),
    Row(JACKSON, "items at a station with λ 7.5, μ 10", 3, lambda: present(F(15, 2), F(10)), 1e-9),
    *(
        Row(GOLDRATT, f"load of resource {id.upper()}", busy, team(load.utilisation, id, PQ), 0)
        for id, busy in (("a", 2000 / 2400), ("b", 1.25), ("c", 1750 / 2400), ("d", 1750 / 2400))
    ),
    Row(MAGENNIS, "three dependencies, each on time half the time", 0.125,
        team(coupling.on_time_probability, "a", COIN_FLIPS), 0,
        "the product holds; that each is one half does not: organisations that were measured were "
        "on time in 50 to 80 % with three"),
    *(
        Row(BROOKS, f"paths among {size}", paths, team(
            load.communication_paths, "t", f"team t {{ size {size} }}"), 0)
        for size, paths in ((1, 0), (2, 1), (5, 10), (6, 15), (10, 45), (50, 1225))
    ),
)  # fmt: skip


def table() -> str:
    """The rows as a Markdown table."""
    lines = ["| source | number | published | ours | |", "|---|---|---|---|---|"]
    for row in ROWS:
        published, ours = f"{row.published:.6g}", f"{row.computed:.6g}"
        lines.append(f"| {row.source} | {row.what} | {published} | {ours} | {row.note} |")
    return "\n".join(lines)


def reference() -> str:
    """All metrics as Markdown tables, one for each kind of element."""
    parts = []
    for kind, fields in catalogue().metrics.items():
        parts += [f"### {kind}", "", "| metric | no. | unit | what it is |", "|---|---|---|---|"]
        parts += [
            f"| `{name}` | {field.id} | {field.unit} | {field.meaning} |"
            for name, field in sorted(fields.items())
        ]
        parts.append("")
    return "\n".join(parts).strip()


def written(document: str) -> str:
    """The document with both tables as they are today."""
    for name, text in (("all metrics", reference()), ("published numbers", table())):
        start, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        head, rest = document.split(start)
        document = f"{head}{start}\n\n{text}\n\n{end}{rest.split(end)[1]}"
    return document


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
