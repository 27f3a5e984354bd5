"""MER-UniBench from files as they are: the released answers, MERBench's labels, and broken ones."""

import json
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from affecthub.cli.main import app
from affecthub.metrics.answers.files import read_labels
from affecthub.metrics.mer_unibench.answer_files import answer_files, reference_files
from affecthub.metrics.mer_unibench.scores import score_folder
from affecthub.unibench import SETS, set_called

# Set -> the paper's Table 2, and its column; the answers are those of the paper's checkpoints.
PUBLISHED = {"mer2023": 78.54, "meld": 55.65, "cmu_mosi": 81.30}
# The epochs' scores by the reference code, in their order, rounded.
EPOCHS = {
    "mer2023": (72.55, 76.79, 73.44, 74.64, 78.54, 75.70, 73.69),
    "meld": (55.65, 55.42, 54.06, 54.80, 53.81, 54.98, 52.09),
    "cmu_mosi": (81.21, 78.48, 81.30, 80.74, 79.85, 79.53, 78.30),
}


@pytest.fixture(scope="module")
def folders(reference_data):
    return reference_data / "affectgpt_outputs", reference_data / "merbench_labels"


@pytest.fixture(scope="module")
def tables(reference_data):
    return reference_data / "emotion_wheel" / "mer2025"


@pytest.fixture(scope="module")
def replayed(folders, tables):
    return score_folder(*folders, lexicon=tables, partial=True)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_column_of_table_2_is_reproduced(replayed, name):
    entry = replayed["sets"][name]
    assert round(100 * entry["score"], 2) == PUBLISHED[name]
    assert entry["score"] == max(entry["by_checkpoint"].values())
    assert entry["n_clips"] == next(s.n_clips for s in SETS if s.name == name)
    rounded = tuple(round(100 * score, 2) for score in entry["by_checkpoint"].values())
    assert rounded == EPOCHS[name]


def test_the_rest_of_the_table_is_missing_and_said_to_be(replayed):
    assert set(replayed["sets"]) == set(PUBLISHED) and len(replayed["missing"]) == 6
    assert replayed["checkpoint"] == "best"
    own, *_, paper = replayed["table"]
    for column in ("MER2023", "MELD", "MOSI"):
        assert own[column] == paper[column]
    assert [reason.partition(":")[0] for reason in replayed["published"]["because"]] == ["sets"]


def test_a_checkpoint_may_be_chosen_without_the_test_set(folders, tables):
    scores = score_folder(*folders, lexicon=tables, partial=True, checkpoint="last")
    for name, epochs in EPOCHS.items():
        assert round(100 * scores["sets"][name]["score"], 2) == epochs[-1]
    assert any(reason.startswith("checkpoint") for reason in scores["published"]["because"])
    by_number = score_folder(*folders, lexicon=tables, partial=True, checkpoint=35)
    assert by_number["sets"]["meld"]["checkpoint"] == "checkpoint_000035_loss_0.597"
    with pytest.raises(ValueError, match="names 0 checkpoints in .*got 31, expected 'best', 'last"):
        score_folder(*folders, checkpoint=31)
    with pytest.raises(ValueError, match="names 7 checkpoints"):
        score_folder(*folders, checkpoint="loss")


def test_the_built_in_lexicon_is_within_three_points_of_the_published_choice(folders):
    # Epoch 50 of MER2023 and epoch 30 of MELD are the paper's.
    for name, epoch in (("mer2023", 50), ("meld", 30)):
        entry = score_folder(*folders, partial=True, checkpoint=epoch)["sets"][name]
        assert abs(100 * entry["score"] - PUBLISHED[name]) < 3


def test_descriptions_are_read_where_labels_are_not_wanted(folders, tables, tmp_path):
    # One checkpoint has what the model said: 78.54 and 53.81 by the paper's language model.
    scores = score_folder(*folders, lexicon=tables, partial=True, sentences=True)
    for name in PUBLISHED:
        entry = scores["sets"][name]
        assert entry["checkpoint"] == "checkpoint_000050_loss_0.527"
        assert abs(100 * entry["score"] - EPOCHS[name][4]) < 2
    # They are read without being asked for where there is nothing else.
    (tmp_path / "results-meld").mkdir()
    name = "checkpoint_000050_loss_0.527.npz"
    shutil.copy(folders[0] / "meld" / name, tmp_path / "results-meld" / name)
    alone = score_folder(tmp_path, folders[1], lexicon=tables, partial=True)
    assert alone["sets"]["meld"]["score"] == scores["sets"]["meld"]["score"]


def test_the_command_line_takes_the_folders_too(folders, tables):
    arguments = ["score", "mer_unibench", "--json", "--set", "partial=true", "--set"]
    arguments += ["checkpoint=40", "--lexicon", str(tables)]
    arguments += ["--predictions", str(folders[0]), "--references", str(folders[1])]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert round(100 * json.loads(result.stdout)["sets"]["cmu_mosi"]["score"], 2) == 81.30


