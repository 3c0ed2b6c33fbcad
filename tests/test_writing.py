"""An output file is the old one or the new one, never a part."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest

from orgdiag.files import writing
from orgdiag.files.opening import anchored


def write_whole(path: Path, text: str) -> None:
    writing.write_whole(anchored(path, path.parent), text)


def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    path.chmod(0o640)
    write_whole(path, "new\n")
    assert path.read_bytes() == b"new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.txt"]


def test_a_new_file_gets_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "out.txt", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "out.txt").stat().st_mode) == 0o640


@pytest.mark.parametrize("target", ["target", "nowhere"])
def test_a_link_is_refused_and_so_is_what_it_leads_to(tmp_path: Path, target: str) -> None:
    link = tmp_path / "link"
    (tmp_path / "target").write_text("old")
    link.symlink_to(target)
    with pytest.raises(OSError, match="it is a link"):
        write_whole(link, "new")
    assert link.is_symlink()
    assert (tmp_path / "target").read_text() == "old"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["link", "target"]


def test_standard_output_can_be_named_as_a_file(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from orgdiag.files.opening import anchored; "
        "from orgdiag.files.writing import write_whole; "
        "write_whole(anchored(Path('/dev/stdout'), Path('/')), 'told')"
    )
    args = [sys.executable, "-c", code]
    assert subprocess.run(args, capture_output=True, check=True, timeout=60).stdout == b"told"
    with (tmp_path / "out.txt").open("w") as file:
        subprocess.run(args, stdout=file, check=True, timeout=60)
    assert (tmp_path / "out.txt").read_text() == "told"


def test_a_pipe_without_a_reader_is_an_error_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="No such device"):
        write_whole(tmp_path / "pipe", "x")


def test_a_device_stays_a_device() -> None:
    write_whole(Path(os.devnull), "x")
    assert Path(os.devnull).is_char_device()


def test_a_folder_or_a_missing_one_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path, "x")
    with pytest.raises(OSError, match="No such file"):
        write_whole(tmp_path / "missing/out.txt", "x")


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    path.write_text("old")
    code = (
        "import resource, signal, sys; from pathlib import Path; "
        "from orgdiag.files.opening import anchored; "
        "from orgdiag.files.writing import write_whole; "
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); "
        "write_whole(anchored(Path(sys.argv[1]), Path()), 'x' * 5000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, timeout=60, check=False
    )
    assert b"File too large" in done.stderr
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out.txt"]


def test_at_every_moment_of_writing_the_file_is_the_old_or_the_new_one(tmp_path: Path) -> None:
    """What others read at a call is what a kill at that call would leave."""
    path = tmp_path / "out.txt"
    old, new = "a" * 200_000, "b" * 200_000
    path.write_text(old)
    seen = []

    def look(frame: object, event: str, argument: object) -> None:
        sys.setprofile(None)
        seen.append(path.read_text())
        sys.setprofile(look)

    sys.setprofile(look)
    write_whole(path, new)
    sys.setprofile(None)
    assert [text for text, _ in groupby(seen)] == [old, new]
    assert len(seen) > 20
