"""Run command lines in forks of a process that has imported everything, and kill some of them.

Its argument is a JSON list of jobs, see `run`; for each it prints the exit codes. A job is killed
by signal 9, all of its processes at once, when the parts of its output have so many bytes.
"""

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

from affecthub.cli.main import main


def start(command: list[str], index: int, count: int, port: int) -> int:
    """Fork one process of a job; its number."""
    child = os.fork()
    if child:
        return child
    job = {"RANK": index, "LOCAL_RANK": index, "WORLD_SIZE": count, "MASTER_PORT": port}
    if count > 1:
        os.environ |= {name: str(value) for name, value in job.items()}
        os.environ["MASTER_ADDR"] = "127.0.0.1"
    sys.argv = ["affecthub", *command]
    os.dup2(2, 1)
    code = 1
    try:
        main()
    except SystemExit as stopped:
        code = int(stopped.code or 0)
    finally:
        sys.stderr.flush()
        os._exit(code)


def noted(output: Path) -> int:
    """Bytes of answers that have been noted and are not in one file yet."""
    parts = output.parent.glob(f"{output.name}.part-*-of-*")
    return sum(each.stat().st_size for each in parts if not each.name.endswith(".new"))


def run(command: list[str], processes: int = 1, kill_at: int | None = None) -> list[int]:
    """Run one job to its end, or to where it is killed: the exit code of each process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    children = [start(command, i, processes, port) for i in range(processes)]
    output = Path(command[command.index("--output") + 1])
    codes: dict[int, int] = {}
    while len(codes) < len(children):
        if kill_at is not None and noted(output) >= kill_at:
            for child in children:
                os.kill(child, signal.SIGKILL)
            kill_at = None
        for child in set(children) - codes.keys():
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                codes[child] = os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    return [codes[child] for child in children]


for job in json.loads(sys.argv[1]):
    print(json.dumps(run(**job)), flush=True)
