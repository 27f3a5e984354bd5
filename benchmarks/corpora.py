"""How fast corpora are read, against what one would write without this package, in the same run.

    python benchmarks/corpora.py

Needs the released label csv of EmotionTalk: ``$AFFECTHUB_REFERENCE_DATA/emotiontalk``. Media and
a corpus of 100,000 rows are generated in a temporary folder. Every comparison checks first that
both sides give the same values. Figures and what they mean: ``results/corpora.md``.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"

import av
import datasets
import numpy as np
import pandas
import pyarrow as pa
import soundfile
from row_by_row import FILES, RowByRow

import affecthub
from affecthub.datasets_scripts.emotiontalk.builder import EmotionTalkBuilder
from affecthub.media import load_frames, load_waveform

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("AFFECTHUB_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
# What is compared, "at most" or "at least", and the ratio that must hold.
Row = tuple[str, float, float, str, float]


def medians(repeats: int, n_calls: int = 1, **runs: Callable[[], Any]) -> dict[str, float]:
    """Measure calls in turn; give the median processor time of each, in seconds.

    ``n_calls`` are measured together where one is too short for the clock.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()  # imports and file cache
    for _ in range(repeats):
        for name, run in runs.items():
            start = time.process_time()
            for _ in range(n_calls):
                run()
            times[name].append((time.process_time() - start) / n_calls)
    return {name: statistics.median(values) for name, values in times.items()}


def annotations(work: Path, repeats: int) -> Iterator[Row]:
    """Read the four csv to Arrow, and on to a prepared cache."""
    root = work / "emotiontalk"
    root.mkdir()
    paths = [Path(shutil.copy(DATA / "emotiontalk" / name, root)) for name, _ in FILES.values()]
    builder = EmotionTalkBuilder(data_dir=str(root))
    rows = builder.rows()
    assert rows.num_rows == 19250
    found = medians(
        repeats,
        pandas=lambda: [pandas.read_csv(path) for path in paths],
        rows=lambda: EmotionTalkBuilder(data_dir=str(root)).rows(),
        finished=lambda: list(builder.tables(rows)),
    )
    read, whole = found["rows"], found["rows"] + found["finished"]
    yield "annotations to Arrow / pandas.read_csv", read, found["pandas"], "at most", 3
    yield "the same, columns finished / pandas.read_csv", whole, found["pandas"], "", 0

    def prepare(kind: Callable[..., Any], **options: Any) -> dict[str, pa.Table]:
        with tempfile.TemporaryDirectory(dir=work) as cache:
            made = kind(data_dir=str(root), cache_dir=cache, **options)
            made.download_and_prepare()
            return {name: split.data.table for name, split in made.as_dataset().items()}

    def ours() -> dict[str, pa.Table]:
        return prepare(EmotionTalkBuilder)

    def plain() -> dict[str, pa.Table]:
        return prepare(RowByRow, row_features=builder.info.features)

    assert ours() == plain()
    found = medians(repeats, ours=ours, plain=plain)
    yield "row-by-row builder / ours, to the cache", found["plain"], found["ours"], "at least", 5


