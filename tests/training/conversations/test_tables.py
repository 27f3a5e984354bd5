"""Tables 13 and 14 on a small corpus in the released layout."""

import csv
import random

import pytest

from affecthub.training.conversations import tables_13_14
from affecthub.training.conversations.tables import MODELS

LABELS = ("neutral", "happy", "sad", "angry", "surprised")
# Recording group to how many dialogues it gets here: training, validation, and both of test.
GROUPS = {"G00009": 26, "G00001": 4, "G00003": 2, "G00015": 2}


@pytest.fixture(scope="module")
def small_emotiontalk(tmp_path_factory):
    """Labels and transcripts of 34 dialogues of ten utterances; words follow the text's label."""
    root = tmp_path_factory.mktemp("emotiontalk")
    rng = random.Random(0)
    words = [chr(0x4E00 + i) for i in range(40)]
    clips = []
    for group, n in GROUPS.items():
        for number in range(n):
            for place in range(10):
                session = f"{group}_{number + 10:02d}"
                speaker = f"{session}_{('09', '10')[rng.random() < 0.5]}"
                text, audio = rng.choice(LABELS), rng.choice(LABELS)
                own = LABELS.index(text) * 8
                said = "".join(rng.choice(words[own : own + 8]) for _ in range(12))
                path = f"{group}/{session}/{speaker}/{speaker}_{place + 1:03d}"
                clips.append((path, text, audio, said))
    for name, end, column in (("mm", "mp4", 2), ("audio", "wav", 2)):
        lines = [("file_name", "emotion"), *((f"{c[0]}.{end}", c[column]) for c in clips)]
        _write(root / f"{name}.csv", lines)
    _write(
        root / "transcription.csv",
        [("name", "emotion", "chinese"), *((c[0], c[1], c[3]) for c in clips)],
    )
    return root


def _write(path, lines):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)


@pytest.mark.slow
def test_rows_of_both_tables(small_emotiontalk, tmp_path):
    models = ("erc_bigru_causal", "epc_bigru")
    how = {"data_dir": small_emotiontalk, "output_dir": tmp_path, "quick": True}
    rows = tables_13_14(**how, models=models, progress=False)
    titles = {
        table: [
            row["model"] for row in rows if (row["modality"], row["table"]) == ("speech", table)
        ]
        for table in (13, 14)
    }
    erc = ["CMN", "ICON", "DialogueRNN", "DialogueGCN", "BiGRU", "BiGRU, causal"]
    assert titles == {13: erc, 14: ["BiGRU", "AVEF", "DEP", "EAMT"]}
    assert not any(row["ran"] for row in rows if row["modality"] == "speech")
    ran = [row for row in rows if row["ran"]]
    assert {row["model"] for row in ran if row["kind"] == "model"} == {"BiGRU, causal", "BiGRU"}
    assert all(
        row["seeds"] == [0] and row["f1"]["sd"] is None for row in ran if row["kind"] == "model"
    )
    deployable = [row for row in ran if "by the recogniser" in row["model"]]
    assert len(deployable) == 3 and {row["table"] for row in deployable} == {14}
    (forecast,) = (row for row in ran if row["recipe"] == "epc_bigru")
    assert set(forecast["apart"]) == {"G00003", "G00015"} and forecast["in_paper"]
    assert {row["n"] for row in ran if row["table"] == 14} == {forecast["n"]}
    assert any("outside of the set" in note for note in forecast["notes"])


def test_what_is_no_table_or_model_is_refused(tmp_path):
    how = {"data_dir": tmp_path, "output_dir": tmp_path}
    with pytest.raises(ValueError, match="unknown table of conversations: got 12"):
        tables_13_14(**how, tables=(12,))
    with pytest.raises(ValueError, match="Did you mean 'epc_avef'"):
        tables_13_14(**how, models=("epc_avf",))
    assert sum(len(each) for each in MODELS.values()) == 10
