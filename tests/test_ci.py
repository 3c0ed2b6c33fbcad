"""orgdiag where it runs: pre-commit, GitHub, GitLab, code scanning, with the real tools."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import xmlschema
import yaml
from golden import EXAMPLES

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
GOOD = 'org x "X" { as-of 2025-03-01 }\nteam a "A" { type stream-aligned; size 5; durable }\n'


def tool(*command: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=600,
        check=False,
    )  # fmt: skip


def git(folder: Path, *args: str) -> None:
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    done = tool("git", *identity, *args, cwd=folder)
    assert done.returncode == 0, done.stderr


def test_the_action_is_valid() -> None:
    schema = "vendor.github-actions"
    done = tool(BIN / "check-jsonschema", "--builtin-schema", schema, "action.yml")
    assert done.returncode == 0, done.stdout


def test_the_gitlab_component_is_valid(tmp_path: Path) -> None:
    head, body = yaml.safe_load_all((ROOT / "templates/orgdiag.yml").read_text())
    text = yaml.safe_dump(body)
    for name, spec in head["spec"]["inputs"].items():
        assert f"$[[ inputs.{name} ]]" in text
        text = text.replace(f"$[[ inputs.{name} ]]", str(spec["default"]))
    job = tmp_path / "job.yml"
    job.write_text(text)
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
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
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
    git(project, "add", "-A")
    command = (BIN / "pre-commit", "try-repo", str(hook), "--all-files", "--verbose")  # both hooks
    sound = tool(*command, cwd=project)
    assert sound.stdout.count("checked 301 teams") == 1, sound.stdout[-2000:] + sound.stderr
    assert sound.returncode == 0, sound.stdout[-2000:]
    (project / "teams/t7.orgd").write_text("team t7 {typ platform}\n")
    git(project, "add", "-A")
    broken = tool(*command, cwd=project)
    assert broken.returncode == 1
    assert "error[unknown-word]" in broken.stdout
    assert "--> teams/t7.orgd:1:10" in broken.stdout
    assert "files were modified by this hook" in broken.stdout
    assert (project / "teams/t7.orgd").read_text() == "team t7 { typ platform }\n"


@pytest.fixture(scope="module")
def validator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Microsoft's SARIF validator; it embeds the OASIS schema."""
    if shutil.which("npm") is None:
        pytest.skip("needs node")
    folder = tmp_path_factory.mktemp("sarif")
    done = tool("npm", "install", "--silent", "@microsoft/sarif-multitool-linux", cwd=folder)
    program = folder / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
    if done.returncode != 0 or not program.exists():
        pytest.skip("the npm registry cannot be reached")
    program.chmod(0o755)
    return program


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.parametrize("example", ["meridian", "article", "healthy"])
def test_sarif_is_valid_and_quiet_under_the_github_rules(
    validator: Path, tmp_path: Path, example: str
) -> None:
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


