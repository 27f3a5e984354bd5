"""When ``verify`` is content: what is a fault, and what the command's exit code says."""

import json
import shutil

import pytest
from corpus_trees import demo, meld, mer2024
from typer.testing import CliRunner

import affecthub
from affecthub.cli.main import app
from affecthub.datasets_scripts.verifying.report import Check, VerifyReport
from affecthub.datasets_scripts.verifying.verify import verify as verify_builder
from affecthub.entries import entry_of


def report(**fields) -> VerifyReport:
    told = {
        **dict(corpus="c", config="default", data_dir="d", layout="l", rows=2, splits={"train": 2}),
        **dict(dialogues=0, speakers=0, shared_speakers=[], shared_groups={}),
        "label_counts": {"train": {"sad": 2}, "total": {"sad": 2}},
        "media": {"issues": {}, "examples": {}},
    }
    return VerifyReport(**{**told, **fields})


def media(found, missing, broken, kind="audio", issue="audio file missing", **more):
    counts = {"found": found, "missing": missing, "broken": broken}
    return {kind: counts, "issues": {issue: 1}, "examples": {issue: "c1"}, **more}


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        ({}, []),
        ({"problems": ["a.csv: broken"]}, ["a.csv: broken"]),
        ({"checks": [Check.compare("rows", 3, 2)]}, ["rows: stated 3, found 2"]),
        ({"checks": [Check.compare("rows", 3, 2, note="a slip of the paper")]}, []),
        ({"checks": [Check.compare("rows", 3, 2, note="files hold 2", noted=2)]}, []),
        # A note explains what the release holds, not what any folder holds.
        (
            {"checks": [Check.compare("rows", 3, 1, note="files hold 2", noted=2)]},
            ["rows: stated 3, found 1"],
        ),
        ({"media": media(2, 0, 0)}, []),
        ({"media": media(0, 2, 0)}, []),  # annotations alone, as many use them
        (
            {"media": media(1, 1, 0)},
            ["audio: 1 clips missing (audio file missing), first c1"],
        ),
        (
            {"media": media(2, 0, 1, issue="audio: cannot be read")},
            ["audio: 1 clips broken (audio: cannot be read), first c1"],
        ),
        ({"media": media(1, 1, 0, kind="face")}, []),  # cut from the film by whoever wants them
        ({"media": media(1, 1, 1, known={"audio": {"missing": 1, "broken": 1}})}, []),
        (
            {"media": media(1, 2, 1, known={"audio": {"missing": 1, "broken": 1}})},
            ["audio: 1 clips missing (audio file missing), first c1"],
        ),
    ],
)
def test_faults(fields, faults):
    made = report(**fields)
    assert made.faults == faults and made.ok is not bool(faults)
    assert made.to_dict()["faults"] == faults
    assert str(made)


def run(*arguments):
    return CliRunner().invoke(app, ["data", "verify", *map(str, arguments)])


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return demo.make(tmp_path_factory.mktemp("demo") / "corpus")


def test_a_whole_corpus_passes(whole):
    done = run("demo", "--data-dir", whole)
    assert done.exit_code == 0 and "Not as it should be" not in done.output


@pytest.mark.parametrize("damage", ["missing", "empty", "cut"])
def test_media_that_are_missing_or_broken_fail(whole, tmp_path, damage):
    root = shutil.copytree(whole, tmp_path / "corpus")
    path = min((root / "audio").rglob("*.wav"))
    data = path.read_bytes()
    path.unlink() if damage == "missing" else path.write_bytes(
        b"" if damage == "empty" else data[:9]
    )
    done = run("demo", "--data-dir", root)
    assert done.exit_code == 1
    assert "Not as it should be: audio: 1 clips" in done.output and path.stem in done.output
    told = json.loads(run("demo", "--data-dir", root, "--json").output)
    assert not told["ok"] and len(told["faults"]) == 1