def write_film(path: Path, gop: int, seconds: int = 20, fps: int = 25) -> None:
    """Write a moving texture as H.264, a key frame at least every ``gop`` frames."""
    rng = np.random.default_rng(0)
    texture = rng.integers(0, 255, (100, 200, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt, stream.gop_size = 640, 360, "yuv420p", gop
        for i in range(seconds * fps):
            x, y = i % 900, round(200 + 190 * np.sin(i / 20))
            image = np.ascontiguousarray(texture[y : y + 360, x : x + 640])
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())


def frames(work: Path, repeats: int) -> Iterator[Row]:
    """Take eight frames of 20 s, against decoding every frame and converting none."""
    # A key frame every two seconds, and as rarely as the encoder makes them where nobody asks.
    for gop, bound, target in ((50, "at most", 0.5), (250, "", 0)):
        path = work / f"film_{gop}.mp4"
        write_film(path, gop)

        def ours(path: Path = path) -> np.ndarray:
            return load_frames(path, 8)

        def every(path: Path = path, wanted: tuple[int, ...] = ()) -> list[np.ndarray]:
            with av.open(str(path)) as container:
                decoded = enumerate(container.decode(video=0))
                return [f.to_ndarray(format="rgb24") for i, f in decoded if i in wanted]

        eight = tuple(i * 500 // 8 for i in range(8))
        assert np.array_equal(np.stack(every(wanted=eight)), ours())
        found = medians(repeats, ours=ours, every=every)
        name = f"eight frames / every frame, {gop} between key frames"
        yield name, found["ours"], found["every"], bound, target


def sound(work: Path, repeats: int) -> Iterator[Row]:
    """Read 20 s of 16-bit wav, against soundfile and the mean of the channels."""
    for rate_hz, n_channels in ((16000, 1), (44100, 2)):
        path = work / f"sound_{rate_hz}.wav"
        noise = np.random.default_rng(0).uniform(-0.5, 0.5, (20 * rate_hz, n_channels))
        soundfile.write(path, noise, rate_hz)

        def bare(path: Path = path) -> np.ndarray:
            samples = soundfile.read(path, dtype="float32")[0]
            return samples if samples.ndim == 1 else samples.mean(axis=1)

        def ours(path: Path = path, rate_hz: int = rate_hz) -> np.ndarray:
            return load_waveform(path, rate_hz)

        assert np.array_equal(bare(), ours())
        found = medians(repeats, ours=ours, bare=bare, n_calls=20)
        name = f"wav, {rate_hz} Hz, {n_channels} channel{'s' * (n_channels > 1)} / soundfile"
        yield name, found["ours"], found["bare"], "at most", 1.2


def write_corpus(root: Path, n_rows: int) -> Path:
    """Write label csv of the released form for any number of invented clips."""
    root.mkdir()
    ids = [
        f"G000{1 + i // 70000:02d}_{i // 1000 % 70:02d}_01_{i % 1000:03d}" for i in range(n_rows)
    ]
    labels = ("neutral", "happy", "sad", "angry")
    for name, key in FILES.values():
        lines = [f"{key},emotion" + ",chinese" * (key == "name")]
        for i, clip in enumerate(ids):
            path = f"{clip[:6]}/{clip[:9]}/{clip[:12]}/{clip}"
            lines.append(f"{path},{labels[i % 4]}" + f",第{i}句话。" * (key == "name"))
        (root / name).write_text("\n".join(lines), encoding="utf-8")
    return root


def load(root: str, cache: str) -> Any:
    """Load a corpus of ``write_corpus``; the second time it is there already."""
    return affecthub.load_dataset("emotiontalk", data_dir=root, cache_dir=cache)


def opening(work: Path, repeats: int) -> Iterator[Row]:
    """Open a prepared corpus of 1,000 and one of 100,000 rows."""
    cache = str(work / "cache")
    small, large = (str(write_corpus(work / f"{n}_rows", n)) for n in (1_000, 100_000))
    assert sum(load(small, cache).num_rows.values()) == 1_000
    assert sum(load(large, cache).num_rows.values()) == 100_000
    found = medians(repeats, large=lambda: load(large, cache), small=lambda: load(small, cache))
    yield "opening 100,000 rows / 1,000 rows", found["large"], found["small"], "at most", 1.5


def memory(work: Path) -> dict[str, float]:
    """The peak resident memory, in MB, of a new process that reads all labels."""
    command = [sys.executable, __file__, "--iterate", work / "100000_rows", work / "cache"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(answer.stdout)


def iterate(root: str, cache: str) -> None:
    """Read the labels of every row one by one; print the peak of memory before and after."""

    def peak_mb() -> int:
        # Not `ru_maxrss`: it begins with the peak of the process that started this one.
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024

    def prepared() -> list[Path]:
        return sorted(Path(cache).rglob("*.arrow"))

    before, n_rows, files = peak_mb(), 0, prepared()
    corpus = load(root, cache)
    assert prepared() == files, "the code changed meanwhile, so rows were prepared again"
    for split in corpus.values():
        names = ["id", "emotion_basic7", *(name for name in split.features if name in FILES)]
        for row in split.select_columns(names):
            n_rows += row["emotion"] is not None
    assert n_rows == 100_000
    print(json.dumps({"imports_mb": before, "peak_mb": peak_mb()}))


def main() -> None:
    """Measure, print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--iterate", nargs=2, metavar=("ROOT", "CACHE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.iterate:
        return iterate(*arguments.iterate)
    pa.set_cpu_count(1)  # one thread on both sides
    result: dict[str, Any] = {}
    print(f"{'':52}{'ms':>9}{'against':>9}{'ratio':>8}  wanted")
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for part in (annotations, frames, sound, opening):
            for name, ours, other, bound, target in part(work, arguments.repeats):
                ratio = ours / other
                holds = ratio <= target if bound == "at most" else ratio >= target
                wanted = f"{bound} {target}{'' if holds else '  MISSED'}" if bound else ""
                print(f"{name:52}{1e3 * ours:9.2f}{1e3 * other:9.2f}{ratio:8.2f}  {wanted}")
                result[name] = round(ratio, 2)
        result |= memory(work)
    print(f"peak memory over 100,000 rows of labels: {result['peak_mb']} MB, wanted: under 300")
    versions = {module.__name__: module.__version__ for module in (affecthub, datasets, pandas, pa)}
    versions |= {module.__name__: module.__version__ for module in (av, soundfile, np)}
    result |= versions | {"python": platform.python_version(), "machine": platform.machine()}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
