"""Where the corpora of a recipe lie, and what is said where they do not."""

import pytest
from corpus_trees import mer_caption

from affecthub.training.mixtures.folders import corpus_folder, load_corpus, parse_folders
from affecthub.training.recipe import load_recipe

MORE = load_recipe("demo", more_corpora=[{"corpus": "mer_caption", "protocol": "official"}])


def test_paths_and_names(tmp_path):
    (tmp_path / "a=b").mkdir()
    assert parse_folders([]) is None
    assert parse_folders([str(tmp_path / "a=b")]) == str(tmp_path / "a=b")
    assert parse_folders(["demo=x", "mer_caption=y=z"]) == {"demo": "x", "mer_caption": "y=z"}
    with pytest.raises(ValueError, match="no name for other: expected --data-dir NAME=PATH"):
        parse_folders(["demo=x", "other"])


def test_one_folder_holds_one_of_each(tmp_path):
    (tmp_path / "demo").mkdir()
    assert corpus_folder(tmp_path, load_recipe("demo"), "demo") == tmp_path
    assert corpus_folder(tmp_path, MORE, "demo") == tmp_path / "demo"
    with pytest.raises(FileNotFoundError, match="folder of mer_caption.*mer_caption=PATH for each"):
        corpus_folder(tmp_path, MORE, "mer_caption")


def test_names_are_of_the_recipe(tmp_path):
    named = {"demo": tmp_path}
    with pytest.raises(ValueError, match="no folder of mer_caption: got --data-dir for demo"):
        corpus_folder(named, MORE, "mer_caption")
    with pytest.raises(ValueError, match="unknown name of a folder.*Did you mean 'demo'"):
        corpus_folder(named | {"dmo": tmp_path}, MORE, "demo")


def test_folders_that_complete_a_corpus_go_to_it(tmp_path):
    root = mer_caption.write_subtitles(mer_caption.write_tables(_made(tmp_path / "labels")))
    mer_caption.write_media(_made(tmp_path / "clips"))
    recipe = load_recipe("demo", corpus="mer_caption", protocol="official")
    clips = load_corpus(recipe, {"mer_caption": root, "media": tmp_path / "clips"})["train"]
    assert clips[0]["video"]["path"].startswith(str(tmp_path / "clips"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"corpus": "mer_captoin"}, "unknown corpus: got 'mer_captoin'.*Did you mean 'mer_caption"),
        ({"corpus": "mer_caption"}, "protocol of mer_caption: got 'speaker_independent'"),
        ({"protocol": "oficial"}, "unknown protocol of demo: got 'oficial'.*mean 'official'"),
    ],
)
def test_unknown_corpora_and_protocols_are_refused(tmp_path, fields, message):
    with pytest.raises(ValueError, match=message):
        load_corpus(load_recipe("demo", **fields), tmp_path)


def _made(folder):
    folder.mkdir()
    return folder
