"""What several test files share."""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

import pytest
import tools
from packaging.requirements import Requirement

NODE = Path(__file__).parent / "node"


def asked_for(package: str) -> bool:
    """Whether the tests ask for a package on this machine: the extra `test` in pyproject.toml."""
    wanted = map(Requirement, metadata.requires("orgdiag") or ())
    return any(
        each.name == package and each.marker is not None and each.marker.evaluate({"extra": "test"})
        for each in wanted
    )


collect_ignore = [] if asked_for("atheris") else ["test_fuzz.py"]


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
