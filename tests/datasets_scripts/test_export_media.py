"""Media of exports: parts of longer films, sound that lies in a film, names made from ids."""

import io

import numpy as np
import pyarrow as pa
import pytest
import soundfile
from corpus_trees.media import clip_video, clip_wav, put, write_video
from hypothesis import given
from hypothesis import strategies as st

from affecthub.datasets_scripts.demo.builder import DemoBuilder
from affecthub.datasets_scripts.exports.packing import Packer, safe_names
from affecthub.media import MediaError, load_frames, load_waveform, probe
from affecthub.media.cut import cut_sound, cut_video, wav


def greys(film: bytes, n: int) -> list[int]:
    return [round(float(frame.mean())) for frame in load_frames(film, n)]


def test_cut_keeps_the_frames_of_the_span(tmp_path):
    # Frame i is shown from i / 25 s on and is as grey as 20 i.
    film = write_video(tmp_path / "film.mp4")
    cut = cut_video(film, start_s=0.16, end_s=0.32)
    assert probe(cut).n_frames == 4 and not probe(cut).has_audio
    assert greys(cut, 4) == pytest.approx([80, 100, 120, 140], abs=3)
    # The frame on screen at the start belongs to the span.
    assert greys(cut_video(film, start_s=0.17, end_s=0.22), 2) == pytest.approx([80, 100], abs=3)
    assert probe(cut_video(film, end_s=0.08)).n_frames == 2
    assert probe(cut_video(film, start_s=0.4)).n_frames == 2


@pytest.mark.parametrize("container", ["mp4", "avi", "mkv"])
def test_cut_agrees_with_reading_the_span(container):
    film = clip_video(1, container)
    span = {"start_s": 0.24, "end_s": 0.64, "crop": [0.5, 0.0, 1.0, 1.0]}
    cut = cut_video(film, **span)
    n_frames = probe(cut).n_frames
    assert n_frames == 5  # 12.5 frames per second
    wanted = load_frames(film, n_frames, **span).astype(int)
    assert wanted.shape[2] == 56  # half of 112
    assert np.abs(load_frames(cut, n_frames) - wanted).mean() < 4  # encoded a second time


def test_cut_of_an_odd_box_and_of_nothing(tmp_path):
    film = write_video(tmp_path / "film.mp4", size=(64, 48))
    cut = cut_video(film, crop=[0, 0, 33 / 64, 1])
    assert (probe(cut).width, probe(cut).height) == (32, 48)
    with pytest.raises(ValueError, match="expected"):
        cut_video(film, start_s=0.3, end_s=0.2)
    with pytest.raises(MediaError, match="no video stream"):
        cut_video(clip_wav(0))


@pytest.mark.parametrize("container", ["mp4", "avi", "mkv"])
def test_sound_of_a_film_loses_nothing(container):
    film = clip_video(0, container)
    sound = cut_sound(film)
    assert soundfile.info(io.BytesIO(sound)).subtype == "FLOAT"
    for rate_hz in (16000, 44100):
        np.testing.assert_array_equal(load_waveform(sound, rate_hz), load_waveform(film, rate_hz))
    with pytest.raises(MediaError, match="no audio stream"):
        cut_sound(clip_video(0, sound=False))


def test_wav_of_16_bits():
    sound = np.array([0.0, 0.5, -0.5, 2.0], np.float32)
    assert load_waveform(wav(sound, 16000)) == pytest.approx([0.0, 0.5, -0.5, 1.0], abs=1e-4)


@given(st.lists(st.text(max_size=30), unique=True, max_size=8))
def test_names_are_safe_and_distinct(ids):
    names = safe_names(ids)
    assert len({name.casefold() for name in names}) == len(ids)
    for name in names:
        assert name and not set(name) & set("./\\:\0")


