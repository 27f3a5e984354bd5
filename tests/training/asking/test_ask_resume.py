"""What a run leaves: the same bytes, whatever happened to it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from asked_clips import make_prompt, write_sound

from affecthub.training.answer_files import read_lines
from affecthub.training.asking.ask import ask_rows
from affecthub.training.asking.backends.scripted import ScriptedBackend
from affecthub.training.asking.runs import runs_file
from affecthub.training.merging import merge_parts
from affecthub.training.shares import Share

HELPER = Path(__file__).with_name("killed_runs.py")


def run_jobs(folder: Path, jobs: list) -> list[int]:
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, HELPER, folder, json.dumps(jobs)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
        timeout=120,
    )
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    return json.loads(done.stdout)


def test_runs_killed_at_ten_points_end_as_one_that_was_not(tmp_path):
    # 30 lines of some 150 bytes in batches of 4: each run gets a few batches further.
    jobs = [["killed.jsonl", 1 + 400 * i] for i in range(10)] + [["killed.jsonl", None]]
    *killed, last, undisturbed = run_jobs(tmp_path, [*jobs, ["whole.jsonl", None]])
    assert killed == [-9] * 10 and (last, undisturbed) == (0, 0)
    whole = (tmp_path / "whole.jsonl").read_bytes()
    assert whole.count(b"\n") == 30 and b"fell over" in whole and b'"cut": true' in whole
    assert (tmp_path / "killed.jsonl").read_bytes() == whole
    assert sorted(each.name for each in tmp_path.iterdir() if "runs" not in each.name) == [
        "killed.jsonl",
        "whole.jsonl",
    ]


class Watched(ScriptedBackend):
    """Notes who is asked together."""

    def __init__(self, *script, **settings):
        super().__init__(*script, **settings)
        self.batches = []

    def answer(self, asks):
        self.batches.append([ask.clip_id for ask in asks])
        return super().answer(asks)


def test_a_torn_batch_is_asked_as_a_whole_and_keeps_what_is_known(rows, said, tmp_path):
    file = tmp_path / "j.jsonl"
    first = Watched({"*": "joy", "c1": {"error": "fell over"}}, batch_size=5)
    with pytest.warns(UserWarning, match="1 of 12 clips could not be asked"):
        ask_rows(first, rows, said, journal=file)
    assert first.batches == [[f"c{i}" for i in part] for part in (range(5), range(5, 10), (10, 11))]
    whole = file.read_bytes()
    # Killed in the second batch's write: two of its lines are there, and half of the third.
    part = file.with_name("j.jsonl.part-1-of-1")
    lines = whole.split(b"\n")
    part.write_bytes(b"\n".join(lines[:7]) + b"\n" + lines[7][:20])
    file.unlink()
    again = Watched({"*": "joy", "c1": {"error": "fell over"}}, batch_size=5)
    answers = ask_rows(again, rows, said, journal=file)
    assert again.batches == first.batches[1:] and answers.n_asked == 5
    assert file.read_bytes() == whole and list(tmp_path.glob("*part*")) == []
    # Nothing is left to ask, and nothing is written.
    stat = file.stat()
    assert ask_rows(again, rows, said, journal=file).n_asked == 0
    assert (file.stat().st_mtime_ns, file.stat().st_ino) == (stat.st_mtime_ns, stat.st_ino)
    assert len(runs_file(file).read_text().splitlines()) == 2


def test_a_backend_that_asks_each_alone_asks_only_what_is_missing(rows, said, tmp_path):
    file = tmp_path / "j.jsonl"
    one = Watched({"*": "joy", "c1": {"error": "fell over"}}, batch_size=5)
    with pytest.warns(UserWarning, match="fell over"):
        ask_rows(one, rows, said, journal=file)
    one.asks_alone, one.batches = True, []
    with pytest.warns(UserWarning, match="fell over"):
        ask_rows(one, rows, said, journal=file, retry=True)
    assert one.batches == [["c1"]]


def test_an_error_stays_until_it_is_asked_for_again(rows, said, tmp_path):
    file = tmp_path / "j.jsonl"
    down = {"c2": True}

    def script(ask):
        return {"error": "down"} if ask.clip_id in down else "joy"

    backend = Watched(script, batch_size=4, name="flaky")
    with pytest.warns(UserWarning, match="down"):
        answers = ask_rows(backend, rows, said, journal=file)
    assert answers.errors == {"c2": "down"} and answers["c2"] == "" and len(answers) == 12
    down.clear()
    backend.batches = []
    assert ask_rows(backend, rows, said, journal=file).errors == {"c2": "down"}
    assert backend.batches == []
    mended = ask_rows(backend, rows, said, journal=file, retry=True)
    assert (
        mended.errors == {}
        and mended.n_asked == 1
        and backend.batches == [["c0", "c1", "c2", "c3"]]
    )
    # As one that never failed.
    ask_rows(backend, rows, said, journal=tmp_path / "other.jsonl")
    assert file.read_bytes() == (tmp_path / "other.jsonl").read_bytes()


def test_shards_merge_to_what_one_run_writes(rows, said, tmp_path):
    backend = ScriptedBackend({"*": "joy", "c5": "grief"}, batch_size=2)
    whole, file = tmp_path / "whole.jsonl", tmp_path / "j.jsonl"
    ask_rows(backend, rows, said, journal=whole)
    for index in (2, 0):
        part = ask_rows(backend, rows, said, journal=file, shard=Share(index, 3))
        assert len(part) == part.n_asked == 4
    ids = [row["id"] for row in rows]
    with pytest.raises(ValueError, match="got no answer to 4 of 12 clips"):
        merge_parts(file, ids)
    ask_rows(backend, rows, said, journal=file, shard=Share(1, 3))
    assert len(merge_parts(file, ids)) == 12 and file.read_bytes() == whole.read_bytes()
    noted = [json.loads(line) for line in runs_file(file).read_text().splitlines()]
    assert [run["shard"] for run in noted] == ["3/3", "1/3", "2/3"]


def test_another_question_setting_or_model_is_refused(rows, said, tmp_path):
    file = tmp_path / "j.jsonl"
    backend = ScriptedBackend({"*": "joy"})
    ask_rows(backend, rows, said, journal=file)
    from affecthub.training.asking.media import Shown

    changed = [
        {"backend": ScriptedBackend({"*": "grief"})},
        {"prompt": make_prompt("They say {subtitle}. Well?")},
        {"media": "avt"},
        {"system": "Be brief."},
        {"shown": Shown(4)},
    ]
    for change in changed:
        asking = {"backend": backend, "rows": rows, "prompt": said, "journal": file} | change
        with pytest.raises(ValueError, match="of another model, question or setting"):
            ask_rows(**asking)
    before = file.read_bytes()
    assert asking["shown"] == Shown(4)
    ask_rows(**(asking | {"replace": True}))
    assert file.read_bytes() != before
    assert len({line["model"] for line in read_lines(file)}) == 1


def test_a_clip_that_has_changed_is_asked_again(rows, said, tmp_path):
    file, backend = tmp_path / "j.jsonl", Watched({"*": "joy"}, batch_size=1)
    rows[3]["audio"] = str(write_sound(tmp_path / "a.wav"))
    ask_rows(backend, rows, said, journal=file)
    rows[5] |= {"text": "other words"}
    write_sound(tmp_path / "a.wav", seconds=0.5)
    backend.batches = []
    with pytest.warns(UserWarning, match="2 answers are asked for again.*changed: c3, c5"):
        ask_rows(backend, rows, said, journal=file)
    assert backend.batches == [["c3"], ["c5"]]
    assert [line["id"] for line in read_lines(file)] == [row["id"] for row in rows]
