"""What all tests share: their environment, and how hard hypothesis tries."""

from __future__ import annotations

import gc
import os
import shutil
from importlib import metadata
from pathlib import Path
from tempfile import mkdtemp

import pytest
import tools
from hypothesis import HealthCheck, settings
from packaging.requirements import Requirement

NODE = Path(__file__).parent / "node"

# No clock fails a property. The quick profile tries the same examples each time, the long one tries
# others: `-m hypothesis --hypothesis-profile long`.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("quick", PATIENT, max_examples=50, derandomize=True)
settings.register_profile("long", PATIENT, max_examples=1000)
settings.load_profile("quick")

# A run of orgdiag leaves tens of thousands of objects; to look through all of pytest's after each
# took two fifths of the time of the tests.
gc.set_threshold(200_000)


def asked_for(package: str) -> bool:
    """Whether the tests ask for a package on this machine: the extra `test` in pyproject.toml."""
    wanted = map(Requirement, metadata.requires("orgdiag") or ())
    return any(
        each.name == package and each.marker is not None and each.marker.evaluate({"extra": "test"})
        for each in wanted
    )


collect_ignore = [] if asked_for("atheris") else ["test_fuzz.py"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Lets `tests.alone` take a part of a file's tests."""
    parser.addoption("--at-most", type=int, help="run so many of the tests that were chosen")


@pytest.hookimpl(trylast=True)  # after they were put into another order
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is more than was asked for."""
    if config.option.at_most is not None:
        del items[config.option.at_most :]


def pytest_configure(config: pytest.Config) -> None:
    """Sets up the environment: nothing that would change a run, and a cache of our own for rules.

    A test that is named runs, slow or not.
    """
    if any("::" in argument for argument in config.args):
        config.option.markexpr = ""
    for name in ("FORCE_COLOR", "GITHUB_STEP_SUMMARY", "NO_COLOR"):
        os.environ.pop(name, None)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        cache = mkdtemp(prefix="orgdiag-tests-")
        os.environ["XDG_CACHE_HOME"] = cache
        config.add_cleanup(lambda: shutil.rmtree(cache, ignore_errors=True))


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the scripts of `tests/node` and the packages that they use."""

    def make(folder: Path) -> None:
        for file in NODE.iterdir():
            if file.is_file():
                shutil.copy(file, folder)
        tools.node_packages(folder)

    if (NODE / "node_modules").is_dir():
        return NODE
    return tools.made_once(tmp_path_factory, "node", make)
