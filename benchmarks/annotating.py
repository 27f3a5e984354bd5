"""How the annotation platform holds under load: writes a second, the slowest percent, rows lost.

``python benchmarks/annotating.py --db sqlite:////tmp/load.db --kills 3`` serves the demo corpus in
a process of its own and lets annotators answer as fast as the server lets them, each answer two
requests as on the page: what is next, and the vote. ``--kills`` ends the server that often by
SIGKILL in the middle and starts it again. At the end every acknowledged vote is looked for in the
database. Needs ``affecthub[annotate]``; PostgreSQL ``affecthub[annotate-postgresql]`` and a server.
"""

import argparse
import asyncio
import json
import os
import platform
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
from sqlalchemy import select

from affecthub.training.platform.people import make_tokens
from affecthub.training.platform.store import Store
from affecthub.training.platform.tables import votes

TASK = """
annotators_per_clip: {n}
questions:
  - {{name: emotion, kind: choice, labels: corpus}}
  - {{name: sentiment, kind: scale, in: [film]}}
"""


@dataclass
class Load:
    """What came of a load.

    Attributes:
        kept: Keys of the votes that the server acknowledged.
        seconds: How long each acknowledged vote took.
        refused: Answers other than 201, with their status.
        broken: Requests that got no answer, because the server was down.
        up_s: How long it was up.
    """

    kept: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    broken: int = 0
    up_s: float = 0.0


class Server:
    """``affecthub annotate serve`` in a process of its own.

    Args:
        corpus: Folder of the demo corpus.
        db: URL of the database.
        task: A task file.
    """

    def __init__(self, corpus: Path, db: str, task: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        what = ["annotate", "serve", "demo", "--data-dir", str(corpus), "--db", db]
        self._command = [sys.executable, "-m", "affecthub", *what]
        self._command += ["--task", str(task), "--port", str(self.port)]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(1200):
            try:
                httpx.get(f"{self.url}/api/me")
                return
            except httpx.TransportError:
                if self._process.poll() is not None:
                    break
                time.sleep(0.05)
        raise RuntimeError(f"the server did not start: {' '.join(self._command)}")

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End it as Ctrl+C does."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=20)


async def annotate(url: str, token: str, stop: asyncio.Event, load: Load) -> None:
    """Answer as one annotator until told; what got no answer is sent again by the same key."""
    headers = {"Authorization": f"Bearer {token}", "X-Affecthub": "1"}
    rng = np.random.default_rng(int.from_bytes(token.encode()[-4:]))
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:

        async def insist(path: str, content: dict) -> tuple[httpx.Response, float]:
            while True:
                began = time.perf_counter()
                try:
                    return await client.post(path, json=content), time.perf_counter() - began
                except httpx.TransportError:
                    load.broken += 1
                    await asyncio.sleep(0.1)

        while not stop.is_set():
            answer, _ = await insist("/api/work/next", {})
            piece = answer.json()
            if answer.status_code != 200 or piece["kind"] == "done":
                load.refused += [] if answer.status_code == 200 else [answer.text]
                return
            vote = vote_of(piece, rng)
            answer, taken = await insist("/api/votes", vote)
            if answer.status_code == 201:
                load.kept.append(vote["key"])
                load.seconds.append(taken)
            else:
                load.refused.append(f"{answer.status_code} {answer.text}")


def vote_of(piece: dict, rng: np.random.Generator) -> dict:
    """An answer drawn by chance that no rule objects to."""
    answer: dict = {"emotion": {"label": "surprise", "confidence": float(rng.choice([0.3, 0.9]))}}
    if piece["modality"] == "film":
        answer["sentiment"] = round(int(rng.integers(-10, 11)) / 10, 1)
    place = {name: piece[name] for name in ("item", "modality", "round", "version")}
    return place | {"key": secrets.token_hex(16), "answer": answer, "seconds": 1.0}


async def run(server: Server, tokens: list[str], seconds: float, kills: int) -> Load:
    """Let all annotators work at once, and kill the server in between.

    Args:
        server: Started.
        tokens: One for each annotator.
        seconds: How long it is up, all in all.
        kills: How often it is killed; at the end it runs.
    """
    load, stop = Load(), asyncio.Event()

    async def break_off() -> None:
        for leg in range(kills + 1):
            if leg:
                server.kill()
                await asyncio.to_thread(server.start)
            began = time.monotonic()
            await asyncio.sleep(seconds / (kills + 1))
            load.up_s += time.monotonic() - began
        stop.set()

    await asyncio.gather(break_off(), *(annotate(server.url, t, stop, load) for t in tokens))
    return load


def lost(db: str, load: Load) -> tuple[int, int]:
    """How many acknowledged votes are not in the database, and how many stand in it twice."""
    store = Store(db)
    with store.reading() as connection:
        kept = connection.execute(select(votes.c.key)).scalars().all()
    store.close()
    return len(set(load.kept) - set(kept)), len(kept) - len(set(kept))


def main() -> None:
    """Measure, and print a line of the table in ``results/annotating.md``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--db", required=True)
    parser.add_argument("--annotators", type=int, default=20)
    parser.add_argument("--clips", type=int, default=360)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--kills", type=int, default=0)
    asked = parser.parse_args()
    from affecthub.datasets_scripts.demo.generate import generate_demo

    with tempfile.TemporaryDirectory() as folder:
        corpus = generate_demo(Path(folder) / "corpus", n_clips=asked.clips, seed=0)
        task = Path(folder) / "task.yaml"
        task.write_text(TASK.format(n=asked.annotators))
        store = Store(asked.db)
        names = [f"load {secrets.token_hex(3)} {i}" for i in range(asked.annotators)]
        tokens = list(make_tokens(store, names, "annotator").values())
        store.close()
        server = Server(corpus, asked.db, task)
        server.start()
        try:
            load = asyncio.run(run(server, tokens, asked.seconds, asked.kills))
        finally:
            server.stop()
        n_lost, n_twice = lost(asked.db, load)
    taken = np.array(load.seconds or [np.nan])
    figures = {
        "database": asked.db.partition(":")[0],
        "annotators": asked.annotators,
        "kills": asked.kills,
        "votes": len(load.kept),
        "votes/s": round(len(load.kept) / load.up_s, 1),
        "median ms": round(1000 * float(np.median(taken)), 1),
        "99th percentile ms": round(1000 * float(np.percentile(taken, 99)), 1),
        "refused": len(load.refused),
        "without answer": load.broken,
        "rows lost": n_lost,
        "rows twice": n_twice,
    }
    print(json.dumps(figures))
    print(f"| {' | '.join(map(str, figures.values()))} |")
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {load.refused[:3]}")


if __name__ == "__main__":
    main()
