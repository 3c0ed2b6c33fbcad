"""A checked-out folder full of traps: the templates for pipelines run orgdiag, and none of them.

The author of a pull request writes every file of the folder, and no input of the workflow. The
worst is tried: a job whose variables lead Python and pip into the folder, as some do for caches.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml
from test_ci import ROOT, gitlab_component

from orgdiag.starter import PRE_COMMIT

BASH = shutil.which("bash") or "bash"
VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"
MODEL = 'org o "O" { as-of 2025-03-01 }\nteam t "T" { type project; size 20 }\n'
MODULES = (
    "pip", "ensurepip", "venv", "orgdiag", "hatchling", "click", "jinja2", "lark", "networkx",
    "pathspec", "pydantic", "sitecustomize", "usercustomize", "subprocess", "tempfile", "backend",
)  # fmt: skip
PROGRAMS = ("python", "python3", "pip", "orgdiag", "git", "env", "mktemp", "bash", "sh", "touch")
WHEELS = ("orgdiag", "hatchling", "lark", "click", "pip")
PYPROJECT = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
# Words that start something, or name files, where a shell reads them.
ARGS = (
    "--as-of 2025-03-01 --exclude *.bak --exclude $(>{ran}/dollar) --exclude `>{ran}/tick` "
    "--exclude ;>{ran}/semicolon --exclude |>{ran}/pipe --exclude &>{ran}/and --exclude $HOME"
)


class Workspace:
    """A folder as a pull request may leave it, and one outside where each trap leaves a mark."""

    def __init__(self, base: Path) -> None:
        self.folder, self.ran = base / "workspace", base / "ran"
        self.ran.mkdir()
        for name in ("org", "more", "out dir"):
            (self.folder / name).mkdir(parents=True)
        self.write("org/org.orgd", MODEL)
        self.write("more/more.orgd", "team u { size 5 }\n")
        self.write("--config=evil.bak", 'ignore = ["ALL"]\n')
        self.write("evil.bak", 'ignore = ["ALL"]\n')
        for name in MODULES:
            self.write(f"{name}/__init__.py", self.mark(name))
            self.write(f"{name}/__main__.py", self.mark(name))
        self.write(f"user/lib/{VERSION}/site-packages/usercustomize.py", self.mark("usercustomize"))
        for place in ("", f"venv/lib/{VERSION}/site-packages/"):
            self.write(f"{place}trap.pth", f"import sys; {self.mark('pth')}")
        self.write("setup.py", self.mark("setup.py"))
        self.write("pyproject.toml", PYPROJECT)
        for name in PROGRAMS:
            for place in ("", "bin/", "venv/bin/"):
                self.write(f"{place}program-{name}", "")
                program = self.folder / f"{place}{name}"
                program = program if not program.is_dir() else self.folder / f"bin/{name}"
                program.write_text(f"#!/bin/sh\n: > '{self.ran}/program-{name}'\n")
                program.chmod(0o755)
        for name in WHEELS:
            self.wheel(name)
        self.write("pip.conf", f"[global]\nno-index = true\nfind-links = {self.folder}/wheels\n")
        for place in ("xdg/pip", ".config/pip", ".pip"):
            self.write(f"{place}/pip.conf", (self.folder / "pip.conf").read_text())

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def mark(self, name: str) -> str:
        """Python that leaves the mark of a trap."""
        return f"open({str(self.ran / name)!r}, 'w').close()\n"

    def wheel(self, name: str) -> None:
        """A wheel of that name that any index has only older ones of."""
        (self.folder / "wheels").mkdir(exist_ok=True)
        with zipfile.ZipFile(self.folder / f"wheels/{name}-999-py3-none-any.whl", "w") as file:
            info = f"{name}-999.dist-info"
            file.writestr(f"{name}/__init__.py", self.mark(f"wheel-{name}"))
            file.writestr(f"{name}/__main__.py", self.mark(f"wheel-{name}"))
            file.writestr(
                f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 999\n"
            )
            file.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            file.writestr(f"{info}/RECORD", "")

    def leads(self) -> dict[str, str]:
        """Variables of a job that lead Python and pip into the folder."""
        at = str(self.folder)
        return {
            "PYTHONPATH": at, "PYTHONHOME": at, "PYTHONUSERBASE": f"{at}/user",
            "PYTHONSTARTUP": f"{at}/setup.py", "VIRTUAL_ENV": f"{at}/venv",
            "PIP_CONFIG_FILE": f"{at}/pip.conf", "PIP_FIND_LINKS": f"{at}/wheels",
            "PIP_NO_INDEX": "1", "PIP_PYTHON": f"{at}/bin/python", "PIP_CACHE_DIR": f"{at}/.cache",
            "PIP_TARGET": f"{at}/venv/lib/{VERSION}/site-packages", "XDG_CONFIG_HOME": f"{at}/xdg",
            "XDG_CACHE_HOME": f"{at}/.cache",
        }  # fmt: skip

    def run(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """A script of a job, run by bash in the folder as the runners do."""
        return subprocess.run(
            [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", script], cwd=self.folder,
            env={**os.environ, **self.leads(), **environment}, capture_output=True, text=True,
            timeout=600, check=False,
        )  # fmt: skip

    @property
    def sprung(self) -> list[str]:
        """The traps that something has stepped on."""
        return sorted(path.name for path in self.ran.iterdir())


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as the runner fetches it for the action."""
    ignored = shutil.ignore_patterns(".*", "tests", "benchmarks", "fuzz", "__pycache__")
    return Path(
        shutil.copytree(ROOT, tmp_path_factory.mktemp("action") / "orgdiag", ignore=ignored)
    )


