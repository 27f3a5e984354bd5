"""What is asked about a clip, of which media, and what its line tells."""

import json

import datasets
import numpy as np
import pyarrow as pa
import pytest
from asked_clips import make_prompt, write_film, write_sound

from affecthub.training.answer_files import read_lines
from affecthub.training.asking.ask import ask_rows
from affecthub.training.asking.asks import Reply
from affecthub.training.asking.backends.scripted import ScriptedBackend
from affecthub.training.asking.questions import Questions


class Recorder(ScriptedBackend):
    """Keeps what it is asked."""

    def __init__(self, said="joy", **settings):
        super().__init__({"*": said}, **settings)
        self.asks, self.batches = {}, []

    def answer(self, asks):
        self.batches.append([ask.clip_id for ask in asks])
        self.asks |= {ask.clip_id: ask for ask in asks}
        return super().answer(asks)


@pytest.fixture
def clips(tmp_path) -> list[dict]:
    """Clips with both media, one of them, none, a film without a sound track, and a torn file."""
    sound = {"path": str(write_sound(tmp_path / "a.wav")), "bytes": None}
    film = str(write_film(tmp_path / "a.mp4"))
    (tmp_path / "torn.wav").write_bytes(b"no sound")
    return [
        {"id": "both", "audio": sound, "video": film, "text": "hi"},
        {"id": "sound", "audio": sound, "video": None, "text": "hi"},
        {"id": "film", "audio": None, "video": film, "text": ""},
        {"id": "silent", "audio": film, "video": film, "text": "hi"},
        {"id": "none", "audio": None, "video": None, "text": None, "media_issue": "lost"},
        {"id": "torn", "audio": str(tmp_path / "torn.wav"), "video": film, "text": "hi"},
        {"id": "both2", "audio": sound, "video": film, "text": "hi"},
    ]


def test_what_a_clip_lacks_is_left_out_and_told(clips, tmp_path):
    file, backend = tmp_path / "j.jsonl", Recorder(batch_size=3)
    prompt = make_prompt("How?", media=("audio", "video"))
    with pytest.warns(UserWarning, match="2 of 7 clips could not be asked"):
        answers = ask_rows(backend, clips, prompt, journal=file)
    lines = {line["id"]: line for line in read_lines(file)}
    assert list(lines) == [clip["id"] for clip in clips]
    assert {name: line.get("media") for name, line in lines.items()} == {
        "both": "av",
        "sound": "a",
        "film": "v",
        "silent": "v",
        "none": None,
        "torn": None,
        "both2": "av",
    }
    assert "none of audio, video: expected one. lost" in answers.errors["none"]
    assert "torn.wav" in answers.errors["torn"]
    # Clips of the same media are asked together; that the film is silent is seen when it is read.
    assert backend.batches == [["both"], ["silent"], ["sound"], ["film"], ["both2"]]
    assert backend.asks["silent"].kinds == {"video"} and backend.asks["both"].sound.seconds == 1
    assert answers.without == {"a": 2, "v": 1}
    assert answers.closing_line().startswith(
        "7 answers, 2 could not be asked, 2 without sound, 1 without pictures; 7 asked in"
    )
    assert answers.summary()["without"] == {"audio": 2, "video": 1}
    line = lines["both"]
    assert list(line) == ["id", "prediction", "model", "clip", "prompt", "media", "n_in", "n_out"]
    assert (len(line["model"]), len(line["clip"]), line["prompt"]) == (16, 16, "p@1")
    assert (line["n_in"], line["n_out"]) == (1, 1)


def test_what_a_model_cannot_take_is_left_out(clips, tmp_path):
    deaf = Recorder(takes=("video",))
    prompt = make_prompt("They say {subtitle}. How?")
    with pytest.warns(UserWarning, match="none of video, text"):
        answers = ask_rows(deaf, clips, prompt, journal=tmp_path / "j.jsonl")
    # Torn sound is not looked at by who cannot hear it.
    assert [*answers.errors] == ["none"]
    assert {name: ask.kinds for name, ask in deaf.asks.items()} == {
        "both": {"video"},
        "sound": frozenset(),
        "film": {"video"},
        "silent": {"video"},
        "torn": {"video"},
        "both2": {"video"},
    }
    assert deaf.asks["sound"].question == "They say hi. How?"
    media = {clip_id: answers.line(clip_id).get("media") for clip_id in answers}
    assert media["sound"] == "t" and media["film"] == "v" and media["both"] == "vt"
    blind = Recorder(takes=())
    with pytest.warns(UserWarning, match="2 of 7"):
        ask_rows(blind, clips, prompt)
    assert {*blind.asks} == {"both", "sound", "silent", "torn", "both2"}
    with pytest.raises(ValueError, match=r"asked about nothing: it takes nothing, got audio and"):
        ask_rows(blind, clips, make_prompt("How?"))


