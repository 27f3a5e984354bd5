"""The demo corpus: same seed, same files; balanced; and no modality tells more than its cues."""

import json
import shutil
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from affecthub.datasets_scripts import load_dataset, verify
from affecthub.datasets_scripts.demo import generate
from affecthub.datasets_scripts.demo.builder import DemoBuilder
from affecthub.datasets_scripts.demo.cues import CUES, MODALITIES, bounds, cue_of
from affecthub.datasets_scripts.demo.face import act, cast_faces
from affecthub.datasets_scripts.demo.generate import generate_demo, plan_clips
from affecthub.datasets_scripts.demo.script import OPEN_VOCABULARY, sentences
from affecthub.datasets_scripts.demo.voice import DELIVERIES, cast_voices, speak
from affecthub.labels import BASIC7

SMALL = {"n_clips": 21, "n_speakers": 3}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate_demo(tmp_path_factory.mktemp("demo") / "small", **SMALL)


def _annotations(folder: Path) -> list[dict]:
    lines = (folder / "annotations.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def _luma(path: Path) -> np.ndarray:
    import av

    with av.open(str(path)) as file:
        planes = [frame.to_ndarray() for frame in file.decode(video=0)]
    return np.stack(planes)[:, :112].astype(float)  # the luma of yuv420p lies on top


# The table of cues.


def test_bounds_are_the_counts_of_distinct_cue_combinations():
    assert bounds() == {
        # Three cues each.
        "audio": Fraction(3, 7),
        "video": Fraction(3, 7),
        "text": Fraction(3, 7),
        # Undecided: fear/surprise and disgust/sadness.
        "audio+video": Fraction(5, 7),
        # Undecided: anger/fear and neutral/sadness.
        "audio+text": Fraction(5, 7),
        # Undecided: anger/disgust and joy/neutral.
        "video+text": Fraction(5, 7),
        "audio+video+text": Fraction(1),
    }


@pytest.mark.parametrize("modality", MODALITIES)
def test_every_emotion_has_one_cue_per_modality(modality: str):
    assert sorted(e for shared in CUES[modality].values() for e in shared) == sorted(BASIC7)


# The plan.


def test_plan_is_balanced_over_speakers_emotions_and_intensities():
    clips = plan_clips(480, 12, seed=0)
    assert len({clip.id for clip in clips}) == 480
    # 480 = 68 * 7 + 4, and 40 = 5 * 7 + 5.
    assert sorted(Counter(c.emotion for c in clips).values()) == [68] * 3 + [69] * 4
    assert set(Counter((c.speaker_id, c.emotion) for c in clips).values()) == {5, 6}
    # 480 = 34 * 14 + 4.
    assert set(Counter((c.emotion, c.intensity) for c in clips).values()) == {34, 35}


def test_no_sentence_is_said_twice():
    for cue in CUES["text"]:
        said = sentences(cue, 384, np.random.default_rng(0))
        # Openers end in a comma; what follows must differ.
        assert len({sentence.rpartition(", ")[2].lower() for sentence in said}) == 384


def test_splits_are_balanced_as_the_card_says():
    sides = DemoBuilder.rule("official").splits
    emotions = {
        name: Counter(c.emotion for c in plan_clips(480, 12, 0) if c.speaker_id in speakers)
        for name, speakers in sides.items()
    }
    extremes = {name: (min(n.values()), max(n.values())) for name, n in emotions.items()}
    assert extremes == {"train": (44, 47), "validation": (5, 6), "test": (16, 18)}


def test_order_of_clips_does_not_tell_the_emotion():
    first = {clip.emotion for clip in plan_clips(480, 12, 0) if clip.id.endswith("_001")}
    assert len(first) >= 4


def test_open_vocabulary_is_lower_case_and_distinct():
    lists = [words for by_intensity in OPEN_VOCABULARY.values() for words in by_intensity.values()]
    words = [word for words in lists for word in words]
    assert all(word == word.lower().strip() and word.isalpha() for word in words)
    assert len(words) == len(set(words))
    assert {len(words) for words in lists} == {1, 2}


def test_descriptions_name_what_is_seen_heard_and_said():
    for clip in plan_clips(14, 1, 0):
        assert clip.description.count(",") >= 2 and clip.description.endswith(".")
        assert "voice" in clip.description and "words" in clip.description


# The files.


def test_same_seed_gives_the_same_bytes_whatever_the_number_of_workers(small: Path, tmp_path: Path):
    again = generate_demo(tmp_path / "again", **SMALL, num_proc=3)
    assert _bytes(again) == _bytes(small)


def test_another_seed_gives_another_corpus(small: Path, tmp_path: Path):
    other = _bytes(generate_demo(tmp_path / "other", n_clips=3, n_speakers=3, seed=1))
    for name in ("annotations.jsonl", "audio/S01/S01_001.wav", "video/S01/S01_001.mp4"):
        assert other[name] != _bytes(small)[name]


def test_media_are_where_the_annotations_say_and_as_stated(small: Path):
    import av

    for clip in _annotations(small):
        sound, rate_hz = soundfile.read(small / clip["audio"])
        assert (rate_hz, sound.ndim) == (16_000, 1)
        assert len(sound) == round(clip["duration_s"] * 16_000)
        assert 0.05 < np.abs(sound).max() <= 1
        assert 1.8 < clip["duration_s"] < 2.2
        assert (small / clip["video"]).stat().st_size < 40_000
        with av.open(str(small / clip["video"])) as file:
            (video,), (audio,) = file.streams.video, file.streams.audio
            assert (video.codec_context.name, audio.codec_context.name) == ("h264", "aac")
            assert (video.width, video.height) == (112, 112)
            assert video.codec_context.pix_fmt == "yuv420p"
            assert video.average_rate == Fraction(25, 2)
            assert (audio.rate, audio.channels) == (16_000, 1)
            assert video.frames == round(clip["duration_s"] * 12.5)


def test_sound_in_the_mp4_is_the_wav(small: Path):
    import av

    clip = _annotations(small)[0]
    sound, _ = soundfile.read(small / clip["audio"])
    with av.open(str(small / clip["video"])) as file:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])
    n = min(len(sound), len(heard))
    # AAC is lossy and may start with padding: the best alignment must correlate.
    spectrum = np.fft.rfft(heard[:n], 2 * n) * np.conj(np.fft.rfft(sound[:n], 2 * n))
    best = np.fft.irfft(spectrum).max() / np.linalg.norm(heard[:n]) / np.linalg.norm(sound[:n])
    assert best > 0.9


