"""Writes an organisation of any size, the same one for the same arguments.

    python benchmarks/generate.py 1000 org.orgd            # 1,000 teams in one file
    python benchmarks/generate.py 1000 org.yaml            # the same organisation as YAML
    python benchmarks/generate.py 1000 org.c4              # its teams and their needs as LikeC4
    python benchmarks/generate.py 10000 folder --files 50  # spread over 50 files

For each team there are about three declared dependencies, 0.3 streams, two steps, one component
and a third of a capability. Teams come in tribes of thirty; most work stays inside a tribe, one in
five dependencies goes to a platform team, and some facts are left out, as in a real model.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

TRIBE = 30
KINDS = ("design", "development", "review", "testing", "deployment", "verification")
VIAS = ("ticket", "self-service", "api", "meeting")
EFFECTS = ("blocking", "blocking", "slowing", "ok")
LAYERS = ("frontend", "api", "service", "database")

Element = dict[str, Any]


def organisation(teams: int, seed: int = 7) -> Iterator[tuple[str, str, Element]]:
    """The elements of the organisation as (kind, id, properties), nested lists of (kind, id,
    properties) under "inside".
    """
    chance = random.Random(seed * 1_000_003 + teams)
    platforms = max(3, teams // 100)
    yield "org", "generated", {"as-of": "2026-01-31"}
    for tribe in range((teams + TRIBE - 1) // TRIBE):
        yield "group", f"tribe-{tribe}", {"kind": "tribe"}
    for number in range(teams):
        yield _team(chance, number, teams, platforms)
    for number in range(teams):
        yield _component(chance, number, teams)
    for number in range(teams // 3):
        yield _capability(chance, number, teams, platforms)
    for number in range(max(1, teams * 3 // 10)):
        yield _stream(chance, number, teams, platforms)


def _near(chance: random.Random, number: int, teams: int, platforms: int) -> int:
    """A team to depend on: a platform team, or one of the same tribe."""
    if chance.random() < 0.2:
        return chance.randrange(platforms)
    start = number // TRIBE * TRIBE
    return min(teams - 1, start + chance.randrange(TRIBE))


def _team(
    chance: random.Random, number: int, teams: int, platforms: int
) -> tuple[str, str, Element]:
    platform = number < platforms
    needs = []
    for provider in {_near(chance, number, teams, platforms) for _ in range(3)} - {number}:
        properties: Element = {
            "via": chance.choice(VIAS),
            "effect": chance.choice(EFFECTS),
            "routine": None,
            "frequency": f"{chance.randint(1, 8)}/month",
            "wait": f"{chance.randint(1, 12)}d",
        }
        what = chance.choice(("decision", "approval", "deliverable", "service"))
        needs.append(("needs", f"{what} from team-{provider}", properties))
    team: Element = {
        "type": "platform" if platform else "stream-aligned",
        "in": f"tribe-{number // TRIBE}",
        "size": chance.randint(4, 11),
        "durable": None,
        "skills": "backend, frontend, testing",
        "on-call": "self",
        "inside": needs,
    }
    if chance.random() < 0.6:
        team["capacity"] = f"{chance.randint(6, 9) * 10}%"
        team["other-demand"] = f"{chance.randint(20, 200)}h/month"
    return "team", f"team-{number}", team


def _component(chance: random.Random, number: int, teams: int) -> tuple[str, str, Element]:
    return (
        "component",
        f"system-{number}",
        {
            "layer": chance.choice(LAYERS),
            "owner": f"team-{number}",
            "deploy": "independent",
            "contract": "versioned" if chance.random() < 0.7 else "none",
            "known-by": chance.randint(2, 6),
            "depends-on": f"system-{chance.randrange(teams)}",
        },
    )


def _capability(
    chance: random.Random, number: int, teams: int, platforms: int
) -> tuple[str, str, Element]:
    home = chance.randrange(teams)
    users = sorted({_near(chance, home, teams, platforms) for _ in range(3)} - {number % platforms})
    return (
        "capability",
        f"capability-{number}",
        {
            "nature": chance.choice(("platform", "practice", "complicated-subsystem")),
            "provided-by": f"team-{number % platforms}",
            "mode": chance.choice(("self-service", "api", "ticket")),
            "used-by": ", ".join(f"team-{user}" for user in users) or "none",
            "wait": f"{chance.randint(1, 10)}d",
        },
    )


def _stream(
    chance: random.Random, number: int, teams: int, platforms: int
) -> tuple[str, str, Element]:
    owner = chance.randrange(teams)
    steps = []
    for place, kind in enumerate(chance.sample(KINDS, 6) if number % 7 == 0 else KINDS):
        by = owner if chance.random() < 0.5 else _near(chance, owner, teams, platforms)
        process = chance.randint(1, 40)
        step: Element = {"kind": kind, "by": f"team-{by}", "process": f"{process}h"}
        if chance.random() < 0.9:
            step["lead"] = f"{process // 8 + chance.randint(1, 12)}d"
        if kind == "testing":
            step["rework"] = f"{chance.randint(1, 5) * 5}% to step-0" if place else None
            step = {key: value for key, value in step.items() if value is not None}
        step["manual" if chance.random() < 0.6 else "automated"] = None
        steps.append(("step", f"step-{place}", step))
    stream: Element = {
        "owner": f"team-{owner}",
        "trigger": '"Decision to build"',
        "end": '"Live and verified"',
        "customer": '"Customer"',
        "observed": "2025-11-10 by walk with engineers",
        "arrivals": f"{chance.randint(2, 12)}/month",
        "deployment-frequency": f"{chance.randint(1, 20)}/month",
        "changes": f"system-{owner} 90%",
        "inside": steps,
    }
    return "stream", f"stream-{number}", stream


def as_orgd(element: tuple[str, str, Element], indent: str = "") -> str:
    """The element in the model language."""
    kind, id, properties = element
    lines = [f"{indent}{kind} {id} {{"]
    for word, value in properties.items():
        if word == "inside":
            lines += [as_orgd(inner, indent + "  ") for inner in value]
        else:
            lines.append(f"{indent}  {word}" if value is None else f"{indent}  {word} {value}")
    return "\n".join([*lines, f"{indent}}}"])


def as_yaml(element: tuple[str, str, Element], indent: str = "") -> str:
    """The element as YAML, for a comparison with a reader of YAML."""
    kind, id, properties = element
    lines = [f"{indent}- {kind}: {id}"]
    for word, value in properties.items():
        if word == "inside":
            lines.append(f"{indent}  inside:")
            lines += [as_yaml(inner, indent + "    ") for inner in value]
        else:
            lines.append(f"{indent}  {word}: {'true' if value is None else value}")
    return "\n".join(lines)


def as_likec4(elements: Iterable[tuple[str, str, Element]]) -> str:
    """The teams in their groups and what they need from each other: LikeC4 has no more words."""
    teams = [(id, properties) for kind, id, properties in elements if kind == "team"]
    home = {id: properties["in"] for id, properties in teams}
    lines = ["specification {", "  element group", "  element team", "}", "model {"]
    for group in dict.fromkeys(home.values()):
        members = " ".join(f"{id} = team" for id, its in home.items() if its == group)
        lines.append(f"  {group} = group {{ {members} }}")
    for id, properties in teams:
        for _, need, _ in properties["inside"]:
            what, _, provider = need.partition(" from ")
            lines.append(f"  {home[id]}.{id} -> {home[provider]}.{provider} '{what}'")
    return "\n".join([*lines, "}"])


def write(teams: int, target: Path, files: int = 1, seed: int = 7) -> None:
    """Writes the organisation to a file, or to a folder when `files` is more than one."""
    if target.suffix == ".c4":
        target.write_text(as_likec4(organisation(teams, seed)) + "\n", encoding="utf-8")
        return
    render = as_yaml if target.suffix in {".yaml", ".yml"} else as_orgd
    texts = [render(element) for element in organisation(teams, seed)]
    if files == 1:
        target.write_text("\n".join(texts) + "\n", encoding="utf-8")
        return
    target.mkdir(parents=True, exist_ok=True)
    for number in range(files):
        text = "\n".join(texts[number::files]) + "\n"
        (target / f"part-{number}.orgd").write_text(text, encoding="utf-8")


def main() -> None:
    """Reads the arguments and writes the organisation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("teams", type=int)
    parser.add_argument("target", type=Path)
    parser.add_argument("--files", type=int, default=1)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    write(given.teams, given.target, given.files, given.seed)


if __name__ == "__main__":
    main()