@pytest.fixture(scope="module")
def oasis(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The schema that OASIS published, from a package that carries it."""
    if shutil.which("npm") is None:
        pytest.skip("needs node")
    folder = tmp_path_factory.mktemp("oasis")
    done = tool("npm", "pack", "--silent", "@microsoft/jest-sarif@1.0.0-beta.0", cwd=folder)
    if done.returncode != 0:
        pytest.skip("the npm registry cannot be reached")
    with tarfile.open(folder / done.stdout.strip()) as package:
        member = package.extractfile("package/lib/schemas/sarif-2.1.0-rtm.5.json")
        assert member is not None
        return json.load(member)


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES)
def test_sarif_is_valid_against_the_oasis_schema(oasis: Any, example: str) -> None:
    command = (sys.executable, "-m", "orgdiag", "check", f"examples/{example}")
    log = json.loads(tool(*command, "--output-format", "sarif").stdout)
    check = jsonschema.validators.validator_for(oasis)(oasis)
    assert [error.message for error in check.iter_errors(log)] == []


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with TypeScript and the published types of Code Climate, which GitLab reads."""
    if shutil.which("npm") is None:
        pytest.skip("needs node")
    folder = tmp_path_factory.mktemp("types")
    done = tool("npm", "install", "--silent", "codeclimate-types@0.3.1", "typescript@5", cwd=folder)
    if done.returncode != 0:
        pytest.skip("the npm registry cannot be reached")
    return folder


def compiled(folder: Path, rows: str) -> subprocess.CompletedProcess[str]:
    (folder / "report.ts").write_text(
        f'import type {{ Issue }} from "codeclimate-types"\nexport const report: Issue[] = {rows}'
    )
    return tool(
        folder / "node_modules/.bin/tsc", "--noEmit", "--strict", "--module", "nodenext",
        "report.ts", cwd=folder,
    )  # fmt: skip


@pytest.mark.node
@pytest.mark.slow
def test_gitlab_gets_what_the_types_of_code_climate_say(types: Path) -> None:
    command = (sys.executable, "-m", "orgdiag", "check", "examples/meridian")
    rows = tool(*command, "--output-format", "gitlab").stdout
    issues = json.loads(rows)
    assert len({issue["fingerprint"] for issue in issues}) == len(issues) > 10
    assert all(issue["location"]["path"] == "examples/meridian/meridian.orgd" for issue in issues)
    assert compiled(types, rows).stdout == ""
    for word in ("categories", "fingerprint", "location"):  # the types do refuse something
        spoilt = json.dumps([{**issues[0], word: 3}])
        assert "error TS2322" in compiled(types, spoilt).stdout


@pytest.fixture(scope="module")
def junit(tmp_path_factory: pytest.TempPathFactory) -> xmlschema.XMLSchema:
    """The schema of the JUnit files that Jenkins reads, from the sources of pytest."""
    folder = tmp_path_factory.mktemp("junit")
    done = tool(
        sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", "pytest",
        "pytest==9.0.2", cwd=folder,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.skip("the package index cannot be reached")
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


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Graphviz and Mermaid for node."""
    if shutil.which("npm") is None:
        pytest.skip("needs node")
    folder = tmp_path_factory.mktemp("diagrams")
    done = tool("npm", "install", "--silent", "@viz-js/viz", "mermaid", "jsdom", cwd=folder)
    if done.returncode != 0:
        pytest.skip("the npm registry cannot be reached")
    shutil.copy(ROOT / "tests/diagrams.mjs", folder)
    return folder


NASTY = """\
org x "X" { as-of 2025-03-01 }
team end "a \\"quoted\\" [b](c) {d} |e| <i>f</i> #35; --> %%" { needs data from graph { routine } }
team graph "class click style" {}
component default "\\\\N \\\\\\\\" { owner end }
"""


@pytest.mark.node
@pytest.mark.slow
@pytest.mark.parametrize("language", ["dot", "mermaid"])
@pytest.mark.parametrize("what", ["teams", "components", "stream:instant-payments"])
@pytest.mark.parametrize("model", ["examples/meridian", "nasty"])
def test_graphviz_and_mermaid_can_read_what_is_drawn_for_them(
    readers: Path, tmp_path: Path, language: str, what: str, model: str
) -> None:
    path: Path | str = model
    if model == "nasty":
        if what.startswith("stream"):
            pytest.skip("it has no stream")
        path = tmp_path / "nasty.orgd"
        path.write_text(NASTY)
    drawn = tool(sys.executable, "-m", "orgdiag", "graph", path, "--of", what, "--format", language)
    assert drawn.returncode == 0, drawn.stderr
    (tmp_path / "diagram").write_text(drawn.stdout)
    read = tool("node", "diagrams.mjs", language, tmp_path / "diagram", cwd=readers)
    assert read.returncode == 0, drawn.stdout + read.stderr[-800:]