def test_a_complete_corpus_is_kept_and_an_incomplete_one_is_made_again(tmp_path: Path):
    folder = generate_demo(tmp_path / "demo", n_clips=2, n_speakers=1)
    wav = folder / "audio/S01/S01_001.wav"
    before = wav.stat().st_mtime_ns
    generate_demo(folder, n_clips=2, n_speakers=1)
    assert wav.stat().st_mtime_ns == before
    wav.unlink()
    generate_demo(folder, n_clips=2, n_speakers=1)
    assert wav.is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_other_parameters_replace_the_corpus(tmp_path: Path):
    folder = generate_demo(tmp_path / "demo", n_clips=2, n_speakers=1)
    generate_demo(folder, n_clips=1, n_speakers=1)
    assert len(_annotations(folder)) == len(list(folder.rglob("*.wav"))) == 1


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="thesis.txt.*Choose another folder"):
        generate_demo(tmp_path, n_clips=1, n_speakers=1)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_corpus_with_files_of_the_user_in_it_is_refused(tmp_path: Path):
    folder = generate_demo(tmp_path / "demo", n_clips=1, n_speakers=1)
    (folder / "notes.md").write_text("mine")
    with pytest.raises(FileExistsError, match="notes.md"):
        generate_demo(folder, n_clips=2, n_speakers=1)


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(*args: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("affecthub.datasets_scripts.demo.generate.write_mp4", broken)
    with pytest.raises(OSError, match="disk full"):
        generate_demo(tmp_path / "demo", n_clips=1, n_speakers=1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ({"n_speakers": 13}, "got 13, expected 1 to 12"),
        ({"n_clips": 50, "n_speakers": 12}, "got 50 clips, expected a positive multiple"),
        ({"n_clips": 0}, "got 0 clips"),
    ],
)
def test_numbers_out_of_range_are_refused(tmp_path: Path, numbers: dict, message: str):
    with pytest.raises(ValueError, match=message):
        generate_demo(tmp_path / "demo", **numbers)


