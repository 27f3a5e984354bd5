"""CREMA-D: intended and perceived labels, votes, ties, people, and pointers of Git LFS."""

import pytest
from corpus_trees import crema_d
from corpus_trees.damage import POINTER
from corpus_trees.media import clip_wav, put

import affecthub
from affecthub import Corpus
from affecthub.datasets_scripts import verify
from affecthub.media import load_frames, load_waveform

LABELS = ["anger", "disgust", "fear", "happy", "neutral", "sad"]


def rows_of(root, config="intended"):
    """Finished rows without media, by clip, labels by name."""
    rows = Corpus("crema_d", root, config).annotations()
    return {row["id"]: row for row in rows.to_pylist()}


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return crema_d.write_tables(tmp_path_factory.mktemp("crema_d"))


def test_names_say_what_was_intended(tables):
    row = rows_of(tables)["1002_DFA_ANG_MD"]
    assert (row["emotion"], row["emotion_basic7"], row["intensity"]) == ("anger", "anger", "medium")
    assert row["text"] == "Don't forget a jacket." and row["sentence"] == "DFA"
    assert row["speaker_id"] == row["group_id"] == "1002" and row["language"] == "en"
    people = [row[f"actor_{name}"] for name in ("age", "sex", "race", "ethnicity")]
    assert people == [21, "female", "Caucasian", "Not Hispanic"]
    assert rows_of(tables)["1001_IEO_NEU_XX"]["intensity"] is None


def test_votes_and_shares_are_in_label_order(tables):
    row = rows_of(tables)["1001_IEO_HAP_LO"]
    # Six of nine said neutral of the sound, five of six happy of the film.
    assert row["votes_audio"] == [0, 0, 0, 3, 6, 0] and row["emotion_audio"] == "neutral"
    assert row["votes_video"] == [0, 0, 0, 5, 1, 0] and row["emotion_video"] == "happy"
    assert row["shares_audio"] == pytest.approx([0, 0, 0, 1 / 3, 2 / 3, 0])
    assert row["voted_audio"] == ["neutral"] and row["level_audio"] == [71.0]


@pytest.mark.parametrize("config", ["perceived", "perceived_audio", "perceived_video"])
def test_perceived_labels_leave_ties_null(tables, config):
    source = {"perceived": 2, "perceived_audio": 0, "perceived_video": 1}[config]
    rows = rows_of(tables, config)
    assert list(rows) == list(crema_d.CLIPS)
    for clip, answers in crema_d.CLIPS.items():
        letters = crema_d.top(answers[source])
        label = LABELS[crema_d.LETTERS.index(letters)] if len(letters) == 1 else None
        assert rows[clip]["emotion"] == label, clip
    assert rows["1002_WSI_DIS_XX"]["voted_audiovisual"] == ["anger", "disgust"]
    assert rows["1002_WSI_DIS_XX"]["level_audiovisual"] == [50.0, 55.25]


@pytest.mark.parametrize("alone", ["write_summary", "write_votes"])
def test_either_table_of_votes_is_enough(tables, tmp_path, alone):
    getattr(crema_d, alone)(tmp_path)
    both, one = rows_of(tables, "perceived"), rows_of(tmp_path, "perceived")
    assert one.keys() == both.keys()
    for clip, row in one.items():
        for name in ("emotion", "emotion_audio", "voted_video", "level_audiovisual"):
            assert row[name] == both[clip][name], (clip, name)
        assert (row["votes_audio"] is None) == (alone == "write_summary")
        assert row["actor_age"] is None


def test_files_alone_have_intended_labels(tmp_path):
    for clip in crema_d.CLIPS:
        put(tmp_path / "AudioWAV" / f"{clip}.wav", clip_wav(0))
    rows = rows_of(tmp_path)
    assert sorted(rows) == sorted(crema_d.CLIPS)
    assert {row["emotion_audiovisual"] for row in rows.values()} == {None}
    with pytest.raises(ValueError, match=r"got no votes.*summaryTable\.csv or tabulatedVotes\.csv"):
        rows_of(tmp_path, "perceived")


def test_the_wav_goes_before_the_mp3(tmp_path, load):
    root = crema_d.make(tmp_path / "crema_d")
    rows = {row["id"]: row for row in load("crema_d", data_dir=root, split="train")}
    assert rows["1001_IEO_HAP_LO"]["audio"]["path"].endswith("AudioWAV/1001_IEO_HAP_LO.wav")
    # One clip's sound has a name with a single X.
    assert rows["1040_ITH_SAD_XX"]["audio"]["path"].endswith("AudioWAV/1040_ITH_SAD_X.wav")
    assert load_waveform(rows["1040_ITH_SAD_XX"]["audio"]).size
    assert load_frames(rows["1040_ITH_SAD_XX"]["video"], 2).shape == (2, 112, 112, 3)


def test_pointers_of_git_lfs_are_no_media(tmp_path, load):
    root = crema_d.make(tmp_path / "crema_d")
    for path in (root / "VideoFlash").iterdir():
        path.write_bytes(POINTER)
    (root / "AudioWAV" / "1001_IEO_HAP_LO.wav").write_bytes(POINTER)
    rows = {row["id"]: row for row in load("crema_d", data_dir=root, split="train")}
    assert all(row["video"] is None for row in rows.values())
    issue = "video file is a pointer, its content not fetched"
    assert rows["1001_IEO_NEU_XX"]["media_issue"] == issue
    # Where only the mp3 was fetched, it is the sound.
    assert rows["1001_IEO_HAP_LO"]["audio"]["path"].endswith("AudioMP3/1001_IEO_HAP_LO.mp3")
    report = verify("crema_d", root)
    assert report.media["issues"] == {issue: len(crema_d.CLIPS)}
    assert report.media["video"]["missing"] == len(crema_d.CLIPS)
    with pytest.raises(FileNotFoundError, match="is a pointer"):
        load("crema_d", data_dir=root, on_missing_media="error")