def contexts(text: str, known: dict[str, str]) -> str:
    """A value of a workflow with its expressions replaced."""
    return re.sub(r"\$\{\{ *([\w.-]+) *\}\}", lambda match: known[match[1]], text)


def action(package: Path, base: Path, given: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The script of the action and its variables, with the inputs given."""
    data = yaml.safe_load((ROOT / "action.yml").read_text())
    known = {f"inputs.{name}": spec["default"] for name, spec in data["inputs"].items()}
    known |= {f"inputs.{name}": value for name, value in given.items()}
    known["github.action_path"], known["runner.temp"] = str(package), str(base)
    known["steps.python.outputs.python-path"] = sys.executable
    (step,) = [step for step in data["runs"]["steps"] if "run" in step]
    assert step["shell"] == "bash"
    assert "${{" not in step["run"], "what is expanded into a script is read by the shell"
    return step["run"], {name: contexts(text, known) for name, text in step["env"].items()}


def program(script: str) -> str:
    """The program in a script."""
    return script.partition("<<'EOF'\n")[2].partition("\nEOF")[0]


def test_both_templates_run_the_same_program() -> None:
    (ours,) = [
        s["run"] for s in yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"][1:]
    ]
    (theirs,) = gitlab_component({})["orgdiag"]["script"]
    assert program(ours) == program(theirs) != ""


@pytest.mark.slow
def test_the_action_runs_nothing_that_is_checked_out(
    workspace: Workspace, package: Path, tmp_path: Path
) -> None:
    inputs = {
        "paths": "org more", "args": ARGS.format(ran=workspace.ran), "sarif": "out dir/found.sarif",
    }  # fmt: skip
    script, variables = action(package, tmp_path, inputs)
    done = workspace.run(script, **variables, PATH=f"{workspace.folder}:{os.environ['PATH']}")
    assert workspace.sprung == []
    assert done.returncode == 1, done.stdout + done.stderr
    assert "::error file=org/org.orgd,line=2" in done.stdout
    log = json.loads((workspace.folder / "out dir/found.sarif").read_text())
    assert "team-too-large" in {result["ruleId"] for result in log["runs"][0]["results"]}
    assert {path.name for path in tmp_path.iterdir()} == {"workspace", "ran"}, "it leaves nothing"


@pytest.mark.slow
def test_the_gitlab_component_runs_nothing_that_is_checked_out(
    workspace: Workspace, package: Path
) -> None:
    inputs = {
        "paths": "org more", "args": ARGS.format(ran=workspace.ran), "package": str(package),
    }  # fmt: skip
    job = gitlab_component(inputs)["orgdiag"]
    path = (
        f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # GitLab takes its Python from there
    )
    done = workspace.run("\n".join(job["script"]), **job["variables"], PATH=path)
    assert workspace.sprung == []
    assert done.returncode == 1, done.stdout + done.stderr
    report = json.loads((workspace.folder / "gl-code-quality-report.json").read_text())
    assert "team-too-large" in {entry["check_name"] for entry in report}
    assert "<testsuites" in (workspace.folder / "orgdiag.xml").read_text()


HOOKS = [
    *yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()),
    *yaml.safe_load(PRE_COMMIT)["repos"][0]["hooks"],
]


# Led to another home Python does not start and no trap is reached, so it is tried without, too.
@pytest.mark.parametrize("unset", [{}, {"PYTHONHOME": ""}], ids=["all", "no home"])
@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["entry"])
def test_a_hook_runs_nothing_that_is_checked_out(
    workspace: Workspace, hook: dict[str, str], unset: dict[str, str]
) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # as pre-commit sets it
    done = workspace.run(f"{hook['entry']} org/org.orgd", PATH=path, **unset)
    assert workspace.sprung == []
    checks = hook["id"] == "orgdiag"
    assert done.returncode == (1 if checks else 0), done.stdout + done.stderr
    assert ("team-too-large" in done.stdout) is checks


@pytest.mark.slow
@pytest.mark.parametrize("named", [".", "./wheels/orgdiag-999-py3-none-any.whl", "-e."])
def test_what_is_installed_is_never_taken_from_what_is_checked_out(
    workspace: Workspace, named: str
) -> None:
    job = gitlab_component({"package": named})["orgdiag"]
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = workspace.run("\n".join(job["script"]), **job["variables"], PATH=path)
    assert workspace.sprung == []
    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "orgdiag cannot be installed")
