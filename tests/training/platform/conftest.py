"""A folder of two short dialogues, and a platform on it with people signed in."""

from pathlib import Path

import pytest
from annotating import LABELS, TASK, Platform
from corpus_trees.media import clip_video

from affecthub.datasets_scripts.corpus import Corpus
from affecthub.training.platform.app import make_app
from affecthub.training.platform.clips import Clips, open_project
from affecthub.training.platform.media import MediaFiles
from affecthub.training.platform.people import make_tokens
from affecthub.training.platform.store import Store


@pytest.fixture(scope="session")
def tree(tmp_path_factory) -> Path:
    """Five clips: a dialogue of three turns, one of two; the last has no text."""
    root = tmp_path_factory.mktemp("annotated") / "corpus"
    root.mkdir()
    lines = ["id,file,text,speaker,dialogue,emotion,split"]
    for i in range(5):
        (root / f"c{i}.mp4").write_bytes(clip_video(i))
        text = "" if i == 4 else f"sentence {i}, 第{i}句"
        split = "train" if i < 3 else "test"
        lines.append(f'c{i},c{i}.mp4,"{text}",s{i % 2},d{i // 3},{LABELS[i % 4]},{split}')
    (root / "clips.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def clips(tree) -> Clips:
    return Clips(Corpus("folder", tree))


@pytest.fixture
def begin(clips, tmp_path):
    """Begin a project: ``begin(task)``; annotators ann, bob and cem, reviewers rex and ruth."""
    stores = []

    def begin_(task=None, url=None):
        store = Store(url or f"sqlite:///{tmp_path / 'work.db'}")
        stores.append(store)
        project = open_project(store, clips, task or TASK, LABELS, "a task", seed=0)
        tokens = make_tokens(store, ["ann", "bob", "cem"], "annotator")
        tokens |= make_tokens(store, ["rex", "ruth"], "reviewer")
        folder = tmp_path / "made"
        folder.mkdir(exist_ok=True)
        app = make_app(store, project, MediaFiles(clips, folder))
        return Platform(store=store, project=project, app=app, tokens=tokens)

    yield begin_
    for store in stores:
        store.close()
