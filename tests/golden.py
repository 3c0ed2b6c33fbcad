"""Rewrites the golden files: `python -m tests.golden`. Read the difference before you commit it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import chdir
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from orgdiag.cli import main

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "tests/golden"
EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir() if path.is_dir())
# Every format on the worked example; on the others what people and machines read.
FORMATS = ("full", "json", "concise", "jsonl", "sarif", "github", "gitlab", "junit", "markdown")
SHORT = ("concise", "json")


def formats(example: str) -> tuple[str, ...]:
    """The formats that are kept for an example."""
    return FORMATS if example == "meridian" else SHORT


@cache
def rendered(example: str) -> Mapping[str, str]:
    """What one `orgdiag check` writes about an example, by format."""
    with TemporaryDirectory() as folder:
        files = {name: Path(folder, name) for name in formats(example)}
        outputs = [f"--output={name}={file}" for name, file in files.items()]
        with chdir(ROOT):
            assert main(["check", f"examples/{example}", *outputs]) in (0, 1)
        return {name: file.read_bytes().decode() for name, file in files.items()}


def path(example: str, name: str) -> Path:
    """Where the golden file of an example and format lies."""
    return FOLDER / example / f"{name}.txt"


if __name__ == "__main__":
    for example in EXAMPLES:
        for name, text in rendered(example).items():
            file = path(example, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode())
