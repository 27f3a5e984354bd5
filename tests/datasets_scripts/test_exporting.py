"""Parquet that plain `datasets` loads without this package, and the opt-in registration."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import affecthub
from affecthub.datasets_scripts import registry

# Loads an export where `import affecthub` fails, and prints what it got.
WITHOUT_US = """
import sys, json
sys.modules["affecthub"] = None
import datasets
got = {}
for protocol in ("official", "speaker_independent"):
    corpus = datasets.load_dataset(sys.argv[1], protocol, cache_dir=sys.argv[2])
    got[protocol] = {name: sorted(split["id"]) for name, split in corpus.items()}
row = corpus["test"][0]
assert corpus["test"].features["audio"] == datasets.Audio(decode=False)
got["media"] = [row["audio"]["bytes"] is not None, row["audio"]["path"], row["video"]["path"]]
got["emotion"] = corpus["test"].features["emotion"].int2str(row["emotion"])
print(json.dumps(got))
"""


def load_elsewhere(folder: Path, cache: Path) -> dict:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_US, folder, cache], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("embed", [True, False])
@pytest.mark.parametrize("tars", [True, False])
def test_export_loads_without_us(tmp_path, trees, load, embed, tars):
    root = trees.write_media(trees.write_json(tmp_path / "corpus"))
    if tars:
        trees.pack_tars(root)
    out = affecthub.export("emotiontalk", tmp_path / "out", root, embed_media=embed)
    got = load_elsewhere(out, tmp_path / "cache2")
    for protocol in ("official", "speaker_independent"):
        ours = load("emotiontalk", data_dir=root, protocol=protocol)
        assert got[protocol] == {name: sorted(split["id"]) for name, split in ours.items()}
    embedded, audio, video = got["media"]
    assert embedded == embed and got["emotion"] in trees.LABELS
    # Paths of this machine never leave it.
    assert str(tmp_path) not in audio + video
    if not embed:
        assert audio.startswith("Audio.tar/wav/G" if tars else "Audio/wav/G")
    files = [path for path in out.rglob("*.parquet")]
    assert len(files) == 4  # train, validation, G00003, G00015: each clip once


def test_card_of_an_export(tmp_path, trees):
    root = trees.write_tables(tmp_path / "corpus")
    out = affecthub.export("emotiontalk", tmp_path / "out", root, protocol="official")
    card = (out / "README.md").read_text(encoding="utf-8")
    head = yaml.safe_load(card.split("---")[1])
    assert head["license"] == "cc-by-nc-sa-4.0" and head["language"] == ["zh"]
    assert [config["config_name"] for config in head["configs"]] == ["official"]
    assert "do not let you pass this copy on" in card
    assert "| official | train | 5 |" in card


def test_export_does_not_overwrite(tmp_path, trees):
    root = trees.write_tables(tmp_path / "corpus")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("")
    with pytest.raises(ValueError, match="`out_dir`.*expected an empty folder"):
        affecthub.export("emotiontalk", tmp_path / "out", root)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_unknown_protocol_of_an_export(tmp_path, trees):
    with pytest.raises(ValueError, match="unknown protocol of emotiontalk"):
        affecthub.export("emotiontalk", tmp_path / "o", tmp_path, protocol="oficial")


REGISTERED = """
import sys, affecthub, datasets
root, cache = sys.argv[1:]
affecthub.register()
corpus = datasets.load_dataset("emotiontalk", "four", data_dir=root, cache_dir=cache,
                               protocol="speaker_independent", num_proc=2)
ours = affecthub.load_dataset("emotiontalk", "four", data_dir=root, cache_dir=cache,
                              protocol="speaker_independent")
assert corpus.num_rows == ours.num_rows and corpus["train"].features == ours["train"].features
assert corpus["train"][:] == ours["train"][:]
stream = datasets.load_dataset("emotiontalk", data_dir=root, streaming=True, split="train")
print(len(list(stream)))
"""


@pytest.mark.slow
def test_registered_corpora_load_by_name(tmp_path, trees):
    root = trees.write_tables(tmp_path / "corpus")
    arguments = [sys.executable, "-c", REGISTERED, root, tmp_path / "cache"]
    run = subprocess.run(arguments, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "5"


def test_register_refuses_versions_it_does_not_know(monkeypatch):
    import datasets

    monkeypatch.setattr(datasets, "__version__", "6.0.0")
    with pytest.raises(
        ImportError, match=r"does not know datasets 6\.0\.0.*affecthub\.load_dataset"
    ):
        registry.register()
