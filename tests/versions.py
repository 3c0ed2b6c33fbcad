"""Does orgdiag work with every version that it declares? `python -m tests.versions [KIND]…`.

A kind is a Python, or the lowest or the newest of all run-time dependencies. Each gets the wheel
that users get in a virtual environment outside the checkout, runs `TESTS` there, and has one line
that says what was run and how it went. A Python that the machine lacks is told; with `CI=true` it
fails the run where it is needed. Which versions these are is read from pyproject.toml.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
TESTS = tuple(
    f"tests/test_{name}.py" for name in ("patterns", "parse", "config", "cli", "golden", "examples")
)
NEEDED = ("hypothesis", "interegular", "jsonschema", "pytest")  # by these tests
PATIENCE = 900  # seconds; what hangs has failed

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DEPENDENCIES = [Requirement(text) for text in PROJECT["dependencies"]]
DECLARED = [text.rpartition(" ")[2] for text in PROJECT["classifiers"] if "Python :: 3." in text]
FIRST = DECLARED[0]
TOOLS = [
    text for text in PROJECT["optional-dependencies"]["test"] if Requirement(text).name in NEEDED
]

# Run by the Python that is tried: its version and those of packages.
VERSIONS = """\
import platform, sys
from importlib.metadata import version
print("Python", platform.python_version() + "".join(f", {n} {version(n)}" for n in sys.argv[1:]))
"""


class Kind(NamedTuple):
    """What is tried.

    python   the version of Python
    places   where it may be
    bounds   what is asked for beside the bounds of the project
    needed   whether a CI must have it
    """

    python: str
    places: tuple[Path, ...]
    bounds: tuple[str, ...] = ()
    needed: bool = True


class Outcome(NamedTuple):
    """How it went: in a line, whether that fails the run, and what was printed if so."""

    said: str
    failed: bool = False
    output: str = ""


class Failed(Exception):
    """A command that failed: what it printed."""


def places(version: str) -> tuple[Path, ...]:
    """Where a Python may be: on the PATH, where a shim of pyenv may not start, and in pyenv."""
    name = f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return (
        *(Path(folder) / name for folder in os.get_exec_path()),
        *sorted(pyenv.glob(f"versions/{version}.*/bin/{name}")),
    )


def lowest() -> tuple[str, ...]:
    """The lowest version of every run-time dependency."""
    return tuple(
        f"{dependency.name}=={bound.version}"
        for dependency in DEPENDENCIES
        for bound in dependency.specifier
        if bound.operator == ">="
    )


KINDS = {
    "system": Kind(FIRST, (Path("/usr/bin") / f"python{FIRST}",)),
    **{version: Kind(version, places(version), needed=False) for version in DECLARED[1:]},
    "lowest": Kind(FIRST, places(FIRST), lowest()),
    "newest": Kind(FIRST, places(FIRST)),  # pip takes the newest where nothing is asked for
}


def found(kind: Kind) -> Path | None:
    """The first place where a Python of the version starts."""
    said = "import sys; print('%d.%d' % sys.version_info[:2])"
    for place in kind.places:
        try:
            if printed(place, "-c", said).strip() == kind.python:
                return place
        except Failed:
            continue
    return None


def printed(*command: str | Path, **variables: str) -> str:
    """What a command prints.

    Raises:
        Failed: it does not start, hangs, or ends with another code than 0.
    """
    environment = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    try:
        done = subprocess.run(
            [str(part) for part in command], cwd=ROOT, env={**environment, **variables},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Failed(str(error)) from None
    if done.returncode:
        raise Failed(done.stdout)
    return done.stdout


def outcome(kind: Kind, wheel: Path, folder: Path) -> Outcome:
    """How it goes with a kind, in a folder of its own."""
    python = found(kind)
    said = f"Python {kind.python}"
    if python is None:
        missed = kind.needed and os.environ.get("CI") == "true"
        return Outcome(f"{said}: not on this machine{', but needed' if missed else ''}", missed)
    own = folder / "bin/python"
    pip = (sys.executable, "-m", "pip", "--python", own, "install", "--quiet")
    try:
        printed(python, "-m", "venv", "--without-pip", folder)
        printed(*pip, wheel, *kind.bounds, *TOOLS)
        said = printed(own, "-c", VERSIONS, *(known.name for known in DEPENDENCIES)).strip()
        tests = printed(
            own, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS,
            PYTHONSAFEPATH="1", PYTHONDONTWRITEBYTECODE="1", XDG_CACHE_HOME=str(folder / "cache"),
        )  # fmt: skip
    except Failed as failure:
        return Outcome(f"{said}: FAILED", True, str(failure))
    return Outcome(f"{said}: {tests.splitlines()[-1]}")


def main() -> None:
    """Try the kinds that are named, by default all."""
    names = sys.argv[1:] or list(KINDS)
    if not KINDS.keys() >= set(names):
        sys.exit(f"kinds: {', '.join(KINDS)}")
    failed = False
    with TemporaryDirectory(prefix="orgdiag-versions-") as temporary:
        folder = Path(temporary)
        printed(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", folder, ROOT)
        (wheel,) = folder.glob("*.whl")
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            tries = pool.map(lambda name: outcome(KINDS[name], wheel, folder / name), names)
        for name, tried in zip(names, tries, strict=True):
            print(f"{tried.output}{name:<7} {tried.said}", flush=True)
            failed |= tried.failed
    sys.exit(failed)


if __name__ == "__main__":
    main()
