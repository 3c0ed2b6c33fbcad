"""orgdiag where it runs: pre-commit, GitHub, GitLab, code scanning, with the real tools."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import tools
import xmlschema
import yaml
from golden import EXAMPLES

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
GOOD = 'org x "X" { as-of 2025-03-01 }\nteam a "A" { type stream-aligned; size 5; durable }\n'


def tool(
    *command: str | Path, cwd: Path = ROOT, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=600,
        check=False, env={**os.environ, **environment},
    )  # fmt: skip


def git(folder: Path, *args: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    done = tool(tools.program("git"), *identity, *args, cwd=folder)
    assert done.returncode == 0, done.stderr


def gitlab_component(given: dict[str, str]) -> dict[str, Any]:
    """The component as GitLab reads it, with these inputs and the defaults of the others."""
    text = (ROOT / "templates/orgdiag.yml").read_text()
    head, _ = yaml.safe_load_all(text)
    for name, spec in head["spec"]["inputs"].items():
        assert f"$[[ inputs.{name} ]]" in text
        text = text.replace(f"$[[ inputs.{name} ]]", given.get(name, spec["default"]))
    _, body = yaml.safe_load_all(text)
    return dict(body)


def test_the_action_is_valid() -> None:
    schema = "vendor.github-actions"
    done = tool(BIN / "check-jsonschema", "--builtin-schema", schema, "action.yml")
    assert done.returncode == 0, done.stdout


def test_the_gitlab_component_is_valid(tmp_path: Path) -> None:
    job = tmp_path / "job.yml"
    job.write_text(yaml.safe_dump(gitlab_component({})))
    done = tool(
        BIN / "check-jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform",
        "gitlab-ci", job,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_hook_reads_the_project_once() -> None:
    hooks = {
        hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    }
    assert hooks["orgdiag"]["pass_filenames"] is False
    assert hooks["orgdiag"]["require_serial"] is True


@pytest.mark.slow
def test_pre_commit_refuses_a_broken_model_and_sees_the_whole_organisation(tmp_path: Path) -> None:
    hook = tmp_path / "hook"
    shutil.copytree(
        ROOT, hook,
        ignore=shutil.ignore_patterns(".git", ".venv", "venv", "node_modules", "tests", ".*_cache"),
    )  # fmt: skip
    git(hook, "init", "-q")
    git(hook, "add", "-A")
    git(hook, "commit", "-q", "-m", "hook")
    project = tmp_path / "project"
    (project / "teams").mkdir(parents=True)
    git(project, "init", "-q")
    (project / "org.orgd").write_text(GOOD)
    for number in range(300):
        (project / f"teams/t{number}.orgd").write_text(
            f"team t{number} {{ type stream-aligned; size 5; durable }}\n"
            f"component c{number} {{ owner t{number} }}\n"
        )
    hooks = [{"id": "orgdiag"}, {"id": "orgdiag-format"}]
    revision = tool("git", "rev-parse", "HEAD", cwd=hook).stdout.strip()
    config = {"repos": [{"repo": str(hook), "rev": revision, "hooks": hooks}]}
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    git(project, "add", "-A")
    command = (BIN / "pre-commit", "run", "--all-files", "--verbose")
    cache = {"PRE_COMMIT_HOME": str(tmp_path / "cache")}
    sound = tool(*command, cwd=project, **cache)
    assert sound.stdout.count("checked 301 teams") == 1, sound.stdout[-2000:] + sound.stderr
    assert sound.returncode == 0, sound.stdout[-2000:]
    (project / "teams/t7.orgd").write_text("team t7 {typ platform}\n")
    git(project, "add", "-A")
    broken = tool(*command, cwd=project, **cache)
    assert broken.returncode == 1
    assert "error[unknown-word]" in broken.stdout
    assert "--> teams/t7.orgd:1:10" in broken.stdout
    assert "files were modified by this hook" in broken.stdout
    assert (project / "teams/t7.orgd").read_text() == "team t7 { typ platform }\n"


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.parametrize("example", ["meridian", "article", "healthy"])
def test_sarif_is_valid_and_quiet_under_the_github_rules(
    node: Path, tmp_path: Path, example: str
) -> None:
    """Microsoft's own validator; it embeds the OASIS schema."""
    validator = node / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
    validator.chmod(0o755)
    log, verdict = tmp_path / "orgdiag.sarif", tmp_path / "verdict.sarif"
    tool(
        sys.executable, "-m", "orgdiag", "check", f"examples/{example}", "--output", f"sarif={log}"
    )
    tool(
        validator, "validate", log, "--output", verdict, "--rule-kind", "Sarif;Ghas",
        "--level", "Error;Warning", cwd=ROOT,
    )  # fmt: skip
    (run,) = json.loads(verdict.read_text())["runs"]
    assert run["invocations"][0]["executionSuccessful"]
    assert [
        (result["ruleId"], result.get("level", "warning"), result["message"])
        for result in run.get("results", [])
    ] == []


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES)
def test_sarif_is_valid_against_the_oasis_schema(node: Path, example: str) -> None:
    """The schema that OASIS published, from a package that carries it."""
    published = "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
    oasis = json.loads((node / published).read_text())
    command = (sys.executable, "-m", "orgdiag", "check", f"examples/{example}")
    log = json.loads(tool(*command, "--output-format", "sarif").stdout)
    check = jsonschema.validators.validator_for(oasis)(oasis)
    assert [error.message for error in check.iter_errors(log)] == []