# Speakers.


def test_speakers_differ_in_voice_and_face():
    voices, faces = cast_voices(0, 12), cast_faces(0, 12)
    pitches = sorted(voice.pitch_hz for voice in voices)
    assert pitches[0] == pytest.approx(100) and pitches[-1] == pytest.approx(230)
    # Twelve pitches evenly spread over 14.4 semitones are 1.3 semitones apart.
    steps = 12 * np.log2(np.array(pitches[1:]) / pitches[:-1])
    assert steps == pytest.approx(14.42 / 11, abs=0.01)
    assert len({(face.hair, face.shirt, face.wall) for face in faces}) == 12


def test_pitch_is_heard_and_colours_are_seen():
    low, high = sorted(cast_voices(0, 12), key=lambda voice: voice.pitch_hz)[::11]
    heard = [
        _pitch_hz(speak(voice, "lilting", 0.0, 2.0, np.random.default_rng(0)))
        for voice in (low, high)
    ]
    assert 90 < heard[0] < 112 and 205 < heard[1] < 255
    first, second = (
        act(face, "soft", 0, 1, np.random.default_rng(0)).astype(int) for face in cast_faces(0, 2)
    )
    wall = (0, 5, 5)  # of frame 0, near the upper left corner
    assert np.abs(first[wall] - second[wall]).max() > 5


def test_faces_of_no_frames_are_empty():
    frames = act(cast_faces(0, 1)[0], "wide", 1.0, 0, np.random.default_rng(0))
    assert frames.shape == (0, 112, 112, 3) and frames.dtype == np.uint8


# No modality tells more than its cues.


