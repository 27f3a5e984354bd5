"""A cache is filled once: stopped, resumed, grown and mended, no clip is lost and none doubled."""

import errno
import json
import pickle
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import datasets
import numpy as np
import pytest
import torch

from affecthub.training.features import FeatureCache, files, fill, index, reporting, shards

HOW = {"corpus": "c", "batch_size": 2, "shard_clips": 4, "progress": False}


def same(found, expected) -> bool:
    return found.keys() == expected.keys() and all(
        np.array_equal(found[name], expected[name]) for name in expected
    )


@pytest.mark.parametrize("n_workers", [0, 2])
def test_every_clip_has_its_own_features(known, make_rows, values, tmp_path, n_workers):
    rows = make_rows(11, silent=[3])
    summary = fill(known(), rows, tmp_path / "c", n_workers=n_workers, **HOW)
    assert (summary.n_clips, summary.lacking, summary.broken) == (11, {"a": 1, "b": 4}, {})
    cache = FeatureCache.open(tmp_path / "c")
    assert len(cache) == 11 and "clip 3" in cache and "clip 11" not in cache
    for i in (10, 0, 7, 5, 4, 9):
        assert same(cache.features(rows[i]), values(i))
    assert cache.features("clip 3") == {}
    assert cache.features("clip 11") is None
    assert "clip 'clip 11' is not in the feature cache" in cache.reason("clip 11")