@pytest.mark.node
@pytest.mark.slow
def test_gitlab_gets_what_the_types_of_code_climate_say(node: Path, tmp_path: Path) -> None:
    """GitLab reads the format of Code Climate, which has published its types for TypeScript."""
    command = (sys.executable, "-m", "orgdiag", "check", "examples/meridian")
    issues = json.loads(tool(*command, "--output-format", "gitlab").stdout)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) > 10
    assert all(issue["location"]["path"] == "examples/meridian/meridian.orgd" for issue in issues)
    words = ("categories", "fingerprint", "location")  # the types do refuse something
    reports = {"sound": issues, **{word: [{**issues[0], word: 3}] for word in words}}
    (tmp_path / "node_modules").symlink_to(node / "node_modules")
    for name, rows in reports.items():
        (tmp_path / f"{name}.ts").write_text(
            'import type { Issue } from "codeclimate-types"\n'
            f"export const report: Issue[] = {json.dumps(rows)}"
        )
    compiled = tool(
        "node_modules/.bin/tsc", "--noEmit", "--strict", "--module", "nodenext",
        *(f"{name}.ts" for name in reports), cwd=tmp_path,
    )  # fmt: skip
    refused = re.findall(r"^(\w+)\.ts\(.*: error (TS\d+)", compiled.stdout, re.MULTILINE)
    assert set(refused) == {(word, "TS2322") for word in words}, compiled.stdout


@pytest.fixture(scope="module")
def junit(tmp_path_factory: pytest.TempPathFactory) -> xmlschema.XMLSchema:
    """The schema of the JUnit files that Jenkins reads, from the sources of pytest."""
    folder = tmp_path_factory.mktemp("junit")
    done = tool(
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "pytest",
        "pytest==9.0.2", cwd=folder,
    )  # fmt: skip
    tools.need(done.returncode == 0, "the package index")
    with tarfile.open(next(folder.glob("pytest-*.tar.gz"))) as package:
        (name,) = (name for name in package.getnames() if name.endswith("/junit-10.xsd"))
        member = package.extractfile(name)
        assert member is not None
        return xmlschema.XMLSchema(member.read().decode())


@pytest.mark.slow
def test_junit_files_are_valid(junit: xmlschema.XMLSchema) -> None:
    for example in EXAMPLES:
        command = (sys.executable, "-m", "orgdiag", "check", f"examples/{example}")
        text = tool(*command, "--output-format", "junit").stdout
        assert [error.reason for error in junit.iter_errors(text)] == []
        assert list(junit.iter_errors(text.replace(" failures=", " broken=")))


NASTY = """\
org x "X" { as-of 2025-03-01 }
team end "a \\"quoted\\" [b](c) {d} |e| <i>f</i> #35; --> %%" { needs data from graph { routine } }
team graph "class click style" {}
component default "\\\\N \\\\\\\\" { owner end }
"""


DRAWN = [
    (model, what, language)
    for model, whats in {
        "examples/meridian": ("teams", "components", "stream:instant-payments"),
        "nasty.orgd": ("teams", "components"),
    }.items()
    for what in whats
    for language in ("dot", "mermaid")
]


@pytest.mark.node
@pytest.mark.slow
def test_graphviz_and_mermaid_can_read_what_is_drawn_for_them(node: Path, tmp_path: Path) -> None:
    (tmp_path / "nasty.orgd").write_text(NASTY)
    shutil.copytree(ROOT / "examples/meridian", tmp_path / "examples/meridian")
    for number, (model, what, language) in enumerate(DRAWN):
        file = f"{number}.{language}"
        drawn = ("graph", model, "--of", what, "--format", language, "--output", file)
        done = tool(sys.executable, "-m", "orgdiag", *drawn, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    (tmp_path / "none.dot").write_text("digraph {")  # both do refuse something
    (tmp_path / "none.mermaid").write_text("flowchart LR\n a --")
    files = sorted([*tmp_path.glob("*.dot"), *tmp_path.glob("*.mermaid")])
    assert len(files) == len(DRAWN) + 2
    read = tool("node", "diagrams.mjs", *files, cwd=node)
    wrong = {Path(file).name: message for file, message in json.loads(read.stdout).items()}
    assert wrong.keys() == {"none.dot", "none.mermaid"}, wrong
