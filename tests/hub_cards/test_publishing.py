"""A push ends in the folder as it is, by one commit, whatever happens on its way."""

import pytest
from staged_folders import contents, dataset

from affecthub.hub_cards.publishing import HubError, publish, retries
from affecthub.hub_cards.publishing.words import plain

COMMIT = r"/commit/"
PLACE = "affecthub-push-"


@pytest.fixture(autouse=True)
def pauses(monkeypatch):
    """The pauses before another try, which take no time here."""
    slept = []
    monkeypatch.setattr(retries.time, "sleep", slept.append)
    return slept


def history(hub, repo_id="tester/moods", revision="main", kind="dataset"):
    return [commit.title for commit in hub.repository(kind, repo_id).log(revision)]


def test_first_push(hub_client, tmp_path):
    hub, plans = hub_client, []
    staged = dataset(tmp_path / "out")
    done = publish(staged, "moods", confirm=plans.append)
    assert hub.files("dataset", "tester/moods") == contents(staged.folder)
    repository = hub.repository("dataset", "tester/moods")
    assert repository.private and list(repository.branches) == ["main"]
    assert history(hub) == ["Moods, by affecthub", "initial commit"]
    assert done.commit == repository.head("main") and done.changed
    assert done.url == f"{hub.url}/datasets/tester/moods"
    assert len(hub.uploads()) == 2
    (plan,) = plans
    assert not plan.exists and len(plan.changes.new) == 4 and not plan.resumed
    assert "cc0-1.0" in repr(plan) and "of them large │ 2, 12.0 kB" in repr(plan)
    assert "data/part-0.parquet" in repr(plan) and "you and your organization alone" in repr(plan)


def test_push_again(hub_client, tmp_path):
    hub, plans = hub_client, []
    staged = dataset(tmp_path / "out")
    publish(staged, "org/moods")
    before = len(hub.requests)
    again = publish(staged, "org/moods", confirm=plans.append)
    assert not again.changed and not plans[0].changes
    assert {request.method for request in hub.requests[before:]} == {"GET"}
    changed = dataset(tmp_path / "new", seed=1, n_large=1)
    (changed.folder / "data" / "part-0.parquet").write_bytes(bytes([0, 0]) * 3000)
    publish(changed, "org/moods", confirm=plans.append)
    assert [file.path for file in plans[1].changes.changed] == ["notes.txt"]
    assert plans[1].changes.gone == ("data/part-1.parquet",)
    assert hub.files("dataset", "org/moods") == contents(changed.folder)
    assert len(history(hub, "org/moods")) == 3 and len(hub.uploads()) == 2


def test_what_others_put_there_stays(hub_client, tmp_path):
    from huggingface_hub import HfApi

    staged = dataset(tmp_path / "out")
    publish(staged, "moods")
    HfApi().upload_file(
        path_or_fileobj=b"[]",
        path_in_repo=".eval_results/others.yaml",
        repo_id="tester/moods",
        repo_type="dataset",
    )
    assert not publish(staged, "moods").changed
    assert ".eval_results/others.yaml" in hub_client.files("dataset", "tester/moods")


def test_public_only_once_all_is_there(hub_client, tmp_path):
    hub, seen = hub_client, []

    def look():
        repository = hub.repository("dataset", "tester/moods")
        seen.append((repository.private, repository.gated))

    hub.before(r"/preupload/|/commit/", look, on=None)
    staged = dataset(tmp_path / "out", gated="manual")
    publish(staged, "moods", private=False)
    assert seen and set(seen) == {(True, "manual")}
    repository = hub.repository("dataset", "tester/moods")
    assert not repository.private and repository.gated == "manual"
    # It is seen by everybody now; a private push would not be private.
    with pytest.raises(ValueError, match="that everybody can see, expected a private one"):
        publish(staged, "moods")