def test_other_processes_open_it_for_themselves(known, make_rows, values, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LIMIT", 1)
    rows = make_rows(9)
    fill(known(), rows, tmp_path / "c", **HOW)
    cache = FeatureCache.open(tmp_path / "c")
    cache.features(rows[0])
    handed_on = pickle.loads(pickle.dumps(cache))
    for i in (8, 0, 5):  # a file each, of which one may be open
        assert same(handed_on.features(rows[i]), values(i))
        assert same(cache.features(rows[i]), values(i))


def test_bits_of_bfloat16_are_read_by_torch(known, make_rows, tmp_path):
    fill(known("bfloat16"), make_rows(3), tmp_path / "c", **HOW)
    bits = datasets.load_from_disk(str(tmp_path / "c"))[2]["a"]
    values = torch.tensor(bits, dtype=torch.uint16).view(torch.bfloat16)
    assert (values == 2).all() and values.shape == (2, 3)


def test_others_read_it_with_datasets_alone(known, make_rows, values, tmp_path):
    fill(known(), make_rows(6, silent=[5]), tmp_path / "c", **HOW)
    plain = datasets.load_from_disk(str(tmp_path / "c"))
    assert plain["id"] == [f"clip {i}" for i in range(6)]
    assert plain[5]["a"] is None and plain[4]["b"] is None
    arrays = plain.with_format("numpy")
    assert arrays[2]["a"].shape == (2, 3) and (arrays[2]["a"] == 2).all()
    plain.to_parquet(str(tmp_path / "c.parquet"))
    parquet = datasets.load_dataset("parquet", data_files=str(tmp_path / "c.parquet"))["train"]
    assert parquet[1]["b"] == values(1)["b"].tolist()


def test_what_was_stopped_goes_on_and_ends_as_if_it_never_had(known, make_rows, contents, tmp_path):
    rows = make_rows(18)
    fill(known(), rows, tmp_path / "whole", **HOW)
    maker, folder = known(), tmp_path / "c"
    for stop in (5, 11):  # in the second shard, in the third of what is left
        plain = known.make

        def make(self, column, values, stop=stop, plain=plain):
            if len(self.made) >= stop:
                raise KeyboardInterrupt
            return plain(self, column, values)

        stopping = type("Stopping", (known,), {"make": make})()
        with pytest.raises(KeyboardInterrupt):
            fill(stopping, rows, folder, **HOW)
        with pytest.raises(ValueError, match=r"c is not finished: got [13] files of features"):
            FeatureCache.open(folder)
        # What a kill leaves of a file, and of the one after it.
        (folder / "features-00009-0.arrow.part").write_bytes(b"half of")
    fill(maker, rows, folder, **HOW)
    assert sorted(maker.made) == list(range(12, 18))  # nothing that stood is made again
    assert contents(folder) == contents(tmp_path / "whole")
    assert not list(folder.glob("*.part"))


def test_a_full_disk_ends_clearly_and_goes_on(known, make_rows, contents, tmp_path, monkeypatch):
    rows = make_rows(14)
    fill(known(), rows, tmp_path / "whole", **HOW)
    written = []

    def fsync(descriptor, plain=shards.os.fsync):
        written.append(descriptor)
        if len(written) > 6:  # each file, and the folder after it: the fourth file
            raise OSError(errno.ENOSPC, "No space left on device")
        plain(descriptor)

    folder = tmp_path / "c"
    with monkeypatch.context() as patched:
        patched.setattr(shards.os, "fsync", fsync)
        with pytest.raises(OSError, match=r"is full \(No space.*: 8 clips are written and kept"):
            fill(known(), rows, folder, **HOW)
    assert not list(folder.glob("*.part"))
    fill(known(), rows, folder, **HOW)
    assert contents(folder) == contents(tmp_path / "whole")


def test_broken_clips_are_listed_and_tried_again_when_asked(known, make_rows, contents, tmp_path):
    rows, folder = make_rows(9), tmp_path / "c"
    fill(known(), rows, tmp_path / "whole", **HOW)
    broken = {i: Path(rows[i]["audio"]["path"]) for i in (1, 4, 5, 6, 7)}  # a whole shard of them
    for path in broken.values():
        path.write_text("noise")
    summary = fill(known(), rows, folder, **HOW)
    why = "clip 'clip 1': got 'noise', expected a number"
    assert summary.n_clips == 4 and summary.broken["clip 1"] == why
    lines = [json.loads(line) for line in (folder / "broken.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == [f"clip {i}" for i in broken]
    cache = FeatureCache.open(folder)
    assert cache.features("clip 1") is None and cache.reason("clip 1") == why
    assert len(datasets.load_from_disk(str(folder))) == 4
    for i, path in broken.items():
        path.write_text(str(i))
    maker = known()
    assert fill(maker, rows, folder, **HOW).n_clips == 4  # not by themselves
    assert maker.made == []
    assert fill(maker, rows, folder, retry=True, **HOW).broken == {}
    assert sorted(maker.made) == list(broken)
    whole, mended = (datasets.load_from_disk(str(tmp_path / name)) for name in ("whole", "c"))
    assert [row["a"] for row in mended] == [row["a"] for row in whole]
    assert mended["id"] == whole["id"]


def test_no_clip_at_all(known, make_rows, tmp_path):
    rows = make_rows(2)
    for row in rows:
        Path(row["audio"]["path"]).write_text("noise")
    with pytest.raises(ValueError, match="not a single clip could be read: got 2 broken ones"):
        fill(known(), rows, tmp_path / "c", **HOW)


def test_features_that_the_dtype_cannot_hold_are_broken(known, make_rows, tmp_path):
    rows = make_rows(3)
    Path(rows[1]["audio"]["path"]).write_text("70000")
    summary = fill(known("float16"), rows, tmp_path / "c", **HOW)
    assert list(summary.broken) == ["clip 1"]
    assert "`a` exceed float16: the largest is 70000" in summary.broken["clip 1"]
    assert fill(known("bfloat16"), rows, tmp_path / "d", **HOW).broken == {}


def test_a_cache_grows_by_other_splits(known, make_rows, values, tmp_path):
    rows, folder = make_rows(10), tmp_path / "c"
    fill(known(), rows.select(range(4, 8)), folder, **HOW)
    maker = known()
    fill(maker, rows, folder, **HOW)
    assert sorted(maker.made) == [0, 1, 2, 3, 8, 9]
    cache = FeatureCache.open(folder)
    assert all(same(cache.features(rows[i]), values(i)) for i in range(10))
    # A part of them leaves the others as they are.
    assert fill(known(), rows.select([2]), folder, **HOW).n_clips == 10


def test_a_clip_that_two_splits_share_stands_once(known, make_rows, tmp_path):
    rows = make_rows(3)
    both = datasets.concatenate_datasets([rows, rows.select([1])])
    assert fill(known(), both, tmp_path / "c", **HOW).n_clips == 3


def test_changed_media_are_told_and_read_anew(known, make_rows, values, tmp_path):
    rows, folder = make_rows(6), tmp_path / "c"
    fill(known(), rows, folder, **HOW)
    cache = FeatureCache.open(folder)
    cache.require_clips(rows, ["audio"], "c")
    Path(rows[2]["audio"]["path"]).write_text("7")  # of the same length
    with pytest.raises(ValueError, match=r"media of 1 clips have changed since .*: clip 2\. Run"):
        cache.require_clips(rows, ["audio"], "c")
    cache.require_clips(rows, ["text"], "c")  # where sound is not used, nobody looks
    maker = known()
    with pytest.warns(UserWarning, match="1 clips of .* are made anew"):
        fill(maker, rows, folder, **HOW)
    assert maker.made == [7]
    cache = FeatureCache.open(folder)
    cache.require_clips(rows, ["audio"], "c")
    assert len(cache) == 6 and (cache.features("clip 2")["a"] == 7).all()
    assert all(same(cache.features(rows[i]), values(i)) for i in (0, 1, 3, 4, 5))


def test_a_copy_of_the_same_media_is_the_same(known, make_rows, tmp_path):
    fill(known(), make_rows(3), tmp_path / "c", **HOW)
    elsewhere = make_rows(3, folder="copied")  # other times, the same bytes
    FeatureCache.open(tmp_path / "c").require_clips(elsewhere, ["audio"], "c")


def test_where_media_are_absent_the_clip_is_trusted(known, make_rows, tmp_path):
    rows, folder = make_rows(4), tmp_path / "c"
    fill(known(), rows, folder, **HOW)
    for row in rows.select([0, 1]):
        Path(row["audio"]["path"]).unlink()
    FeatureCache.open(folder).require_clips(rows, ["audio"], "c")
    maker = known()
    assert fill(maker, rows, folder, **HOW).n_clips == 4
    assert maker.made == []


def test_other_clips_and_another_corpus_are_refused(known, make_rows, tmp_path):
    rows, folder = make_rows(8), tmp_path / "c"
    fill(known(), rows.select(range(2)), folder, **HOW)
    cache = FeatureCache.open(folder)
    with pytest.raises(ValueError, match=r"6 of 8 clips are not in .*clip 6, \.\.\.\. Run"):
        cache.require_clips(rows, ["audio"], "c")
    with pytest.raises(ValueError, match="got features of 'c', expected 'meld'"):
        cache.require_clips(rows, ["audio"], "meld")


def test_another_cache_is_refused_with_what_differs(known, make_rows, tmp_path):
    rows, folder = make_rows(2), tmp_path / "c"
    fill(known(), rows, folder, **HOW)
    with pytest.raises(ValueError, match=r"key\.a\.layers is 4 in the cache and 1 here\. Give"):
        fill(known(layers=1), rows, folder, **HOW)
    with pytest.raises(ValueError, match="dtype is 'float32' in the cache and 'bfloat16' here"):
        fill(known("bfloat16"), rows, folder, **HOW)
    with pytest.raises(ValueError, match="corpus is 'c' in the cache and 'd' here"):
        fill(known(), rows, folder, **HOW | {"corpus": "d"})


def test_a_folder_of_something_else_is_refused(known, make_rows, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("hello")
    with pytest.raises(ValueError, match=r"holds other files: got notes\.txt, expected an empty"):
        fill(known(), make_rows(1), tmp_path / "mine", **HOW)
    with pytest.raises(ValueError, match=r"holds no features: expected features\.json"):
        FeatureCache.open(tmp_path / "mine")
    with pytest.raises(FileNotFoundError, match="feature cache not found: .*Fill it: affecthub"):
        FeatureCache.open(tmp_path / "none")


def test_another_version_is_refused(known, make_rows, tmp_path):
    fill(known(), make_rows(1), tmp_path / "c", **HOW)
    about = json.loads((tmp_path / "c" / "features.json").read_text())
    (tmp_path / "c" / "features.json").write_text(json.dumps(about | {"format": 0}))
    with pytest.raises(ValueError, match="of another version: got format 0, expected 1"):
        FeatureCache.open(tmp_path / "c")


HOLD = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.lockf(file, fcntl.LOCK_EX)
print(flush=True)
sys.stdin.read()
"""


def test_two_cannot_fill_one_folder(known, make_rows, tmp_path):
    folder = tmp_path / "c"
    folder.mkdir()
    command = [sys.executable, "-S", "-c", HOLD, str(folder / ".filling")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(ValueError, match="is being filled by another process"):
            fill(known(), make_rows(1), folder, **HOW)
        other.stdin.close()
    assert fill(known(), make_rows(1), folder, **HOW).n_clips == 1


@pytest.mark.parametrize("stop", range(4))
def test_a_kill_at_the_end_leaves_what_was_there_before(
    known, make_rows, values, tmp_path, monkeypatch, stop
):
    rows, folder = make_rows(6), tmp_path / "c"
    fill(known(), rows, folder, **HOW)
    Path(rows[1]["audio"]["path"]).write_text("9")
    writes = []

    def write(path, content, plain=index.write_bytes):
        writes.append(path)
        if len(writes) > stop:
            raise KeyboardInterrupt
        plain(path, content)

    with monkeypatch.context() as patched, pytest.warns(UserWarning, match="made anew"):
        patched.setattr(index, "write_bytes", write)
        with pytest.raises(KeyboardInterrupt):
            fill(known(), rows, folder, **HOW)
    before = FeatureCache.open(folder)
    assert all(same(before.features(rows[i]), values(i)) for i in range(6))
    maker = known()
    fill(maker, rows, folder, **HOW)
    assert maker.made == []
    after = FeatureCache.open(folder)
    found = [after.features(row)["a"][0, 0] for row in rows]
    assert found == [0, 9, 2, 3, 4, 5]
    assert len(list(folder.glob("*.arrow"))) == 2 and len(list(folder.glob("*.npy"))) == 1


def test_a_shard_that_was_copied_in_is_no_second_clip(known, make_rows, tmp_path):
    rows, folder = make_rows(4), tmp_path / "c"
    fill(known(), rows, folder, **HOW)
    first = folder / "features-00000-0.arrow"
    first.with_name("features-00001-0.arrow").write_bytes(first.read_bytes())
    with pytest.raises(ValueError, match=r"holds 4 clips twice: got them in features-00000-0"):
        fill(known(), rows, folder, **HOW)


def test_a_log_is_told_in_lines(known, make_rows, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(reporting, "time", SimpleNamespace(monotonic=slow_clock()))
    fill(known(), make_rows(8), tmp_path / "c", **HOW | {"progress": True})
    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "features: 4 of 8 clips, 0.1 a second, 40 s left",
        "features: 8 of 8 clips, 0.1 a second, 0 s left",
    ]


def slow_clock():
    """A clock on which every look takes twenty seconds."""
    now = [-20.0]

    def look() -> float:
        now[0] += 20
        return now[0]

    return look