class SharedFilms(DemoBuilder):
    """The demo corpus as if its clips were parts of one film that also holds their sound."""

    SOUND_IN_VIDEO = True

    @classmethod
    def rule(cls, protocol):
        return DemoBuilder.rule(protocol)

    def extra_features(self):
        from datasets import List, Value

        span = {"video_start_s": Value("float64"), "video_end_s": Value("float64")}
        return {**super().extra_features(), **span, "video_crop": List(Value("float32"))}

    def media_key(self, file, root):
        return "film" if file.stem == "film" else None

    def read_annotations(self, tree):
        rows = super().read_annotations(tree).slice(0, 3)
        rows = rows.append_column("_video_key", pa.array(["film"] * 3))
        # The last clip lies behind the end of the film.
        rows = rows.append_column("video_start_s", pa.array([0.0, 0.4, 5.0]))
        rows = rows.append_column("video_end_s", pa.array([0.4, 0.8, 6.0]))
        crop = pa.array([[0, 0, 0.5, 1]] * 3, pa.list_(pa.float32()))
        return rows.append_column("video_crop", crop)


def shared_films(tmp_path, embed):
    from corpus_trees import demo

    root = demo.make(tmp_path / "demo")
    for folder in ("audio", "video"):
        for path in (root / folder).rglob("*.*"):
            path.unlink()
    film = put(root / "films" / "film.mp4", clip_video(0))
    builder = SharedFilms(data_dir=str(root), cache_dir=str(tmp_path / "cache"))
    rows = builder.rows()
    packer = Packer(builder, rows, embed)
    packed = [row for table in packer.tables(rows) for row in table.to_pylist()]
    return film, packer, packed


def test_clips_of_a_shared_film_are_cut_out_of_it(tmp_path):
    film, packer, (first, second, lost) = shared_films(tmp_path, embed=True)
    for row, start_s, end_s in ((first, 0.0, 0.4), (second, 0.4, 0.8)):
        info = probe(row["video"])
        assert (info.n_frames, info.width, info.has_audio) == (5, 56, False)
        assert row["video_start_s"] is row["video_end_s"] is row["video_crop"] is None
        sound = load_waveform(row["audio"])
        np.testing.assert_allclose(
            sound, load_waveform(film, start_s=start_s, end_s=end_s), atol=1e-6
        )
    # What is not there is null with a reason, and the reason names no folder of this machine.
    assert lost["video"] is lost["audio"] is None
    assert "audio: film.mp4" in lost["media_issue"] and str(tmp_path) not in lost["media_issue"]
    assert packer.counts == {"cut": 2, "sound": 2, "unusable": 1}
    assert [note.split()[0] for note in packer.notes()] == ["2", "2", "1"]


def test_by_path_a_shared_film_keeps_its_span(tmp_path):
    _, packer, (first, _, _) = shared_films(tmp_path, embed=False)
    assert first["video"] == first["audio"] == {"bytes": None, "path": "films/film.mp4"}
    assert (first["video_start_s"], first["video_end_s"]) == (0.0, 0.4)
    assert packer.counts == {"unusable": 1}  # nothing is cut


def test_turns_of_iemocap_are_cut_as_they_are_read(tmp_path, load):
    import datasets
    from corpus_trees import iemocap

    import affecthub
    from affecthub.media import video_cut

    root = iemocap.make(tmp_path / "corpus")
    out = affecthub.export("iemocap", tmp_path / "out", root, "full", "official")
    again = datasets.load_dataset(str(out), cache_dir=tmp_path / "c")
    for split, rows in load("iemocap", "full", data_dir=root).items():
        theirs = {row["id"]: row for row in again[split]}
        for row in rows:
            same = theirs[row["id"]]
            cut = load_frames(same["video"], **video_cut(same))
            wanted = load_frames(row["video"], **video_cut(row))
            assert cut.shape == wanted.shape and video_cut(same) == {}
            assert np.abs(cut.astype(int) - wanted).mean() < 4
            np.testing.assert_array_equal(load_waveform(same["audio"]), load_waveform(row["audio"]))
    assert "clips are parts of longer films" in (out / "README.md").read_text(encoding="utf-8")