def test_other_branch(hub_client, tmp_path):
    hub = hub_client
    first, second = dataset(tmp_path / "a"), dataset(tmp_path / "b", seed=1)
    publish(first, "moods")
    done = publish(second, "moods", revision="v2")
    assert done.revision == "v2"
    assert hub.files("dataset", "tester/moods", "v2") == contents(second.folder)
    assert hub.files("dataset", "tester/moods") == contents(first.folder)
    third = dataset(tmp_path / "c", seed=2)
    publish(third, "moods", revision="v2")
    assert hub.files("dataset", "tester/moods", "v2") == contents(third.folder)
    assert sorted(hub.repository("dataset", "tester/moods").branches) == ["main", "v2"]
    hub.repository("dataset", "tester/moods").tag("v1", "main")
    with pytest.raises(ValueError, match="which is a tag, expected a branch"):
        publish(third, "moods", revision="v1")


def test_pull_request_for_others_to_look_at(hub_client, tmp_path):
    hub = hub_client
    first, second = dataset(tmp_path / "a"), dataset(tmp_path / "b", seed=1)
    publish(first, "moods")
    done = publish(second, "moods", create_pr=True)
    assert done.pull_request == 1 and done.url.endswith("/datasets/tester/moods/discussions/1")
    assert hub.files("dataset", "tester/moods", "refs/pr/1") == contents(second.folder)
    assert hub.files("dataset", "tester/moods") == contents(first.folder)
    repository = hub.repository("dataset", "tester/moods")
    assert repository.discussion(1).status == "open"
    assert publish(second, "moods", create_pr=True).pull_request == 1
    repository.merge(1, "tester")
    assert hub.files("dataset", "tester/moods") == contents(second.folder)
    assert not publish(second, "moods", create_pr=True).changed
    with pytest.raises(ValueError, match="expected one of them"):
        publish(second, "moods", create_pr=True, revision="v2")
    with pytest.raises(ValueError, match="got a dataset that is not there"):
        publish(second, "other", create_pr=True)


def test_pull_request_of_an_outsider(hub_client, tmp_path, monkeypatch):
    hub = hub_client
    publish(dataset(tmp_path / "a"), "moods", private=False)
    monkeypatch.setenv("HF_TOKEN", hub.tokens["stranger"])
    second = dataset(tmp_path / "b", seed=1)
    with pytest.raises(HubError, match="got the owner 'tester', expected one of stranger"):
        publish(second, "tester/moods", private=False)
    publish(second, "tester/moods", private=False, create_pr=True)
    assert hub.files("dataset", "tester/moods", "refs/pr/1") == contents(second.folder)


def test_many_files_go_in_several_commits_and_show_in_one(hub_client, tmp_path, monkeypatch):
    from affecthub.hub_cards.publishing import difference

    monkeypatch.setattr(difference, "MAX_FILES", 3)
    hub = hub_client
    staged = dataset(tmp_path / "out", n_large=6)
    publish(staged, "moods")
    commits = [r for r in hub.requests if "/commit/" in r.path and r.status == 200]
    assert [r.path.split("/")[-1].startswith(PLACE) for r in commits] == [True] * 3 + [False]
    assert len(history(hub)) == 2 and len(hub.uploads()) == 6
    assert hub.files("dataset", "tester/moods") == contents(staged.folder)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_commit_is_tried_again(hub_client, tmp_path, pauses, status):
    hub, lines = hub_client, []
    hub.fail(COMMIT, status, on=(1, 2, 4), Retry_After="7")
    staged = dataset(tmp_path / "out")
    publish(staged, "moods", say=lines.append)
    assert pauses == [7, 7, 7] and sum("Trying again in 7 s" in line for line in lines) == 3
    assert hub.files("dataset", "tester/moods") == contents(staged.folder)
    assert len(hub.uploads()) == 2 and len(history(hub)) == 2