def test_a_folder_of_pointers_is_one_fault_per_modality(tmp_path):
    root = meld.make(tmp_path / "corpus")
    films = list(root.rglob("*.mp4"))
    for path in films:
        path.write_bytes(b"version https://git-lfs.github.com/spec/v1\nsize 43000\n")
    made = affecthub.verify("meld", root)
    lines = [problem for problem in made.problems if "Git LFS pointer" in problem]
    assert len(lines) == 1 and f"{len(films) - 1} more" in lines[0] and "`git lfs pull`" in lines[0]
    assert made.media["video"]["found"] == 0
    assert "video file is a pointer, its content not fetched" in made.media["issues"]


def test_the_exit_code_on_released_files(reference_data):
    done = run("cmu_mosi", "--data-dir", reference_data / "merbench_labels" / "cmumosi")
    assert done.exit_code == 0, done.output
    done = run("emotiontalk", "--data-dir", reference_data / "emotiontalk")
    assert done.exit_code == 0 and "MISMATCH" in done.output  # 742 dialogues, and known
    done = run("mer_unibench", "--data-dir", reference_data / "merbench_labels")
    assert done.exit_code == 1 and "iemocap: not there" in done.output.replace("\n", "")


def test_splits_without_labels_are_counted(tmp_path):
    """Hidden test labels, and a pool of which no clip is labelled."""
    root = mer2024.make(tmp_path / "corpus")
    for path in root.rglob("test*label.csv"):
        path.unlink()
    for config in ("labeled", "unlabeled"):
        done = run("mer2024", "--data-dir", root, "--config", config)
        assert done.exception is None or isinstance(done.exception, SystemExit)
        made = affecthub.verify("mer2024", root, config)
        (clips,) = [section for section in made.sections() if section.title == "Clips"]
        assert {len(row) for row in clips.rows} == {len(clips.columns)}


def test_a_clip_that_the_release_lacks_is_told_apart(tmp_path, monkeypatch):
    builder = entry_of("meld").builder_class()(data_dir=str(meld.make(tmp_path / "corpus")))
    clip = builder.rows()["id"][0].as_py()
    broken = next(p for p in builder.rows()["video"].to_pylist() if p)["path"]
    with open(broken, "wb") as film:
        film.write(b"no film")
    monkeypatch.setattr(type(builder), "BROKEN_AS_RELEASED", frozenset({clip}))
    made = verify_builder(builder)
    assert made.media["video"]["broken"] == 1
    assert made.media["known"]["video"] == {"missing": 0, "broken": 1}
    assert not [fault for fault in made.faults if fault.startswith(("video", "audio"))]


RELEASED = {
    "meld": ("meld", "meld", None),
    "meld, processed": ("meld", "merbench_labels/meld", None),
    "emotiontalk": ("emotiontalk", "emotiontalk", None),
    "cmu_mosi": ("cmu_mosi", "merbench_labels/cmumosi", None),
    "ch_sims": ("ch_sims", "merbench_labels/sims", None),
    "ch_sims_v2": ("ch_sims_v2", "merbench_labels/simsv2", None),
    "mer2023": ("mer2023", "merbench_labels/mer2023-dataset", None),
    "emer v1": ("emer", "emer", "v1"),
    "ov_merd": ("ov_merd", "ov_store", None),
    "ov_merd of MER2025": ("ov_merd", "mer2025", None),
    "mer_caption": ("mer_caption", "mer2025", None),
    "emos films": ("emos", "emos", "streaming_clips"),
}


@pytest.mark.parametrize("case", RELEASED)
def test_released_files_have_no_faults(reference_data, case):
    name, folder, config = RELEASED[case]
    assert affecthub.verify(name, reference_data / folder, config).faults == []


def test_a_protocol_that_the_files_do_not_tell(reference_data, load):
    """MERBench's copy of MELD names no speakers, which no split can then keep apart."""
    folder = reference_data / "merbench_labels" / "meld"
    message = (
        r"protocol 'speaker_independent' of meld: got the layout 'processed', whose files do not "
        r"name the speaker of any clip, expected one whose files do\."
    )
    with pytest.raises(ValueError, match=message):
        load("meld", data_dir=folder, protocol="speaker_independent")
    with pytest.raises(ValueError, match=message):
        affecthub.Corpus("meld", folder, protocol="speaker_independent").sides()
