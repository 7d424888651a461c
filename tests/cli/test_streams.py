"""Where the output goes: other encodings, a full device, a closed stream, a terminal that says it has no width."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import commands

FULL = Path("/dev/full")


def _shell(words: str, redirection: str, home: Path, **more: str) -> subprocess.CompletedProcess[str]:
    line = f'exec "{sys.executable}" -c "{commands.RUN}" {words} {redirection}'
    env = commands.environment(home, **more)
    return subprocess.run(
        ["/bin/sh", "-c", line],
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=env,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("words", ["episodes", "--help"])
@pytest.mark.skipif(not FULL.exists(), reason="this system has no full device")
def test_a_full_device_is_one_error(tmp_path: Path, words: str):
    done = _shell(words, f"> {FULL}", tmp_path)
    assert done.returncode == 2
    assert "error: The output can't be written: No space left on device." in done.stderr
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr


@pytest.mark.parametrize("redirection", [">&-", ">&- 2>&-"])
def test_a_closed_stream_drops_what_is_written(tmp_path: Path, redirection: str):
    done = _shell("episodes", redirection, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_another_encoding_writes_what_it_can(tmp_path: Path, encoding: str):
    done = _shell("episodes", "", tmp_path, PYTHONIOENCODING=encoding)
    assert done.returncode == 0 and "Traceback" not in done.stderr
    assert "black-monday" in done.stdout


def test_columns_of_zero_count_as_unset(tmp_path: Path):
    done = _shell("episodes", "", tmp_path, COLUMNS="0")
    assert done.returncode == 0 and "black-monday" in done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_data_are_utf8_in_any_terminal(tmp_path: Path, encoding: str):
    """JSON and CSV are the same bytes whatever the terminal's encoding; nothing in them becomes `?`."""
    line = "from selloff.cli.console import write_data; write_data('−5 €\\n')"
    env = commands.environment(tmp_path, PYTHONIOENCODING=encoding)
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, env=env, timeout=60, check=True)
    assert done.stdout == "−5 €\n".encode()
