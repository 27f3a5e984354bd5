"""Lines of answers by place: what memory holds, and that none is taken for another."""

import json
import tracemalloc

import pytest

from affecthub.training.answer_files import as_bytes, cut_torn, read_lines
from affecthub.training.answer_lines import Lines
from affecthub.training.journal import Journal


def line(name: str, said: str = "joy") -> dict:
    return {"id": name, "prediction": said, "model": "m"}


def write(path, *lines):
    path.write_bytes(b"".join(map(as_bytes, lines)))
    return path


def test_lines_are_read_where_they_lie(tmp_path):
    file = write(tmp_path / "a.jsonl", line("a"), line("b", "语\u2028"), line("a", "newer"))
    lines = Lines()
    lines.read(file, lambda each: each["prediction"] != "joy")
    assert [*lines] == ["b", "a"] and len(lines) == 2 and "c" not in lines
    assert lines["b"]["prediction"] == "语\u2028" and lines["a"]["prediction"] == "newer"
    lines["c"] = line("c", "held")
    assert dict(lines) == {
        n: line(n, s) for n, s in (("b", "语\u2028"), ("a", "newer"), ("c", "held"))
    }
    assert lines.as_written("c") == as_bytes(line("c", "held"))
    # What was read stays, though the file is another's by now.
    file.unlink()
    write(file, line("x"))
    assert lines["a"]["prediction"] == "newer"
    lines.renew(file)
    lines.noted(file, 0, [("x", len(as_bytes(line("x"))))])
    assert lines["x"] == line("x") and lines["a"]["prediction"] == "newer"
    with pytest.raises(KeyError):
        lines["nobody"]
    lines.close()


def test_lines_move_to_one_file_in_an_order(tmp_path):
    lines = Lines()
    for name, there in (("one", "ba"), ("two", "dc")):
        lines.read(write(tmp_path / name, *(line(n, n * 9) for n in there)), lambda each: True)
    lines["e"] = line("e")
    whole = tmp_path / "whole"
    lines.move(whole, ["c", "nobody", "a", "c"])
    assert [each["id"] for each in read_lines(whole)] == ["c", "a", "b", "d", "e"]
    assert {name: lines[name]["prediction"] for name in "abcd"} == {n: n * 9 for n in "abcd"}
    stat = whole.stat()
    lines.move(whole)
    assert whole.stat().st_ino == stat.st_ino
    lines.pop("e")
    lines.move(whole)
    assert whole.stat().st_ino != stat.st_ino and len(list(read_lines(whole))) == 4
    Lines().move(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    Lines().move(whole)
    assert whole.read_bytes() == b""
    lines.close()


def test_a_torn_end_of_any_length_is_cut(tmp_path):
    file = tmp_path / "a"
    for whole, torn in ((b"", b""), (b"", b"x"), (b"a\n", b""), (b"a\nb\n", b"y" * 200_000)):
        file.write_bytes(whole + torn)
        cut_torn(file)
        assert file.read_bytes() == whole


def test_memory_does_not_grow_with_the_answers(tmp_path):
    def held(length: int) -> int:
        file = tmp_path / f"{length}.jsonl"
        tracemalloc.start()
        with Journal(file, "m") as journal:
            journal.begin()
            journal.open()
            for first in range(0, 2000, 50):
                journal.add([line(f"c{i}", "x" * length) for i in range(first, first + 50)])
            journal.finish(f"c{i}" for i in range(2000))
            assert journal.lines["c1999"]["prediction"] == "x" * length
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    # 2,000 answers of 10,000 characters are 20 MB.
    assert held(10) < 2e6 and held(10_000) < 4e6


def test_what_a_line_tells_has_one_order_and_nothing_empty(tmp_path):
    told = {"error": "", "cut": True, "n_out": 0, "n_in": None, "media": "av", "prompt": "p@1"}
    with Journal(tmp_path / "j", "k" * 64) as journal:
        journal.begin()
        journal.open()
        journal.add([{"prediction": "x", "id": "a", "clip": "c" * 64, "seconds": 3, **told}])
        journal.finish("a")
    (written,) = (tmp_path / "j").read_text().splitlines()
    assert json.loads(written) == {
        "id": "a",
        "prediction": "x",
        "model": "k" * 16,
        "clip": "c" * 16,
        "prompt": "p@1",
        "media": "av",
        "n_out": 0,
        "cut": True,
    }
    assert [*json.loads(written)][4:] == ["prompt", "media", "n_out", "cut"]
