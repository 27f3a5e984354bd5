"""Corpora pushed to a Hub and loaded by `datasets` alone: the same rows, whole and streamed."""

import hashlib
import json
from importlib import import_module
from pathlib import Path

import pytest
from corpus_trees import mer_unibench

import affecthub
from affecthub.entries import entry_of
from affecthub.hub_cards.datasets import stage_benchmark, stage_dataset
from affecthub.hub_cards.publishing import publish

MEDIA = ("audio", "video", "face")
# Every corpus that may be passed on, and those whose labels may.
CORPORA = {
    "crema_d": True,
    "demo": True,
    "ravdess": True,
    "emotiontalk": False,
    "meld": False,
}

# Loads up to three configurations of every repository and writes them, media as their digest.
STOCK = """
import hashlib, json, sys
import datasets

def plain(row):
    for kind in ("audio", "video", "face"):
        if isinstance(row.get(kind), dict):
            row[kind] = hashlib.sha256(row[kind]["bytes"]).hexdigest()
    return row

def rows(sets):
    plainly = {split: map(plain, side) for split, side in sets.items()}
    return {split: sorted(side, key=lambda row: row["id"]) for split, side in plainly.items()}

got = {}
for repo in json.loads(sys.argv[1]):
    names = datasets.get_dataset_config_names(repo)
    default = datasets.get_dataset_default_config_name(repo)
    found = {"names": names, "default": default, "configs": {}}
    for name in names[:3]:
        whole = datasets.load_dataset(repo, name)
        found["configs"][name] = rows(whole)
        if name == default:
            assert datasets.load_dataset(repo).num_rows == whole.num_rows
            streamed = rows(datasets.load_dataset(repo, streaming=True))
            assert streamed == found["configs"][name], repo
    got[repo] = found
with open(sys.argv[2], "w") as file:
    json.dump(got, file)
"""


def digest(item: dict | None) -> str | None:
    if item is None:
        return None
    data = Path(item["path"]).read_bytes() if item["bytes"] is None else item["bytes"]
    return hashlib.sha256(data).hexdigest()


def expected(corpus: affecthub.Corpus, protocol: str, cache: Path, *, media: bool) -> dict:
    """The rows of `Corpus.load`, as the other process writes them."""
    opened = affecthub.Corpus(corpus.name, corpus.data_dir, corpus.config, protocol=protocol)
    sides = {}
    for split, side in opened.load(cache_dir=cache).items():
        rows = []
        for row in side:
            for kind in MEDIA:
                if kind in row:
                    item = row[kind]
                    # By path: where it lies below the corpus' folder.
                    below = item and str(Path(item["path"]).relative_to(corpus.data_dir))
                    row[kind] = digest(item) if media else below
            left = () if media else entry_of(corpus.name).labels_without
            rows.append({name: value for name, value in row.items() if name not in left})
        if rows:
            sides[split] = sorted(rows, key=lambda row: row["id"])
    return json.loads(json.dumps(sides))


@pytest.mark.slow
def test_pushed_and_loaded_without_us(hub_client, stock_python, tmp_path):
    opened = {}
    for name, embed in CORPORA.items():
        tree = import_module(f"corpus_trees.{name}")
        opened[name] = affecthub.Corpus(name, tree.make(tmp_path / name))
        staged = stage_dataset(opened[name], tmp_path / f"{name}-staged", embed_media=embed)
        publish(staged, f"org/{name}")
    sets = mer_unibench.make(tmp_path / "sets")
    staged = stage_benchmark(tmp_path / "bench", sets, partial=True)
    publish(staged, "org/bench")

    repositories = json.dumps([f"org/{name}" for name in (*CORPORA, "bench")])
    code = f"import sys\nsys.argv = ['', {repositories!r}, {str(tmp_path / 'got')!r}]\n{STOCK}"
    stock_python(code, hub_client.environment(tmp_path / "home"))
    got = json.loads((tmp_path / "got").read_text())

    for name, embed in CORPORA.items():
        corpus, found = opened[name], got[f"org/{name}"]
        protocols = corpus.entry.protocols
        assert found["default"] == protocols[0] and found["names"][0] == protocols[0]
        assert found["names"][:3] == list(found["configs"]) and {*found["names"]} <= {*protocols}
        for protocol in found["configs"]:
            ours = expected(corpus, protocol, tmp_path / "cache", media=embed)
            assert found["configs"][protocol] == ours
    assert found["configs"]  # the loop above compared something
    bench = got["org/bench"]["configs"]
    assert set(bench) == {"default", "all"} and len(bench["default"]) == 9
    assert sum(map(len, bench["default"].values())) == len(bench["all"]["test"])
