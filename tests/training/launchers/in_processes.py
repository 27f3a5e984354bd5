"""Test only: run programs one after the other in the processes that torchrun started.

``python -m torch.distributed.run --nproc_per_node 2 in_processes.py JOBS.json`` imports the heavy
packages once in each process; each job is a fork of it that runs a module as a program, with a
process group of its own. A job for one process runs in the process it names.
"""

import faulthandler
import json
import os
import runpy
import shutil
import socket
import sys
import time
import traceback
from pathlib import Path

import accelerate  # noqa: F401
import deepspeed  # noqa: F401
import torch
import transformers.integrations.deepspeed  # noqa: F401
from transformers import Trainer  # noqa: F401

import affecthub.training.sft  # noqa: F401

RANK = int(os.environ["RANK"])
OF_TORCHRUN = ("WORLD_SIZE", "LOCAL_WORLD_SIZE", "RANK", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")


def run(job: dict, port: str) -> None:
    """Become the program of a job."""
    log = os.open(job["log"] + f".{RANK}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    faulthandler.dump_traceback_later(job["timeout_s"] - 10)  # where it hangs
    if "process" in job:
        for name in OF_TORCHRUN:
            del os.environ[name]
    else:
        os.environ |= {"MASTER_PORT": port, "TORCHELASTIC_USE_AGENT_STORE": "False"}
    os.environ |= job["env"]
    if job.get("allow_cpu"):
        sys.path.insert(0, str(Path(__file__).parent))
        import cpu_only

        cpu_only.allow()
    if job.get("begun") and ("process" in job or RANK == 0):
        begun = Path(f"{job['begun']}-checkpoints")
        for name in ("started.json", "checkpoint-3"):
            target = Path(f"{job['folder']}-checkpoints") / name
            target.parent.mkdir(exist_ok=True)
            (shutil.copytree if name != "started.json" else shutil.copy)(begun / name, target)
    sys.argv = [job["program"], *job["arguments"]]
    # As a program it is a module of its own; what was imported under its name is not that.
    sys.modules.pop(job["program"], None)
    runpy.run_module(job["program"], run_name="__main__", alter_sys=True)


def meet(place: Path) -> str:
    """Wait for the other process, which may still be in a job that this one has left.

    Returns:
        A free port, the same in both: the store of torchrun would still hold what the last group
        wrote there.
    """
    mine, others = (Path(f"{place}-{rank}") for rank in (RANK, 1 - RANK))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        whole = mine.with_suffix(".part")
        whole.write_text(str(free.getsockname()[1]))
        whole.rename(mine)
        while not others.exists():
            time.sleep(0.02)
    return (mine if RANK == 0 else others).read_text()


def main() -> None:
    """Run all jobs; write how each ended beside its log."""
    torch.set_num_threads(1)
    jobs = json.loads(Path(sys.argv[1]).read_text())
    for number, job in enumerate(jobs):
        port = meet(Path(f"{sys.argv[1]}.{number}"))
        if job.get("process", RANK) != RANK:
            continue
        child = os.fork()
        if child == 0:
            code = 1
            try:
                run(job, port)
                code = 0
            except SystemExit as ended:
                code = int(ended.code or 0)
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        end = time.monotonic() + job["timeout_s"]
        code = None
        while code is None:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                code = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                os.kill(child, 9)
                os.waitpid(child, 0)
                code = 124
            else:
                time.sleep(0.02)
        Path(job["log"] + f".{RANK}.code").write_text(str(code))


if __name__ == "__main__":
    main()