@pytest.mark.parametrize("name", ["SentenceFilenames.csv", "processedResults/tabulatedVotes.csv"])
def test_a_table_that_is_a_pointer_says_so(tmp_path, name):
    root = crema_d.write_tables(tmp_path)
    (root / name).write_bytes(POINTER)
    with pytest.raises(ValueError, match=rf"{name}: got a Git LFS pointer.*git lfs pull"):
        rows_of(root)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "SentenceFilenames.csv",
            "1002_DFA_ANG_MD",
            "1002_DFA_JOY_MD",
            r"line 4: got '1002_DFA_JOY",
        ),
        ("VideoDemographics.csv", "1001,51", "1001,old", r"line 2: got 'old' as `Age`"),
        ("VideoDemographics.csv", "1002,", "1001,", r"clip '1001' stands 2 times"),
        ("processedResults/summaryTable.csv", '"A:D"', '"A:X"', r"line 4: got \('A:X', '50:55.25'"),
        ("processedResults/summaryTable.csv", "50:55.25", "50", r"as many numbers from 0 to 100"),
        (
            "processedResults/tabulatedVotes.csv",
            '"100003",5',
            '"100003",five',
            "line 4: got 'five'",
        ),
        ("processedResults/tabulatedVotes.csv", '"300001"', '"400001"', "line 18: got '400001'"),
    ],
)
def test_one_clear_message_for_each_mistake(tmp_path, name, old, new, message):
    root = crema_d.write_tables(tmp_path)
    text = (root / name).read_text()
    assert old in text
    (root / name).write_text(text.replace(old, new, 1))
    with pytest.raises(ValueError, match=message):
        rows_of(root)


def test_tables_that_disagree_are_reported(tmp_path):
    root = crema_d.write_tables(tmp_path)
    path = root / "processedResults/tabulatedVotes.csv"
    lines = path.read_text().splitlines()
    # The first clip's sound: ten neutral and one happy become ten happy.
    lines[1] = lines[1].replace("0,0,0,1,10,0", "0,0,0,10,0,0")
    path.write_text("\n".join(lines[:-1]) + "\n")
    corpus = Corpus("crema_d", root)
    assert corpus.problems == [
        "processedResults/tabulatedVotes.csv: the votes of 1 rows are not as many as "
        "`numResponses`, first line 2; the votes are used",
        "tabulatedVotes.csv contradicts summaryTable.csv on `voted_audio` of 1 clips, first "
        "1001_IEO_NEU_XX; summaryTable.csv is used",
    ]
    row = rows_of(root)["1001_IEO_NEU_XX"]
    assert row["emotion_audio"] == "neutral" and row["votes_audio"] == [0, 0, 0, 10, 0, 0]


def test_clips_that_a_table_lacks_are_reported(tmp_path):
    root = crema_d.write_tables(tmp_path)
    path = root / "SentenceFilenames.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    assert Corpus("crema_d", root).problems == [
        "SentenceFilenames.csv lacks 1 of 8 clips, first 1040_ITH_SAD_XX"
    ]
    assert len(rows_of(root)) == 8


def test_answers_are_compared_with_the_paper(tables):
    checks = {check.name: check for check in verify("crema_d", tables).checks}
    # Answers to the sound alone that name what was intended, clip by clip: 10+3+5+3+6+7+1+1 = 36.
    name = "answers that name the intended emotion, audio, %"
    n = sum(len(modes[0]) for modes in crema_d.CLIPS.values())
    assert checks[name].found == round(100 * 36 / n, 2) and checks[name].expected == 40.9
    assert checks["ties, audiovisual"].found == 1 and checks["ties, audio"].found == 1


# The released tables.


@pytest.fixture(scope="module")
def released(reference_data):
    return reference_data / "crema_d"


def test_as_released(released):
    report = affecthub.verify("crema_d", released)
    assert report.ok and report.rows == 7442 and report.speakers == 91
    assert [check.name for check in report.checks if not check.ok] == []
    assert len(report.checks) == 22
    # 3,099, 4,931 and 5,374 of 7,442 clips.
    assert report.agreement == {
        "intended and audio": 41.64,
        "intended and video": 66.26,
        "intended and audiovisual": 72.21,
    }


def test_perceived_as_released_against_a_plain_reading(released):
    import csv

    with open(released / "summaryTable.csv", newline="") as stream:
        lines = list(csv.DictReader(stream))
    rows = rows_of(released, "perceived")
    assert len(rows) == len(lines)
    for line in lines:
        row = rows[line["FileName"]]
        for name, mode in (("Voice", "audio"), ("Face", "video"), ("MultiModal", "audiovisual")):
            letters = line[f"{name}Vote"].split(":")
            assert [label[0].upper() for label in row[f"voted_{mode}"]] == letters
            levels = [float(part) for part in line[f"{name}Level"].split(":")]
            assert row[f"level_{mode}"] == pytest.approx(levels)
    assert sum(row["emotion"] is None for row in rows.values()) == 420


def test_speaker_independent_as_released(released):
    sides = Corpus("crema_d", released, "perceived", protocol="speaker_independent").sides()
    assert {name: part.num_rows for name, part in sides.items()} == {
        "train": 5158,
        "validation": 890,
        "test": 1394,
    }
    women = [part["actor_sex"].to_pylist().count("female") / len(part) for part in sides.values()]
    assert max(women) - min(women) < 0.03
