"""The command line as tests call it."""

import io
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

from affecthub.cli.main import main


def affecthub(*arguments, ok=True):
    """Run the command line in this process, which has its imports done."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with (
        redirect_stdout(out),
        redirect_stderr(err),
        patch.object(sys, "argv", ["affecthub", *map(str, arguments)]),
    ):
        try:
            main()
        except SystemExit as stop:
            code = stop.code or 0
    done = subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())
    assert "Traceback" not in done.stderr, done.stderr
    assert (done.returncode == 0) is ok, done.stderr
    return done


def refused(*arguments):
    done = affecthub(*arguments, ok=False)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()[-1:]
    assert line.startswith("error: ")
    return line
