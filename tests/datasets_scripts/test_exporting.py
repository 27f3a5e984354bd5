"""Exports that load without this package, what may be pushed, and the opt-in registration."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import affecthub
from affecthub.datasets_scripts import packaged
from affecthub.datasets_scripts.exports.card_head import HUB_LICENCES, hub_licence
from affecthub.entries import entries
from affecthub.hub_cards.publishing.exports import publish_export

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
kind = corpus["test"].features["audio"]
embedded = kind == datasets.Audio(decode=False)
assert embedded or kind == datasets.Value("string")  # a path that nothing tries to open
media = [row["audio"], row["video"]]
if embedded:
    assert all(item["bytes"] for item in media)
    media = [item["path"] for item in media]
got["media"] = [embedded, *media]
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
        packaged.register()


def test_export_stays_out_of_the_corpus(tmp_path, trees):
    root = trees.write_tables(tmp_path / "corpus")
    with pytest.raises(ValueError, match="inside the corpus, expected a folder elsewhere"):
        affecthub.export("emotiontalk", root / "export", root)
    assert not (root / "export").exists()


def test_unknown_form_and_roots_of_an_export(tmp_path, trees):
    root = trees.write_tables(tmp_path / "corpus")
    with pytest.raises(ValueError, match="unknown `to`: got 'parquett'.*Did you mean 'parquet'"):
        affecthub.export("emotiontalk", tmp_path / "o", root, to="parquett")
    with pytest.raises(ValueError, match="unknown root of emotiontalk"):
        affecthub.export("emotiontalk", tmp_path / "o", root, roots={"meld": root})
    with pytest.raises(ValueError, match="expected 'chat-jsonl'"):
        affecthub.export("emotiontalk", tmp_path / "o", root, answer="emotion")
    assert not (tmp_path / "o").exists()


def test_parquet_gives_the_same_rows(tmp_path, trees, load):
    import datasets

    from affecthub.media import load_waveform

    root = trees.make(tmp_path / "corpus")
    (root / "Multimodal" / "mp4" / f"{trees.clip_path(trees.IDS[0])}.mp4").write_bytes(b"no film")
    out = affecthub.export("emotiontalk", tmp_path / "out", root)
    again = datasets.load_dataset(str(out), "official", cache_dir=tmp_path / "c")
    for split, rows in load("emotiontalk", data_dir=root).items():
        assert again[split].features == rows.features
        for a, b in zip(rows.sort("id"), again[split].sort("id"), strict=True):
            for kind in ("audio", "video"):
                assert (a[kind] is None) == (b[kind] is None)
            assert load_waveform(a["audio"]).tolist() == load_waveform(b["audio"]).tolist()
            media = dict.fromkeys(("audio", "video"))
            assert {**a, **media} == {**b, **media}
    assert "- 1 clips have media" in (out / "README.md").read_text()


@pytest.mark.parametrize("name", affecthub.list_datasets())
def test_licence_of_a_card_is_one_the_hub_knows(name):
    fields = hub_licence(entries()[name])
    assert fields["license"] in {*HUB_LICENCES.values(), "other"}
    other = fields["license"] == "other"
    assert ("license_name" in fields) == ("license_link" in fields) == other


def test_push_is_private_unless_asked(tmp_path, hub_client):
    from corpus_trees import demo

    root = demo.make(tmp_path / "corpus")
    out = affecthub.export("demo", tmp_path / "out", root, to="chat-jsonl", push_to="demo")
    repository = hub_client.repository("dataset", "tester/demo")
    assert repository.private
    sent = hub_client.files("dataset", "tester/demo")
    assert sent == {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in out.rglob("*")
        if path.is_file()
    }
    assert "train.jsonl" in sent and "README.md" in sent
    demo = affecthub.Corpus("demo", root)
    _, url = publish_export(demo, tmp_path / "o3", "demo", private=False, embed_media=False)
    assert url == f"{hub_client.url}/datasets/tester/demo" and not repository.private
    # What an earlier export left is gone.
    assert "train.jsonl" not in hub_client.files("dataset", "tester/demo")
    with pytest.raises(ValueError, match="that everybody can see, expected a private one"):
        affecthub.export("demo", tmp_path / "o2", root, push_to="demo")
    assert not (tmp_path / "o2").exists()


def test_push_needs_the_right(tmp_path, trees, hub_client):
    root = trees.write_tables(tmp_path / "corpus")
    with pytest.raises(ValueError, match="accept the corpus' conditions.*--i-have-the-right"):
        affecthub.export("emotiontalk", tmp_path / "out", root, push_to="talk")
    assert hub_client.requests == [] and not (tmp_path / "out").exists()
    out = affecthub.export(
        "emotiontalk", tmp_path / "out", root, push_to="talk", i_have_the_right=True
    )
    assert "do not let you pass this copy on" in (out / "README.md").read_text()
    # Nobody reads it without having asked.
    assert hub_client.repository("dataset", "tester/talk").gated == "manual"


def test_nothing_is_exported_for_a_wrong_token(tmp_path, trees, hub_client, monkeypatch):
    root = trees.write_tables(tmp_path / "corpus")
    monkeypatch.setenv("HF_TOKEN", hub_client.tokens["wrong"])
    with pytest.raises(OSError, match="got 401 .*hf auth login") as caught:
        affecthub.export(
            "emotiontalk", tmp_path / "out", root, push_to="talk", i_have_the_right=True
        )
    assert not (tmp_path / "out").exists()
    assert hub_client.tokens["wrong"] not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_command_line_exports(tmp_path, trees):
    root = trees.write_tables(tmp_path / "corpus")
    command = [sys.executable, "-m", "affecthub", "data", "export", "emotiontalk"]
    arguments = ["--data-dir", root, "--to", "chat-jsonl", "--question", "How?", "--json"]
    run = subprocess.run([*command, tmp_path / "out", *arguments], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["splits"][0] == {
        "protocol": "official",
        "split": "train",
        "clips": 5,
    }
    assert "How?" in (tmp_path / "out" / "train.jsonl").read_text()
    for wrong, message in (
        (["--push", "me/talk"], "--i-have-the-right"),
        (["--root", "meld"], "expected NAME=PATH"),
        (["--root", "meld=/x"], "unknown root of emotiontalk"),
    ):
        run = subprocess.run(
            [*command, tmp_path / "o2", *arguments, *wrong], capture_output=True, text=True
        )
        assert run.returncode == 1 and message in run.stderr


def test_a_split_cannot_lead_out_of_the_export(tmp_path, trees):
    root = trees.write_tables(tmp_path / "corpus")
    mine = {"column": "speaker_id", "splits": {"../train": ["14"]}}
    (tmp_path / "mine.json").write_text(json.dumps(mine))
    for to in ("parquet", "webdataset", "chat-jsonl"):
        with pytest.raises(ValueError, match=r"a split '\.\./train', expected letters"):
            affecthub.export(
                "emotiontalk", tmp_path / "out", root, protocol=str(tmp_path / "mine.json"), to=to
            )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["corpus", "mine.json"]
