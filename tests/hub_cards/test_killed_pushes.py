"""A push that is killed, and made again, ends where one that was left alone does."""

import os
import signal
import subprocess
import sys

import pytest
from hub_faults import Fault
from staged_folders import contents, dataset

from affecthub.hub_cards.publishing import publish

PUSH = """
import sys
from pathlib import Path
from affecthub.hub_cards.publishing import publish
from affecthub.hub_cards.staged import Staged

publish(Staged(Path(sys.argv[1]), "dataset", "Moods, by affecthub", gated="auto"), "moods",
        private=False)
"""
# The request, which of its kind, and what of it comes: nothing, some bytes, or all but the answer.
POINTS = {
    "the repository is made": ("POST", "/api/repos/create", 1, 0),
    "it is gated": ("PUT", "/settings", 1, 0),
    "the branch is made": ("POST", "/branch/affecthub-push", 1, 0),
    "the Hub is asked how files go": ("POST", "/preupload/", 1, 0),
    "the Hub is asked which large files it has": ("POST", "/objects/batch", 1, 0),
    "half a large file is there": ("PUT", "/_lfs/object", 1, 1000),
    "some large files are there": ("PUT", "/_lfs/object", 3, 0),
    "all large files are there": ("POST", "/commit/affecthub-push", 1, 0),
    "the commit is made and the answer is not": ("POST", "/commit/affecthub-push", 1, None),
    "the branch is compared": ("GET", "/tree/affecthub-push", 2, 0),
    "main is about to change": ("POST", "/commit/main", 1, 0),
    "main has changed and the answer is not there": ("POST", "/commit/main", 1, None),
    "the branch is deleted": ("DELETE", "/branch/affecthub-push", 1, 0),
    "it is made public": ("PUT", "/settings", 2, 0),
}


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_killed_and_made_again(hub_client, tmp_path, point):
    hub = hub_client
    staged = dataset(tmp_path / "out", n_large=4, gated="auto")
    wanted = contents(staged.folder)
    method, pattern, on, after = POINTS[point]
    process = subprocess.Popen(
        [sys.executable, "-c", PUSH, staged.folder],
        env=hub.environment(tmp_path / "home"),
        stderr=subprocess.DEVNULL,
    )
    killed = Fault(pattern, method, {on}, after=after, lost=after is None)
    killed.action = lambda: os.kill(process.pid, signal.SIGKILL)
    hub.befall(killed)
    assert process.wait(300) == -signal.SIGKILL

    # What others see is nothing, or all of it.
    repository = hub.store.repositories.get(("dataset", "tester/moods"))
    if repository is not None:
        assert hub.files("dataset", "tester/moods") in ({}, wanted)
        assert repository.private
    hub.mend()
    publish(staged, "moods", private=False)
    assert hub.files("dataset", "tester/moods") == wanted
    repository = hub.repository("dataset", "tester/moods")
    assert list(repository.branches) == ["main"] and not repository.private
    assert repository.gated == "auto"
    assert [commit.title for commit in repository.log("main")] == [staged.message, "initial commit"]
    assert sorted(hub.uploads()) == sorted(set(hub.uploads())) and len(hub.uploads()) == 4
    # And there is nothing left to do.
    assert not publish(staged, "moods", private=False).changed


@pytest.mark.parametrize(
    "pattern", ["/_lfs/object", "/preupload", "/commit/", "/tree/", "/objects/batch", "/branch/"]
)
def test_cut_connections(hub_client, tmp_path, monkeypatch, pattern):
    from affecthub.hub_cards.publishing import retries

    monkeypatch.setattr(retries.time, "sleep", lambda seconds: None)
    hub = hub_client
    staged = dataset(tmp_path / "out")
    hub.drop(pattern, after=10, on=(1,))
    publish(staged, "moods")
    assert hub.files("dataset", "tester/moods") == contents(staged.folder)
    assert len(list(hub.repository("dataset", "tester/moods").log("main"))) == 2
    assert len(hub.uploads()) == len(set(hub.uploads())) == 2