def test_tries_end(hub_client, tmp_path, pauses):
    hub = hub_client
    hub.fail(COMMIT, 503)
    with pytest.raises(HubError, match="got 503 .*what was sent is kept"):
        publish(dataset(tmp_path / "out"), "moods")
    assert len(pauses) == retries.TRIES - 1
    assert pauses == sorted(pauses) and pauses[-1] > 8
    assert hub.files("dataset", "tester/moods") == {}
    hub.mend()
    hub.fail(COMMIT, 429, Retry_After="3600")
    pauses.clear()
    with pytest.raises(HubError, match="got 429"):
        publish(dataset(tmp_path / "out2"), "moods")
    assert pauses == []
    hub.mend()
    publish(dataset(tmp_path / "out3"), "moods")
    assert len(hub.uploads()) == 2


def test_lost_answers_do_nothing_twice(hub_client, tmp_path):
    hub = hub_client
    staged = dataset(tmp_path / "out")
    # Made, but nobody heard of it: the repository, the branch, each commit, the end of the branch.
    hub.lose(r"/api/repos/create", on=(1,))
    hub.lose(r"/branch/", on=(1, 3))
    hub.lose(COMMIT, on=(1, 2))
    publish(staged, "moods")
    repository = hub.repository("dataset", "tester/moods")
    assert list(repository.branches) == ["main"] and len(history(hub)) == 2
    assert hub.files("dataset", "tester/moods") == contents(staged.folder)
    hub.mend()
    hub.lose("/discussions", on=(2,))
    other = dataset(tmp_path / "b", seed=1)
    publish(other, "moods", create_pr=True)
    assert list(repository.discussions) == [1]


def test_changed_meanwhile(hub_client, tmp_path):
    hub = hub_client
    first, second = dataset(tmp_path / "a"), dataset(tmp_path / "b", seed=1)
    publish(first, "moods")
    repository = hub.repository("dataset", "tester/moods")

    def somebody():
        repository.add("main", dict(repository.files("main")), "by hand", "", "org")

    # Before the last look at the branch, and between the look and the commit: 412 of the Hub.
    for pattern, word in ((rf"/commit/{PLACE}", "meanwhile"), (r"/commit/main", "got 412")):
        hub.mend()
        hub.before(pattern, somebody)
        with pytest.raises(HubError, match=word) as caught:
            publish(second, "moods")
        assert "Push again" in str(caught.value)
        assert hub.files("dataset", "tester/moods") == contents(first.folder)
    hub.mend()
    plans = []
    publish(second, "moods", confirm=plans.append)
    assert plans[0].resumed and hub.files("dataset", "tester/moods") == contents(second.folder)
    # The large files came once, though the push was made three times.
    assert len(hub.uploads()) == len(set(hub.uploads())) == 4


def test_other_content_than_sent_is_not_shown(hub_client, tmp_path):
    hub = hub_client
    first, second = dataset(tmp_path / "a"), dataset(tmp_path / "b", seed=1)
    publish(first, "moods")
    repository = hub.repository("dataset", "tester/moods")

    def spoil():
        (place,) = [name for name in repository.branches if name.startswith(PLACE)]
        files = dict(repository.files(place))
        files["notes.txt"] = files["README.md"]
        repository.add(place, files, "spoiled", "", "org")

    # The second listing of the branch is the one that compares.
    hub.before(rf"/tree/{PLACE}", spoil, on=(2,))
    with pytest.raises(HubError, match=r"got other content on .*\(notes.txt\), expected the same"):
        publish(second, "moods")
    assert hub.files("dataset", "tester/moods") == contents(first.folder)


def test_no_confirmation_no_change(hub_client, tmp_path):
    def refuse(plan):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        publish(dataset(tmp_path / "out"), "moods", confirm=refuse)
    assert {request.method for request in hub_client.requests} == {"GET"}
    assert hub_client.store.repositories == {}


def test_words_hold_no_secret():
    text = "403 for https://s3.eu/x/y?X-Amz-Signature=abc&t=hf_abcdefghij\n by Bearer my-own-token"
    assert plain(text, "my-own-token") == "403 for https://s3.eu/x/y by Bearer <token>"
    assert plain("with hf_AbCdEfGh123 in it", None) == "with <token> in it"