@pytest.fixture(scope="module")
def views(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Hand-made features per modality, emotion and split of 336 clips: 28 per speaker."""
    folder = generate_demo(tmp_path_factory.mktemp("bounds") / "demo", n_clips=336)
    clips = plan_clips(336, 12, seed=0)
    test_speakers = DemoBuilder.rule("speaker_independent").splits["test"]
    return {
        "audio": np.stack([_audio_features(folder / clip.audio) for clip in clips]),
        "video": np.stack([_video_features(folder / clip.video) for clip in clips]),
        "text": CountVectorizer().fit_transform(clip.text for clip in clips).toarray(),
        "emotion": np.array([clip.emotion for clip in clips]),
        "is_test": np.array([clip.speaker_id in test_speakers for clip in clips]),
    }


def _accuracy(views: dict, modalities: list[str], labels: np.ndarray) -> float:
    features = np.concatenate([views[modality] for modality in modalities], axis=1)
    test = views["is_test"]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))
    return float(model.fit(features[~test], labels[~test]).score(features[test], labels[test]))


@pytest.mark.slow
@pytest.mark.parametrize("modality", MODALITIES)
def test_the_cue_of_each_modality_can_be_learned(views: dict, modality: str):
    cues = np.array([cue_of(emotion, modality) for emotion in views["emotion"]])
    assert _accuracy(views, [modality], cues) >= 0.9


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in bounds() if name != "audio+video+text"])
def test_a_classifier_stays_below_the_bound(views: dict, name: str):
    limit = float(bounds()[name])
    # 84 test clips, 12 per emotion: a lucky guesser among alike emotions is above the bound by
    # less than three standard errors of a proportion.
    slack = 3 * np.sqrt(limit * (1 - limit) / views["is_test"].sum())
    accuracy = _accuracy(views, name.split("+"), views["emotion"])
    assert accuracy <= limit + slack
    # And the bound is not idle: the cue itself is used.
    assert accuracy >= 0.7 * limit


@pytest.mark.slow
def test_all_three_together_clearly_beat_any_pair(views: dict):
    together = _accuracy(views, list(MODALITIES), views["emotion"])
    pairs = [name.split("+") for name in bounds() if name.count("+") == 1]
    assert together >= 0.85
    assert together >= 0.1 + max(_accuracy(views, pair, views["emotion"]) for pair in pairs)


def _audio_features(path: Path) -> np.ndarray:
    """Loudness changes per second, brightness, noisiness and pitch of a clip, level removed."""
    sound, _ = soundfile.read(path)
    sound = sound / sound.std()
    frames = np.lib.stride_tricks.sliding_window_view(sound, 512)[::160] * np.hanning(512)
    power = np.abs(np.fft.rfft(frames)) ** 2 + 1e-6  # (frame, frequency)
    loudness = np.sqrt(power.sum(axis=1))
    loud = loudness > loudness.mean()
    mean = power[loud].mean(axis=0)
    frequency = np.arange(mean.size)
    modulation = np.abs(np.fft.rfft(loudness - loudness.mean(), 256))[: 256 // 8]  # to 12 Hz
    return np.array(
        [
            np.log((mean * frequency).sum() / mean.sum()),
            np.log(mean).mean() - np.log(mean.mean()),
            (modulation * np.arange(modulation.size)).sum() / modulation.sum(),
            loudness.std() / loudness.mean(),
            np.log(_pitch_hz(sound)),
            np.mean(loud),
            *np.log(mean[:256].reshape(16, 16).mean(axis=1)),
        ]
    )


def _pitch_hz(sound: np.ndarray) -> float:
    """Median over loud windows of the strongest autocorrelation between 70 and 400 Hz."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, 1024)[::800]
    frames = frames[frames.std(axis=1) > 0.5 * sound.std()]
    echo = np.fft.irfft(np.abs(np.fft.rfft(frames, 2048)) ** 2)[:, 40:229]
    return float(np.median(16_000 / (40 + echo.argmax(axis=1))))


def _video_features(path: Path) -> np.ndarray:
    """How the eye and mouth regions differ from the first frame, which is a face at rest."""
    grey = _luma(path)
    moved = (grey[len(grey) // 3 : 2 * len(grey) // 3] - grey[0]).mean(axis=0)
    return moved.reshape(28, 4, 28, 4).mean(axis=(1, 3))[7:25, 6:22].ravel()


# The corpus as rows.


def test_deliveries_and_cues_agree():
    assert set(DELIVERIES) == set(CUES["audio"])


def test_both_protocols_are_the_same_and_know_the_whole_cast():
    official, independent = (DemoBuilder.rule(name) for name in ("official", "speaker_independent"))
    assert official.splits == independent.splits
    assert official.column == "speaker_id"
    speakers = sorted(s for members in official.splits.values() for s in members)
    assert speakers == [f"S{i:02d}" for i in range(1, 13)]
    assert {name: len(members) for name, members in official.splits.items()} == {
        "train": 8,
        "validation": 1,
        "test": 3,
    }


@pytest.fixture
def copy(small: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small, tmp_path / "copy"))


def _edit(folder: Path, **columns: object) -> None:
    """The first clip other values; None takes the column away from every clip."""
    clips = _annotations(folder)
    gone = {name for name, value in columns.items() if value is None}
    clips[0].update(columns)
    lines = [json.dumps({k: v for k, v in clip.items() if k not in gone}) for clip in clips]
    (folder / "annotations.jsonl").write_text("\n".join(lines), encoding="utf-8")


def _load(folder: Path, cache: Path, **kwargs: object):
    return load_dataset("demo", data_dir=folder, cache_dir=cache, **kwargs)


def test_rows_have_what_the_generator_wrote(small: Path, tmp_path: Path):
    rows = _load(small, tmp_path, protocol="speaker_independent")
    assert {name: len(split) for name, split in rows.items()} == {
        "train": 7,
        "validation": 7,
        "test": 7,
    }
    row, clip = rows["train"][0], _annotations(small)[0]
    for name in ("id", "speaker_id", "text", "open_vocabulary", "description", "duration_s"):
        assert row[name] == clip[name]
    assert BASIC7[row["emotion"]] == BASIC7[row["emotion_basic7"]] == clip["emotion"]
    assert ("mild", "strong")[row["intensity"]] == clip["intensity"]
    assert (row["corpus"], row["language"], row["group_id"]) == ("demo", "en", "S01")
    assert row["dialogue_id"] is row["turn_index"] is row["media_issue"] is None
    assert row["audio"]["path"] == str((small / clip["audio"]).resolve())
    assert row["video"]["path"] == str((small / clip["video"]).resolve())


def test_media_that_are_gone_leave_the_row(copy: Path, tmp_path: Path):
    (copy / "audio/S01/S01_001.wav").unlink()
    row = _load(copy, tmp_path, split="train")[0]
    assert row["id"] == "S01_001" and row["audio"] is None and row["video"] is not None
    assert "audio" in row["media_issue"]
    with pytest.raises(FileNotFoundError, match="S01_001"):
        _load(copy, tmp_path, on_missing_media="error")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"emotion": "rage"}, "clip S01_001: got 'rage', expected one of anger"),
        ({"intensity": None}, "missing column intensity"),
        ({"audio": "../secret.wav"}, "line 1: path leaves the data folder: got '../secret.wav'"),
        ({"id": "S01_002"}, "'S01_002' stands 2 times"),
    ],
)
def test_broken_annotations_are_named(copy: Path, tmp_path: Path, columns: dict, message: str):
    _edit(copy, **columns)
    with pytest.raises(ValueError, match=message):
        _load(copy, tmp_path / "cache")


