"""An export is there when it is whole: a full disk and a killed process leave nothing to load."""

import errno
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from corpus_trees import demo

import affecthub
from affecthub.datasets_scripts.exports import parquet
from affecthub.folders import finished_folder

# Exports the demo corpus and is killed in the middle of it.
KILLED = """
import os, signal, sys
import pyarrow.parquet as pq
import affecthub

written = pq.ParquetWriter.write_table

def write_table(self, *args, **kwargs):
    written(self, *args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

pq.ParquetWriter.write_table = write_table
affecthub.export("demo", sys.argv[2], sys.argv[1])
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    return demo.make(tmp_path_factory.mktemp("unfinished") / "corpus")


def test_a_full_disk_leaves_nothing(corpus, tmp_path, monkeypatch):
    written, calls = pq.ParquetWriter.write_table, []

    def write_table(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        written(self, *args, **kwargs)

    monkeypatch.setattr(pq.ParquetWriter, "write_table", write_table)
    with pytest.raises(OSError, match="No space left"):
        affecthub.export("demo", tmp_path / "out", corpus)
    assert list(tmp_path.iterdir()) == []
    affecthub.export("demo", tmp_path / "out", corpus)  # there is room again
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_killed_export_is_not_there_and_the_next_one_sweeps(corpus, tmp_path):
    out = tmp_path / "out"
    run = subprocess.run([sys.executable, "-c", KILLED, corpus, out], capture_output=True)
    assert run.returncode == -signal.SIGKILL
    (left,) = tmp_path.iterdir()  # hidden, so that `datasets` does not look into it
    assert left.name.startswith(".out.") and left.name.endswith(".unfinished")
    affecthub.export("demo", out, corpus)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert sorted(path.name for path in out.iterdir()) == ["README.md", "data"]


def test_another_process_at_work_is_left_alone(tmp_path):
    with finished_folder(tmp_path / "out") as first:
        (first / "a").write_text("1")
        with finished_folder(tmp_path / "out") as second:
            (second / "b").write_text("2")
            assert (first / "a").read_text() == "1"
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["b"]
        (tmp_path / "out" / "b").unlink()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a"]


def test_an_empty_folder_is_taken_and_the_present_one_filled(tmp_path, monkeypatch):
    for name in ("empty", "here"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    for out in (tmp_path / "empty", Path()):
        with finished_folder(out) as work:
            (work / "README.md").write_text("card")
            (work / "data").mkdir()
        assert sorted(path.name for path in out.iterdir()) == ["README.md", "data"]
    assert Path("README.md").read_text() == "card"  # nobody's folder was taken from under them


def test_files_are_as_the_viewer_wants_them(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "GROUP_ROWS", 5)
    out = affecthub.export("demo", tmp_path / "out", corpus)
    groups = [
        pq.ParquetFile(path).metadata.row_group(i)
        for path in out.rglob("*.parquet")
        for i in range(pq.ParquetFile(path).metadata.num_row_groups)
    ]
    assert sorted(group.num_rows for group in groups) == [1, 1, 2, 5, 5, 5, 5]
    for group in groups:
        columns = {
            column.path_in_schema: column for column in map(group.column, range(group.num_columns))
        }
        assert all(column.has_offset_index for column in columns.values())
        # Films and sound are compressed already.
        assert columns["video.bytes"].compression == "UNCOMPRESSED"
        assert columns["text"].compression == "SNAPPY"
    # Large media make smaller groups.
    monkeypatch.setattr(parquet, "GROUP_BYTES", 1)
    out = affecthub.export("demo", tmp_path / "large", corpus)
    files = [pq.ParquetFile(path).metadata for path in out.rglob("*.parquet")]
    assert all(file.num_row_groups == file.num_rows for file in files)
