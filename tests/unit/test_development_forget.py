"""`make clean`: what running made is deleted, and nothing else."""

import subprocess
import sys
from pathlib import Path

from scheduler_site.development import forget
from scheduler_site.development.only_one import only_one


def clean(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the script as `make clean` does, without the project's packages."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(Path(forget.__file__))],
        env={"VAR_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_running_made_is_deleted(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with only_one(folder):
        (folder / "redis").mkdir()
    assert clean(folder).returncode == 0
    assert not folder.exists()


def test_nothing_to_forget_is_no_failure(tmp_path: Path) -> None:
    answer = clean(tmp_path / "var")
    assert (answer.returncode, answer.stdout) == (0, "There is nothing to forget.\n")


def test_a_running_platform_is_left_alone(tmp_path: Path) -> None:
    with only_one(tmp_path):
        answer = clean(tmp_path)
    assert answer.returncode == 1
    assert "Stop it with Ctrl-C first" in answer.stderr
    assert (tmp_path / "dev.lock").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    answer = clean(tmp_path)
    assert answer.returncode == 1
    assert "Check VAR_DIR" in answer.stderr
    assert (tmp_path / "thesis.txt").exists()