def test_a_file_that_is_no_jsonl_is_named(copy: Path, tmp_path: Path):
    (copy / "annotations.jsonl").write_text("id,emotion\n")
    with pytest.raises(ValueError, match="annotations.jsonl: got no readable jsonl"):
        _load(copy, tmp_path / "cache")


@pytest.mark.parametrize("manifest", ["{}", "[]", "not json"])
def test_a_manifest_of_something_else_is_not_this_corpus(copy: Path, tmp_path: Path, manifest: str):
    (copy / "manifest.json").write_text(manifest)
    with pytest.raises(ValueError, match="is no demo folder"):
        _load(copy, tmp_path / "cache")


def test_checks_compare_with_the_manifest(small: Path):
    builder = DemoBuilder(data_dir=str(small))
    checks = {check.name: check for check in builder.checks(builder.rows())}
    assert (checks["rows"].expected, checks["rows"].found) == (21, 21)
    assert (checks["speakers"].expected, checks["speakers"].found) == (3, 3)


# The card.


def test_card_states_the_bounds_and_says_synthetic():
    card = Path(generate.__file__).with_name("README.md").read_text(encoding="utf-8")
    assert "This corpus is **synthetic**" in card
    for name, value in bounds().items():
        assert f"| {name.replace('+', ' + ')} | {value} | {float(value):.1%} |" in card
    for emotion in BASIC7:
        cues = " | ".join(cue_of(emotion, modality) for modality in MODALITIES)
        words = " | ".join(", ".join(OPEN_VOCABULARY[emotion][i]) for i in ("mild", "strong"))
        assert f"| {emotion} | {cues} | {words} |" in card


def test_media_that_cannot_be_read_are_null_and_say_why(tmp_path):
    folder = generate_demo(tmp_path / "corpus", n_clips=21, n_speakers=3)
    clips = sorted(folder.glob("video/*/*.mp4"))
    whole = clips[0].read_bytes()
    clips[0].write_bytes(whole[:300])
    sound = next(folder.glob(f"audio/*/{clips[1].stem}.wav"))
    sound.write_bytes(b"RIFF nothing more")
    soundfile.write(next(folder.glob(f"audio/*/{clips[2].stem}.wav")), np.zeros(32000), 16000)

    splits = load_dataset("demo", data_dir=folder)
    rows = {row["id"]: row for split in splits.values() for row in split}
    assert len(rows) == 21
    cut, broken, silent = (rows[clip.stem] for clip in clips[:3])
    assert cut["video"] is None and cut["audio"] and "video: " in cut["media_issue"]
    assert broken["audio"] is None and broken["video"] and "audio: " in broken["media_issue"]
    assert silent["audio"] and silent["media_issue"] == "silent audio"

    unchecked = load_dataset("demo", data_dir=folder, check_media=False)
    assert all(row["video"] for split in unchecked.values() for row in split)
    with pytest.raises(ValueError, match=rf"clip {clips[0].stem}: got video: .*expected usable"):
        load_dataset("demo", data_dir=folder, on_missing_media="error")
    report = verify("demo", folder)
    assert (report.media["audio"]["broken"], report.media["video"]["broken"]) == (1, 1)