def test_a_table_of_rows_is_asked_as_a_list_is(clips):
    schema = pa.schema(
        {
            "id": pa.string(),
            "audio": pa.struct({"bytes": pa.binary(), "path": pa.string()}),
            "text": pa.string(),
        }
    )
    plain = [{"id": c["id"], "audio": c["audio"], "text": c["text"]} for c in clips[:3]]
    table = datasets.Dataset(pa.Table.from_pylist(plain, schema=schema)).select([2, 0, 1])
    prompt = make_prompt("{subtitle}?", media=("audio", "text"))
    one, other = Recorder(), Recorder()
    with pytest.warns(UserWarning, match="1 of 3 clips could not"):
        from_table = ask_rows(one, table, prompt, media="a")
    with pytest.warns(UserWarning, match="1 of 3 clips could not"):
        from_list = ask_rows(other, [plain[i] for i in (2, 0, 1)], prompt, media="a")
    assert [from_table.line(i) for i in from_table] == [from_list.line(i) for i in from_list]
    assert one.batches == other.batches == [["both", "sound"]]
    labelled = table.add_column("emotion", [0, 1, 0]).cast_column(
        "emotion", datasets.ClassLabel(names=["glad", "sad"])
    )
    with pytest.warns(UserWarning, match="1 of 2"):
        prompt = make_prompt("{labels}? {subtitle}", media=("audio", "text"))
        ask_rows(one, labelled, prompt, media="a", limit=2)
    assert one.asks["both"].question == "glad, sad? hi"


def test_batches_are_read_ahead_and_answered_in_order(rows, said):
    backend = Recorder(batch_size=5)
    answers = ask_rows(backend, rows, said)
    assert [len(batch) for batch in backend.batches] == [5, 5, 2]
    assert list(answers) == [row["id"] for row in rows] and answers["c11"] == "joy"
    assert dict(answers) == dict.fromkeys(answers, "joy") and "c99" not in answers
    assert list(ask_rows(backend, rows, said, limit=2)) == ["c0", "c1"]
    assert len(ask_rows(backend, [], said)) == 0
    with pytest.raises(KeyError):
        answers["c99"]


def test_what_a_reply_tells_is_in_its_line(rows, said, tmp_path):
    told = Reply("  a\nb \ud800", n_in=0, n_out=7, cut=True)
    backend = ScriptedBackend(lambda ask: told if ask.clip_id == "c0" else "", name="f")
    answers = ask_rows(backend, rows[:2], said, journal=tmp_path / "j.jsonl")
    first, second = (tmp_path / "j.jsonl").read_text().splitlines()
    assert '"prediction": "  a\\nb \\ud800"' in first and '"cut": true}' in first
    assert json.loads(first)["n_in"] == 0 and "cut" not in json.loads(second)
    assert answers["c0"] == told.text and answers.cut == ["c0"] and answers.n_empty == 1
    assert answers.n_out == 7


def test_a_run_that_the_backend_ends_keeps_what_it_had(rows, said, tmp_path):
    class Down(ScriptedBackend):
        def answer(self, asks):
            if asks[0].clip_id == "c4":
                raise ConnectionError("the token is refused")
            return super().answer(asks)

    file = tmp_path / "j.jsonl"
    with pytest.raises(ConnectionError, match="refused"):
        ask_rows(Down({"*": "joy"}, batch_size=4), rows, said, journal=file)
    part = file.with_name("j.jsonl.part-1-of-1")
    assert [line["id"] for line in read_lines(part)] == ["c0", "c1", "c2", "c3"]
    assert ask_rows(ScriptedBackend({"*": "joy"}), rows, said, journal=file).n_asked == 8

    class Short(ScriptedBackend):
        def answer(self, asks):
            return []

    with pytest.raises(RuntimeError, match="got 0 replies to 8 questions"):
        ask_rows(Short({"*": "joy"}), rows, said)
    with pytest.raises(ValueError, match="got 11 ids of 12 clips"):
        ask_rows(Short({"*": "joy"}), [*rows[:11], rows[0]], said)


