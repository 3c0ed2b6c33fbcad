"""Turns the public list of GOV.UK repositories and their run-time dependencies into a model.

    python examples/govuk/build.py            # writes govuk.orgd beside this file

What is in the data and is not what it looks like stays visible, and nothing is made up:

- An owner that is a help desk, a community or a channel of two organisations is no team; the
  components it is written for have `owner unknown` and a note.
- A subject area that is written in two spellings is defined twice, as in the data.
- A run-time prerequisite that is not an application is a note, not a dependency.
- Team types, sizes, streams and ways of working are not in the data and not in the model.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import yaml

from orgdiag.layout import formatted
from orgdiag.source import Source

HERE = Path(__file__).parent

AS_OF = "2026-08-21"  # the day of the repository list, see data/SOURCE.md

NOT_A_TEAM = {
    "#gds-apto-collaboration": "a channel that two organisations share",
    "#govuk-ask-platform-engineering": "a help desk",
    "#govuk-developers": "a community of all developers",
    "#govuk-ruby-frontenders": "a community of practice",
}

# Types that say where a component lies in the stack, and types that name a subject. The others
# ("Utilities", "Gems", "Supporting apps") say neither and are kept as tags.
LAYERS = {"APIs": "api", "Frontend apps": "frontend", "Services": "service"}
SUBJECTS = (
    "AI apps",
    "Content Guidance",
    "Data engineering",
    "Data Engineering",
    "Design System",
    "Licensing apps",
    "Publishing apps",
    "Transition apps",
)

Repository = Mapping[str, str]

HEADER = """\
# GOV.UK: its public repositories, who owns them, and what runs on what.
#
# A real organisation as far as two public lists show it; data/SOURCE.md says where they come from
# and under which licence. Written by build.py: change that, not this file.
#
# What the lists cannot say is left out, so most rules cannot be assessed here, and say so. To need
# something at run time is not to wait: six teams run on the APIs of one, which is no bottleneck.
"""


def main() -> None:
    """Write the model beside this script."""
    repositories = yaml.safe_load((HERE / "data/repos.yml").read_text(encoding="utf-8"))
    with (HERE / "data/app_dependencies.csv").open(encoding="utf-8", newline="") as lines:
        dependencies = [(row["app"], row["depends_on"]) for row in csv.DictReader(lines)]
    model = "\n".join(statements(repositories, dependencies)) + "\n"
    laid = formatted(Source("govuk.orgd", model)).text
    (HERE / "govuk.orgd").write_text(laid, encoding="utf-8")


def statements(
    repositories: list[Repository], dependencies: Iterable[tuple[str, str]]
) -> Iterator[str]:
    """The lines of the model."""
    needs = defaultdict(list)
    for app, needed in dependencies:
        needs[app].append(needed)
    apps = {app_name(repository) for repository in repositories}

    yield HEADER
    yield f'org govuk "GOV.UK" {{ as-of {AS_OF} }}'
    yield ""
    for channel in sorted({repository["team"] for repository in repositories} - set(NOT_A_TEAM)):
        yield f"team {kebab(channel)} {quoted(channel)}"
    yield ""
    used = {repository["type"] for repository in repositories}
    for subject in SUBJECTS:
        if subject in used:
            yield f"domain {kebab(subject)} {quoted(subject)}"
    for repository in repositories:
        yield ""
        yield from component(repository, needs[app_name(repository)], apps)


def component(repository: Repository, needs: Iterable[str], apps: set[str]) -> Iterator[str]:
    """The lines of one component; `apps` are the names that a dependency can point to."""
    name, channel, kind = app_name(repository), repository["team"], repository["type"]
    yield f"component {kebab(name)} {quoted(name)} {{"
    if channel in NOT_A_TEAM:
        yield "  owner unknown"
        yield f"  note {quoted(f'{channel} is written as its team: {NOT_A_TEAM[channel]}')}"
    else:
        yield f"  owner {kebab(channel)}"
    if kind in LAYERS:
        yield f"  layer {LAYERS[kind]}"
    elif kind in SUBJECTS:
        yield f"  domain {kebab(kind)}"
    else:
        yield f"  tag {kebab(kind)}"
    if running := sorted(kebab(needed) for needed in needs if needed in apps):
        yield f"  depends-on {', '.join(running)}"
    for needed in needs:
        if needed not in apps:
            yield f"  note {quoted(f'starts after {needed}, which is not an application')}"
    if name != (shared := repository["repo_name"]):
        yield f"  note {quoted(f'one of several applications of the repository {shared}')}"
    if "description" in repository:
        yield f"  note {quoted(' '.join(repository['description'].split()))}"
    yield "}"


def app_name(repository: Repository) -> str:
    """The name of the application, which is that of its repository unless said otherwise."""
    return repository.get("app_name", repository["repo_name"])


def kebab(name: str) -> str:
    """The identifier that a name stands under."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def quoted(text: str) -> str:
    """The text as a string of the model language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


if __name__ == "__main__":
    main()