def write_answers(path, **arrays):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **{name: np.array(value) for name, value in arrays.items()})


def test_answers_of_one_run_by_hand(tmp_path, toy):
    answers, references = tmp_path / "answers", tmp_path / "references"
    for epoch, labels in ((1, "[happy]"), (2, "['happy', 'sad']")):
        write_answers(
            answers / "results-sims" / f"checkpoint_{epoch:06d}-openset.npz",
            filenames=["b", "a"],
            fileitems=["[sad]", labels],
        )
    (references / "ch_sims").mkdir(parents=True)
    (references / "ch_sims" / "labels.csv").write_text("id,label\na,0.4\nb,-1.0\n")
    scores = score_folder(answers, references, lexicon=toy, partial=True)
    # Labels of a sentiment set are weighed: happy and sad together are neutral, which is negative.
    assert scores["sets"]["ch_sims"]["checkpoint"] == "checkpoint_000001"
    assert scores["sets"]["ch_sims"]["by_checkpoint"] == {
        "checkpoint_000001": 1.0,
        # Positive 0; negative 1 right, 2 predicted, 1 occurring: 2/3. Half each.
        "checkpoint_000002": pytest.approx(1 / 3),
    }


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"filenames": ["a"]}, "holds no answers: got arrays filenames, expected name2reason, or"),
        ({"filenames": ["a"], "fileitems": ["x", "y"]}, "of one length"),
        ({"filenames": ["a", "a"], "fileitems": ["x", "y"]}, "got a clip twice"),
    ],
)
def test_a_broken_npz_of_answers_is_named(tmp_path, arrays, message):
    write_answers(tmp_path / "x.npz", **arrays)
    with pytest.raises(ValueError, match=f"x.npz.*{message}"):
        read_labels(tmp_path / "x.npz")


def test_a_pickle_that_runs_something_is_refused(tmp_path):
    class Harm:
        def __reduce__(self):
            return (print, ("harm",))

    answers = np.empty((), dtype=object)
    answers[()] = Harm()
    np.savez(tmp_path / "x.npz", name2reason=answers)
    with pytest.raises(ValueError, match=r"asks for builtins\.print"):
        read_labels(tmp_path / "x.npz")


def test_labels_of_merbench_must_be_those_of_the_set(tmp_path):
    answers, references = tmp_path / "answers", tmp_path / "references"
    write_answers(answers / "meld.npz", filenames=["a"], fileitems=["joy"])
    labels = np.empty((), dtype=object)
    labels[()] = {"a": {"emo": 1, "val": -10}}
    (references / "meld").mkdir(parents=True)
    np.savez(references / "meld" / "label.npz", test_corpus=labels)
    with pytest.raises(ValueError, match="no labels of meld: got arrays test_corpus of 1"):
        score_folder(answers, references)
    labels[()] = {f"c{i}": {"emo": 7} for i in range(2610)}
    np.savez(references / "meld" / "label.npz", test_corpus=labels)
    with pytest.raises(ValueError, match="clip c0: got .* expected a label under 'emo'"):
        score_folder(answers, references)


def test_two_places_for_one_set_are_named(tmp_path):
    for name in ("sims", "ch_sims-process"):
        (tmp_path / name).mkdir()
    (tmp_path / "notes").mkdir()
    with pytest.raises(ValueError, match="two files for ch_sims: got ch_sims-process and sims"):
        answer_files(tmp_path)
    (tmp_path / "sims").rmdir()
    for name in ("a.csv", "b.csv"):
        (tmp_path / "ch_sims-process" / name).write_text("id,label\n")
    with pytest.raises(ValueError, match="several label files: got a.csv, b.csv"):
        reference_files(tmp_path)


def test_folders_are_known_by_what_the_releases_call_them():
    for test_set in SETS:
        assert set_called(test_set.name) == test_set.name
    called = {
        "mer2023-dataset-process": "mer2023",
        "results-iemocapfour": "iemocap",
        "CMUMOSEI": "cmu_mosei",
        "simsv2-process": "ch_sims_v2",
        "OV-MERD+": "ov_merd",
        "mer2025": None,
        "label": None,
    }
    assert {name: set_called(name) for name in called} == called


def test_what_tells_of_a_journals_runs_is_no_checkpoint(tmp_path):
    (tmp_path / "meld").mkdir()
    for name in ("e1.jsonl", "e1.runs.jsonl"):
        (tmp_path / "meld" / name).write_text('{"id": "a", "prediction": "joy"}\n')
    (found,) = answer_files(tmp_path)["meld"]
    assert found.path.name == "e1.jsonl" and found.checkpoint is None