def test_places_are_filled_from_the_prompt_the_corpus_and_the_row(rows):
    row = {"id": "a", "text": "{labels}", "language": "zh-CN"}
    prompt = make_prompt("{subtitle}/{labels}/{language}", system="Think first.")
    asked = Questions(prompt, labels=["glad", "sad"]).of(row)
    assert asked.question == "{labels}/glad, sad/Chinese" and asked.has_subtitle
    assert asked.system == "Think first." and asked.words == {"language": "Chinese"}
    assert Questions(prompt, labels=["x"], language="en", system="").of(row).system == ""
    assert Questions(prompt, labels=["x"], language="tlh").of(row).question.endswith("/tlh")
    own = make_prompt("{labels} {language}", labels=("怒", "喜"), language="zh")
    assert Questions(own, label_set=["x"]).of(row).question == "怒、喜 中文"
    with pytest.raises(ValueError, match="labels have no effect.*a list of its own"):
        Questions(own, labels=["x"])
    with pytest.raises(ValueError, match=r"labels have no effect.*does not name \{labels\}"):
        Questions(make_prompt("How?"), labels=["x"])
    with pytest.raises(ValueError, match="a language has no effect"):
        Questions(make_prompt("How?"), language="en")
    with pytest.raises(ValueError, match=r"clip 'b': the prompt names \{language\}"):
        Questions(own).of({"id": "b", "language": None})
    with pytest.raises(ValueError, match=r"names \{labels\}: got no list"):
        Questions(make_prompt("{labels}"))
    with pytest.raises(ValueError, match=r"no corpus fills: got \{clue\}"):
        Questions(make_prompt("{clue} {subtitle}"))
    told = Questions(make_prompt("{clue} {subtitle}"), values=lambda row: {"clue": "A frown."})
    assert told.of(row).question == "A frown. {labels}" and told.of(row).words == {
        "clue": "A frown."
    }


def test_a_language_that_is_missing_is_the_clips_error_and_other_values_change_its_key(said):
    prompt = make_prompt("{language}: {subtitle}")
    rows = [{"id": "a", "text": "x", "language": "en"}, {"id": "b", "text": "x", "language": None}]
    with pytest.warns(UserWarning, match="1 of 2"):
        answers = ask_rows(Recorder(), rows, prompt)
    assert [*answers.errors] == ["b"]
    clue = make_prompt("{clue}?", media=("text",))
    lines = [
        ask_rows(Recorder(), rows[:1], clue, media="t", values=lambda r, c=c: {"clue": c}).line("a")
        for c in "xy"
    ]
    assert lines[0]["model"] == lines[1]["model"] and lines[0]["clip"] != lines[1]["clip"]


def test_what_does_not_fit_is_told_before_a_clip_is_read(rows):
    backend = ScriptedBackend({"*": "joy"})
    for media in ("", "x", "avq"):
        with pytest.raises(ValueError, match=f"`media`: got '{media}', expected letters"):
            ask_rows(backend, rows, make_prompt("{subtitle}"), media=media)
    with pytest.raises(ValueError, match=r"has no place for them: got none, expected \{subtitle\}"):
        ask_rows(backend, rows, make_prompt("How?"), media="t")
    with pytest.raises(ValueError, match="worded for audio, got video"):
        ask_rows(backend, rows, make_prompt("How?", media=("audio",)), media="v")
    with (
        pytest.warns(UserWarning, match="worded for audio and video, and audio is not handed over"),
        pytest.warns(UserWarning, match="12 of 12 clips could not be asked"),
    ):
        ask_rows(backend, rows, make_prompt("How?"), media="v")


def test_words_of_the_sound_need_a_model_that_writes_them_down(rows):
    backend = ScriptedBackend({"*": "joy"})
    heard = make_prompt("Somebody says: [heard]")
    with pytest.raises(ValueError, match=r"has \[heard\].*does not write them down"):
        ask_rows(backend, rows, heard, media="a")
    backend.transcribes = True
    assert ask_rows(backend, rows, heard, media="a", values=lambda row: {})


def test_frames_and_sides_are_what_was_asked_for(clips):
    from affecthub.training.asking.media import Shown

    backend = Recorder()
    ask_rows(backend, clips[:1], make_prompt("How?"), shown=Shown(3, 32))
    film = backend.asks["both"].film
    assert film.frames.shape == (3, 24, 32, 3) and film.fps == pytest.approx(3)
    assert np.isfinite(backend.asks["both"].sound.wave).all()
