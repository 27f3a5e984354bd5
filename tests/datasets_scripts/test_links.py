"""Whole corpora behind links, and what is never followed: a path that a file names."""

import pytest
from corpus_trees import folder, meld, mer_caption

import affecthub
from affecthub.datasets_scripts.reading.layout import Tree


def as_hub_download(root, repo):
    """The files of a folder as ``snapshot_download`` lays them out: links into ``blobs``."""
    snapshot = repo / "snapshots" / "89ab01"
    (repo / "blobs").mkdir(parents=True)
    for i, path in enumerate(sorted(path for path in root.rglob("*") if path.is_file())):
        (repo / "blobs" / f"{i:040x}").write_bytes(path.read_bytes())
        link = snapshot / path.relative_to(root)
        link.parent.mkdir(parents=True, exist_ok=True)
        up = "/".join([".."] * (len(link.relative_to(repo).parts) - 1))
        link.symlink_to(f"{up}/blobs/{i:040x}")
    return snapshot


def media_of(rows, kind="video"):
    return {row["id"]: row[kind] and row["media_issue"] is None for row in rows}


def test_a_download_of_the_hub_loads_as_the_folder_does(tmp_path, load):
    whole = mer_caption.make(tmp_path / "whole")
    snapshot = as_hub_download(whole, tmp_path / "datasets--MERChallenge--MER2025")
    linked = load("mer_caption", data_dir=snapshot, split="train")
    plain = load("mer_caption", data_dir=whole, split="train")
    said = ["id", "text", "open_vocabulary", "description", "media_issue"]
    assert linked.select_columns(said)[:] == plain.select_columns(said)[:]
    assert all(media_of(linked).values())
    assert affecthub.verify("mer_caption", snapshot).problems == []


def test_clips_that_lie_on_another_disk(tmp_path, load):
    """A folder beside the csv is a link, as on a cluster with one copy of the clips."""
    whole = meld.raw(tmp_path / "disk2")
    root = meld.write_csv(tmp_path / "MELD")
    for path in sorted(whole.rglob("dia*.mp4")):
        link = root / path.parent.name
        if not link.exists():
            link.symlink_to(path.parent, target_is_directory=True)
    rows = [row for split in load("meld", data_dir=root).values() for row in split]
    expected = [row for split in load("meld", data_dir=whole).values() for row in split]
    assert media_of(rows) == media_of(expected) and any(media_of(rows).values())


@pytest.mark.parametrize("path", ["../secret.wav", "/etc/secret.wav", "wav/../../secret.wav"])
def test_a_path_that_an_annotation_names_never_leaves_the_folder(tmp_path, path):
    """Even through a linked folder, which itself is followed."""
    (tmp_path / "disk2").mkdir()
    (tmp_path / "secret.wav").write_bytes(b"secret")
    root = tmp_path / "corpus"
    root.mkdir()
    (root / "wav").symlink_to(tmp_path / "disk2", target_is_directory=True)
    (tmp_path / "disk2" / "c0.wav").write_bytes(b"x")
    (root / "labels.csv").write_text(f"file,emotion\nwav/c0.wav,sad\n{path},sad\n")
    assert [file.path for file in Tree.scan(root).files] == ["labels.csv", "wav/c0.wav"]
    with pytest.raises(ValueError, match=r"labels\.csv, line 3: path leaves the data folder"):
        affecthub.verify("folder", root)


def test_links_that_lead_nowhere_are_one_problem(tmp_path):
    root = folder.make(tmp_path / "corpus")
    media = sorted(path for path in root.rglob("*") if path.suffix in (".wav", ".mp4"))
    for path in media:
        path.unlink()
        path.symlink_to(tmp_path / "not fetched" / path.name)
    report = affecthub.verify("folder", root)
    (problem,) = [line for line in report.problems if "links to nothing" in line]
    assert f"{len(media) - 1} more" in problem and not report.ok
