"""Java programs of caption scoring, as pycocoevalcap brings them: found and run, not vendored."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from typing import IO

from affecthub.errors import require


def find_java(purpose: str) -> str:
    """The path of the Java runtime.

    Args:
        purpose: What cannot be done without it, as the object of "needed to".

    Raises:
        FileNotFoundError: There is no ``java`` on the PATH.
    """
    java = shutil.which("java")
    if java is None:
        raise FileNotFoundError(
            f"Java not found: got no `java` on the PATH, needed to {purpose}. Install a Java "
            "runtime (Debian: default-jre-headless)."
        )
    return java


def coco_folder(purpose: str) -> Path:
    """The folder of pycocoevalcap, whose jars are called.

    Raises:
        ImportError: pycocoevalcap is not installed.
    """
    return Path(next(iter(require("pycocoevalcap", "java", purpose).__path__)))


@contextmanager
def java_process(
    arguments: Sequence[str], *, folder: Path, timeout_s: float
) -> Iterator[tuple[IO[str], IO[str]]]:
    """Run a Java program line by line; give its input and its output as text.

    What it writes to its error stream goes to a file, where nothing can block it. The program is
    ended when the block is left or when its time is up.

    Args:
        arguments: Command line.
        folder: Where it runs.
        timeout_s: Seconds until it is killed.

    Raises:
        RuntimeError: The program ended early; its last words are part of the message.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        process = subprocess.Popen(
            arguments,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
        )
        alarm = Timer(timeout_s, process.kill)
        alarm.start()
        try:
            assert process.stdin and process.stdout
            yield process.stdin, process.stdout
        except (BrokenPipeError, EOFError) as error:
            process.kill()
            process.wait()
            raise RuntimeError(_failure(arguments, errors, timeout_s)) from error
        finally:
            alarm.cancel()
            process.kill()
            process.communicate()


def run_java(arguments: Sequence[str], *, folder: Path, timeout_s: float) -> None:
    """Run a Java program to its end.

    Raises:
        RuntimeError: It failed or took longer than `timeout_s`.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
        try:
            subprocess.run(
                arguments,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                timeout=timeout_s,
                check=True,
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise RuntimeError(_failure(arguments, errors, timeout_s)) from error


def _failure(arguments: Sequence[str], errors: IO[str], timeout_s: float) -> str:
    errors.seek(0)
    last_lines = " / ".join(errors.read().strip().splitlines()[-5:])
    return (
        f"a Java program failed or took longer than {timeout_s:.0f} s: {' '.join(arguments)}. "
        f"It said: {last_lines or 'nothing'}."
    )
