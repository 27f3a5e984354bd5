"""IEMOCAP: who speaks, what every rater said, and each turn's own part of a shared film."""

import numpy as np
import pyarrow as pa
import pytest
from corpus_trees import iemocap as tree
from corpus_trees.media import put

import affecthub
from affecthub.datasets_scripts.iemocap import paper
from affecthub.datasets_scripts.iemocap.builder import CODES, FOUR
from affecthub.datasets_scripts.iemocap.evaluation import parse_dialogue
from affecthub.datasets_scripts.iemocap.transcriptions import parse_transcription, words_of
from affecthub.datasets_scripts.protocols.rules import shared_groups
from affecthub.entries import entries
from affecthub.media import MediaError, load_frames, load_waveform, video_cut

TURNS = {
    f"{name}_{sex}{number:03d}": (start, end, code)
    for name, turns in tree.DIALOGUES.items()
    for sex, number, start, end, code in turns
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tree.make(tmp_path_factory.mktemp("iemocap"))


@pytest.fixture(scope="module")
def full(root, tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    return affecthub.load_dataset("iemocap", "full", data_dir=root, cache_dir=cache)["train"]


@pytest.fixture
def rows(full):
    return {row["id"]: row for row in full}


def test_every_evaluated_turn_is_a_row_with_its_code(full, rows):
    assert (
        full.column_names[-9:]
        == [
            "valence",
            "arousal",
            "dominance",
            "votes",
            "votes_vad",
            "scenario",
            "marker_wearer",
            "video_start_s",
            "video_end_s",
            "video_crop",
        ][-9:]
    )
    assert list(rows) == sorted(tree.IDS, key=lambda turn: (turn[:5], turn[:-5], TURNS[turn][0]))
    names = full.features["emotion"].names
    assert tuple(names) == CODES
    for turn, (start, end, code) in TURNS.items():
        row = rows[turn]
        assert names[row["emotion"]] == code == CODES[row["emotion_code"]]
        assert (row["start_s"], row["end_s"]) == (start, end)
        assert row["duration_s"] == pytest.approx(end - start)
        assert (row["valence"], row["arousal"], row["dominance"]) == (2.5, 3.0, 1.5)
        assert row["split_official"] == "train" and row["media_issue"] is None


def test_the_speaker_is_not_the_wearer_of_the_markers(rows):
    # In Ses01F_impro01 the woman wears the markers; the man speaks in turn M000.
    row = rows["Ses01F_impro01_M000"]
    assert (row["speaker_id"], row["marker_wearer"]) == ("Ses01M", "Ses01F")
    assert (row["dialogue_id"], row["group_id"]) == ("Ses01F_impro01", "Ses01")
    assert row["scenario"] == "improvised" and row["turn_index"] == 1
    assert rows["Ses05M_script01_1b_F033"]["speaker_id"] == "Ses05F"
    assert rows["Ses05M_script01_1b_F033"]["scenario"] == "scripted"
    assert len({row["speaker_id"] for row in rows.values()}) == 10


def test_every_vote_is_kept(rows):
    row = rows["Ses01F_impro01_M000"]
    assert row["votes"] == [
        {"annotator": "E2", "is_self": False, "emotions": ["Neutral"], "comment": None},
        {
            "annotator": "E3",
            "is_self": False,
            "emotions": ["Anger", "Frustration"],
            "comment": None,
        },
        {
            "annotator": "E4",
            "is_self": False,
            "emotions": ["Other"],
            "comment": "tired (and bored)",
        },
        {"annotator": "M1", "is_self": True, "emotions": ["Excited"], "comment": None},
    ]
    scales = [
        (v["annotator"], v["is_self"], v["valence"], v["arousal"], v["dominance"], v["comment"])
        for v in row["votes_vad"]
    ]
    assert scales == [
        ("E3", False, 3, 2, 2, None),
        ("E4", False, 2, 4, 1, "hard to say"),
        ("M1", True, 2, None, None, None),
    ]


def test_words_without_times_twice_and_between_noise(rows):
    for turn, row in rows.items():
        name, last = turn.rsplit("_", 1)
        assert row["text"] == tree.words(name, last[0], int(last[1:]))


def test_four_classes_by_rule(root, load, rows):
    four = load("iemocap", data_dir=root, split="train")
    names = four.features["emotion"].names
    assert names == ["happy", "sad", "neutral", "angry"]
    found = {row["id"]: names[row["emotion"]] for row in four}
    assert found == {turn: FOUR[code] for turn, (_, _, code) in TURNS.items() if code in FOUR}
    assert len(found) == 11  # 14 turns less fru, sur and xxx
    basic7 = four.features["emotion_basic7"]
    by_id = {row["id"]: row for row in four}
    assert basic7.int2str(by_id["Ses02M_script01_1_F000"]["emotion_basic7"]) == "joy"  # hap
    assert by_id["Ses01F_impro01_M000"]["emotion_basic7"] is None  # exc is no joy
    # Turns are numbered among all evaluated ones, whatever the configuration leaves out.
    assert {i: row["turn_index"] for i, row in by_id.items()}.items() <= {
        i: row["turn_index"] for i, row in rows.items()
    }.items()


def test_the_sums_that_are_known_agree():
    # 1085 + 1023 + 1151 + 1031 + 1241 = 5531 = 595 + 1041 + 1084 + 1708 + 1103
    assert sum(paper.FOUR.values()) == 5531 == sum(paper.CODES[code] for code in FOUR)
    # What is left for xxx, oth and dis.
    assert paper.N_TURNS - sum(paper.CODES.values()) == 2512
    assert sum(paper.FOUR_SESSION_5.values()) == paper.FOUR["Ses05"] == 1241


def test_a_turn_is_its_half_and_its_time_of_the_film(rows):
    for turn, (start, end, _) in TURNS.items():
        row = rows[turn]
        is_left = turn[5] == turn[-4]
        assert row["video_crop"] == ([0.0, 0.0, 0.5, 1.0] if is_left else [0.5, 0.0, 1.0, 1.0])
        cut = video_cut(row)
        assert (cut["start_s"], cut["end_s"]) == (start, end)
        frames = load_frames(row["video"], 4, **cut)
        assert frames.shape == (4, 64, 48, 3)
        # On screen at `start` is frame floor(start * 12.5), at `end` comes frame ceil(end * 12.5).
        first, stop = int(start * 12.5 + 1e-9), int(np.ceil(end * 12.5 - 1e-9))
        expected = [tree.grey(first + i * (stop - first) // 4, is_left) for i in range(4)]
        got = [frame.mean() for frame in frames]
        np.testing.assert_allclose(got, expected, atol=3)
        # No pixel of the other half, whose grey is 120 away.
        assert all(np.abs(frame.astype(int) - frame.mean()).max() < 30 for frame in frames)


def test_the_crop_comes_before_the_size(rows):
    row = rows["Ses01F_impro01_M000"]
    frames = load_frames(row["video"], 2, size=32, **video_cut(row))
    assert frames.shape == (2, 32, 32, 3)
    assert frames[0].min() > 115  # nothing of the dark left half


def test_sound_is_the_turns_own(rows):
    row = rows["Ses05M_script01_1b_F033"]
    assert row["audio"]["path"].endswith(
        "Session5/sentences/wav/Ses05M_script01_1b/Ses05M_script01_1b_F033.wav"
    )
    assert load_waveform(row["audio"]).ndim == 1


def test_protocols(root, load):
    def speakers(protocol):
        rows = load("iemocap", "full", data_dir=root, protocol=protocol)
        return {name: set(split["speaker_id"]) for name, split in rows.items()}, rows

    for i in range(1, 6):
        sides, rows = speakers(f"session_{i}")
        assert sides["test"] == {f"Ses0{i}F", f"Ses0{i}M"} and len(sides["train"]) == 8
        assert sum(rows.num_rows.values()) == len(tree.IDS)
    for i, sex in ((1, "F"), (5, "M")):
        sides, _ = speakers(f"speaker_{i}{sex.lower()}")
        other = "M" if sex == "F" else "F"
        assert sides["test"] == {f"Ses0{i}{sex}"}
        assert sides["validation"] == {f"Ses0{i}{other}"} and len(sides["train"]) == 8
    sides, rows = speakers("speaker_independent")
    assert shared_groups(rows) == {}
    assert sides["test"] == {"Ses05F", "Ses05M"} and sides["validation"] == {"Ses04F", "Ses04M"}
    sides, rows = speakers("mer_unibench")
    assert set(rows) == {"train", "test"} and sides["test"] == {"Ses05F", "Ses05M"}
    assert len(entries()["iemocap"].protocols) == 18  # 3, 5 sessions, 10 speakers


def test_a_missing_film_and_a_broken_one_leave_the_rows(tmp_path, load):
    root = tree.make(tmp_path / "corpus")
    films = tree.session(root, "Ses01F_impro01") / "dialog" / "avi" / "DivX"
    (films / "Ses01F_impro01.avi").unlink()
    broken = tree.session(root, "Ses02M_script01_1") / "dialog/avi/DivX/Ses02M_script01_1.avi"
    broken.write_bytes(b"RIFF")
    rows = {row["id"]: row for row in load("iemocap", "full", data_dir=root, split="train")}
    assert len(rows) == len(tree.IDS)
    row = rows["Ses01F_impro01_F000"]
    assert row["video"] is None and row["media_issue"] == "video file missing"
    assert row["audio"] is not None
    row = rows["Ses02M_script01_1_F000"]
    assert row["video"] is None and row["media_issue"].startswith("video: cannot be read")


def test_a_film_that_ends_before_a_turn_is_reported(tmp_path, load):
    root = tree.write_annotations(tmp_path / "corpus")
    name = "Ses01F_impro01"
    text = tree.evaluation(name).replace("[4.0000 - 5.6000]", "[4.0000 - 65.6000]")
    put(tree.session(root, name) / "dialog" / "EmoEvaluation" / f"{name}.txt", text.encode())
    tree.write_media(root)
    rows = {row["id"]: row for row in load("iemocap", "full", data_dir=root, split="train")}
    row = rows["Ses01F_impro01_M001"]
    assert row["video"] is None
    assert row["media_issue"] == "video: ends at 6.0 s, before the clip does"
    assert rows["Ses01F_impro01_F001"]["media_issue"] is None
    report = affecthub.verify("iemocap", root, "full")
    assert report.media["issues"] == {"video: ends at 6.0 s, before the clip does": 1}
    unchecked = load("iemocap", "full", data_dir=root, split="train", check_media=False)
    late = next(row for row in unchecked if row["id"] == "Ses01F_impro01_M001")
    with pytest.raises(MediaError, match="the span lies past the end: got 4.0 to 65.6 s"):
        load_frames(late["video"], 2, **video_cut(late))


def test_annotations_alone(tmp_path, load):
    root = tree.write_annotations(tmp_path / "corpus")
    row = load("iemocap", "full", data_dir=root, split="train")[0]
    assert row["media_issue"] == "no audio in the folder; no video in the folder"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[1.0 - 2.0]\tSes01F_impro01_F000\tneu\t[2.5, 2.5]", "line 1: the head of a turn"),
        ("[2.0 - 1.0]\tSes01F_impro01_F000\tneu\t[1, 2, 3]", "start before end"),
        ("[1.0 - 2.0]\tSes09F_impro01_F000\tneu\t[1, 2, 3]", "the head of a turn"),
        ("[one - 2.0]\tSes01F_impro01_F000\tneu\t[1, 2, 3]", "the head of a turn"),
    ],
)
def test_heads_that_cannot_be_read(line, message):
    with pytest.raises(ValueError, match=message):
        parse_dialogue(line, "Ses01F_impro01.txt")


def test_votes_that_cannot_be_read_are_counted():
    text = "C-E2:\tNeutral;\t()\n[1.0 - 2.0]\tSes01F_impro01_F000\tneu\t[1, 2, 3]\nnonsense\n"
    dialogue = parse_dialogue(text, "x.txt")
    assert dialogue.unread == [1, 3]  # a vote before any turn, and a line of no kind
    assert dialogue.turns[0]["votes"] == []
    assert parse_dialogue("", "x.txt").turns == []


def test_unread_lines_and_unknown_codes(tmp_path, load):
    root = tree.make(tmp_path / "corpus")
    file = tree.session(root, "Ses01F_impro01") / "dialog" / "EmoEvaluation" / "Ses01F_impro01.txt"
    file.write_text(tree.evaluation("Ses01F_impro01") + "X-E2:\tNeutral;\t()\n")
    report = affecthub.verify("iemocap", root, "full")
    assert len(report.problems) == 1 and report.problems[0].startswith(
        "IEMOCAP_full_release/Session1/dialog/EmoEvaluation/Ses01F_impro01.txt: 1 lines"
    )
    file.write_text(tree.evaluation("Ses01F_impro01").replace("\tneu\t", "\tneutral\t"))
    with pytest.raises(
        ValueError, match="Ses01F_impro01_F000: unknown emotion code: got 'neutral'"
    ):
        load("iemocap", data_dir=root)


def test_a_turn_that_stands_twice(tmp_path, load):
    root = tree.make(tmp_path / "corpus")
    file = tree.session(root, "Ses01F_impro01") / "dialog" / "EmoEvaluation" / "Ses01F_impro01.txt"
    file.write_text(tree.evaluation("Ses01F_impro01") * 2)
    with pytest.raises(ValueError, match="stands 2 times"):
        load("iemocap", data_dir=root)


def test_transcriptions():
    assert parse_transcription("") == []
    assert words_of([("a", 0.0)], {}) == [None]
    # Noise turns have no number.
    assert parse_transcription("Ses01F_impro01_MXX1 [1.0-2.0]: [LAUGHTER]") == []
    lines = {"a": [(None, "no time"), (9.0, "far")]}
    assert words_of([("a", 1.0)], lines) == ["far"]


def test_bytes_that_are_not_utf8(tmp_path, load):
    root = tree.write_annotations(tmp_path / "corpus")
    name = "Ses01F_impro01"
    file = tree.session(root, name) / "dialog" / "transcriptions" / f"{name}.txt"
    file.write_bytes(f"{name}_F000 [0.4-1.2]: Caf\xe9.\n".encode("latin-1"))
    rows = load("iemocap", "full", data_dir=root, split="train")
    assert rows[0]["text"] == "Café."
    assert pa.array(rows["text"][:]).null_count == 3


# The six classes.


def six_of(root):
    rows = affecthub.Corpus("iemocap", root, "six").annotations()
    return {row["id"]: row for row in rows.to_pylist()}


@pytest.fixture
def processed(tmp_path):
    """MERBench's folder with the six classes alone."""
    return tree.write_six(tmp_path / "iemocap-process")


def test_six_classes_are_those_of_the_label_file(root):
    rows = six_of(root)
    # All turns but that of code sur; xxx is happy by the label file alone.
    assert len(rows) == len(tree.IDS) - 1 and "Ses05F_impro03_M000" not in rows
    row = rows["Ses01F_impro01_F001"]
    assert (row["emotion"], row["emotion_basic7"], row["emotion_code"]) == ("happy", "joy", "xxx")
    row = rows["Ses01F_impro01_M000"]
    assert (row["emotion"], row["emotion_basic7"], row["emotion_code"]) == ("excited", None, "exc")
    # Votes, times and the half of the film are those of the release.
    assert len(row["votes"]) == 4 and (row["start_s"], row["turn_index"]) == (1.2, 1)


def test_six_classes_of_the_processed_copy(root, processed):
    rows, release = six_of(processed), six_of(root)
    assert rows.keys() == release.keys()
    for turn, row in rows.items():
        for name in ("emotion", "emotion_basic7", "speaker_id", "group_id", "dialogue_id"):
            assert row[name] == release[turn][name], (turn, name)
        assert row["votes"] is None and row["emotion_code"] is None
    with pytest.raises(ValueError, match=r"got no label_4way\.npz, expected that of MERBench"):
        affecthub.Corpus("iemocap", processed, "four").annotations()


def test_six_classes_need_their_file(tmp_path):
    root = tree.write_annotations(tmp_path)
    with pytest.raises(ValueError, match=r"got no label_6way\.npz.*a rule that nobody can apply"):
        six_of(root)


def test_turns_that_the_release_lacks_are_reported(tmp_path):
    root = tree.write_six(tree.write_annotations(tmp_path))
    path = tree.session(root, "Ses04M_impro08") / "dialog/EmoEvaluation/Ses04M_impro08.txt"
    text = path.read_text()
    path.write_text(text[: text.index("[1.4000")])
    corpus = affecthub.Corpus("iemocap", root, "six")
    assert corpus.problems[0] == (
        "label_6way.npz: 1 turns are not in EmoEvaluation, first Ses04M_impro08_M000"
    )


def test_figures_of_the_six_classes():
    assert sum(paper.SIX.values()) == 7433
    # Four classes hold happy and excited as one: 53 turns are happy in the six alone.
    codes = {"sad": "sad", "neu": "neutral", "ang": "angry", "exc": "excited", "fru": "frustrated"}
    assert all(paper.SIX[label] == paper.CODES[code] for code, label in codes.items())
    assert paper.SIX["happy"] - paper.CODES["hap"] == 53


def test_checks_of_the_six_classes(root):
    checks = {c.name: c for c in affecthub.verify("iemocap", root, "six").checks}
    assert (checks["turns"].expected, checks["turns"].found) == (7433, len(tree.IDS) - 1)
    assert (checks["turns of Ses05"].expected, checks["turns of Ses05"].found) == (1623, 3)
    assert (checks["class happy"].expected, checks["class happy"].found) == (648, 3)
