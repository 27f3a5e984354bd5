"""Every corpus in every form: the same clips come back, and no path of this machine leaves it."""

import json
import re
from importlib import import_module

import datasets
import pytest

import affecthub
from affecthub.datasets_scripts import list_datasets
from affecthub.entries import entry_of
from affecthub.hub_cards.cards import check_metadata, empty_sections, split_card


@pytest.fixture(scope="module", params=list_datasets())
def corpus(request, tmp_path_factory):
    """A corpus' name, a small folder of it, and its other roots."""
    tree = import_module(f"corpus_trees.{request.param}")
    folder = tmp_path_factory.mktemp(request.param)
    roots = tree.roots(folder / "roots") if hasattr(tree, "roots") else None
    return request.param, tree.make(folder / "corpus"), roots


def ids(rows):
    return {name: sorted(split["id"]) for name, split in rows.items() if len(split)}


def check_card(name, folder, *, embed):
    """The Hub's rules, nothing empty, every column told, sizes as they are."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    head, body = split_card(text)
    assert check_metadata(head, "dataset") == [] and empty_sections(text) == []
    # No table has an empty meaning, no link leads to a file of the repository of code.
    columns = re.findall(r"^\| `\w+` \| [^|]+ \| (.*) \|$", body, re.MULTILINE)
    assert columns and all(meaning.strip() for meaning in columns)
    assert not re.search(r"\]\((?!https?:)", body) and str(folder.parent) not in text
    infos = head["dataset_info"]
    for info in infos if isinstance(infos, list) else [infos]:
        told = {split["name"]: split["num_examples"] for split in info["splits"]}
        config = next(c for c in head["configs"] if c["config_name"] == info["config_name"])
        assert list(told) == [files["split"] for files in config["data_files"]]
        for split, n in told.items():
            assert f"| {info['config_name']} | {split} | {n} |" in body
        files = {
            path
            for each in config["data_files"]
            for pattern in ([each["path"]] if isinstance(each["path"], str) else each["path"])
            for path in folder.glob(pattern)
        }
        assert info["download_size"] >= sum(path.stat().st_size for path in files) > 0
    entry = entry_of(name)
    if not entry.may_redistribute and embed:
        assert head["viewer"] is False and "do not let you pass this copy on" in body
        assert ("extra_gated_prompt" in head) == bool(entry.accept)
    else:
        assert entry.may_redistribute <= ("viewer" not in head)


@pytest.mark.slow
@pytest.mark.parametrize("embed", [True, False])
def test_parquet_and_webdataset_hold_the_rows(corpus, load, tmp_path, embed):
    name, root, roots = corpus
    ours = load(name, data_dir=root, roots=roots)
    options = {"roots": roots, "embed_media": embed}
    folder = affecthub.export(name, tmp_path / "parquet", root, **options)
    check_card(name, folder, embed=embed)
    rows = datasets.load_dataset(str(folder), "official", cache_dir=tmp_path / "c")
    assert ids(rows) == ids(ours)
    for split in rows:
        media = {"audio", "video", "face"} & set(ours[split].features)
        by_path = {} if embed else dict.fromkeys(media, datasets.Value("string"))
        assert rows[split].features == {**ours[split].features, **by_path}
        for row in rows[split]:
            assert str(tmp_path.parent) not in json.dumps(row, default=repr)
            for kind in media:
                found = row[kind]
                assert found is None or (found["bytes"] if embed else not found.startswith("/"))
    folder = affecthub.export(name, tmp_path / "tars", root, to="webdataset", **options)
    check_card(name, folder, embed=embed)
    samples = datasets.load_dataset(str(folder), "official", cache_dir=tmp_path / "c")
    for split in ids(ours):
        found = sorted(sample["json"]["id"] for sample in samples[split])
        assert found == sorted(ours[split]["id"])
        for sample in samples[split]:
            assert str(tmp_path.parent) not in json.dumps(sample["json"])


@pytest.mark.slow
def test_chat_holds_the_clips_with_an_answer(corpus, load, tmp_path):
    name, root, roots = corpus
    out = affecthub.export(name, tmp_path / "chat", root, to="chat-jsonl", roots=roots)
    check_card(name, out, embed=True)
    chats = datasets.load_dataset(str(out), "official", cache_dir=tmp_path / "c")
    rows = load(name, data_dir=root, roots=roots)
    for split in chats:
        assert set(chats[split]["id"]) <= set(rows[split]["id"])
        for chat in chats[split]:
            user, assistant = chat["messages"]
            assert assistant["content"]
            for kind in ("video", "audio"):
                files = chat.get(f"{kind}s", [])
                assert user["content"].count(f"<{kind}>") == len(files)
                assert all((out / file).is_file() for file in files)
