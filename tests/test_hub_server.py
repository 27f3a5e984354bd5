"""The Hub of the tests answers its client as the real one does."""

import os

import httpx
import httpx2
import pytest
from hub_server import HubServer
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    ModelCard,
    snapshot_download,
)
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

BIG = os.urandom(3000)


@pytest.fixture
def api(hub_client: HubServer) -> HfApi:
    return HfApi(endpoint=hub_client.url, token=hub_client.tokens["write"])


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "folder"
    (made / "data").mkdir(parents=True)
    (made / "README.md").write_text("---\nlicense: mit\n---\n\n# A\n")
    (made / "data" / "rows.parquet").write_bytes(BIG)
    (made / "empty.txt").write_text("")
    return made


def make(api: HfApi, kind: str = "model", **options) -> str:
    options |= {"space_sdk": "gradio"} if kind == "space" else {}
    return api.create_repo("org/name", repo_type=kind, **options).repo_id


@pytest.mark.parametrize("kind", ["model", "dataset", "space"])
def test_a_folder_comes_back_as_it_went(hub, api, folder, tmp_path, kind) -> None:
    repo_id = make(api, kind)
    if kind == "space":
        (folder / "README.md").write_text("---\nsdk: gradio\n---\n")
    api.upload_folder(folder_path=folder, repo_id=repo_id, repo_type=kind)
    got = snapshot_download(repo_id, repo_type=kind, local_dir=tmp_path / "got")
    for path in ("README.md", "data/rows.parquet", "empty.txt"):
        assert (tmp_path / "got" / path).read_bytes() == (folder / path).read_bytes(), got
    assert len(hub.uploads()) == 1
    listed = {f.path: f for f in api.list_repo_tree(repo_id, recursive=True, repo_type=kind)}
    assert listed["data/rows.parquet"].lfs.size == 3000 and "data" in listed
    names = api.list_repo_files(repo_id, repo_type=kind)
    assert names == [".gitattributes", "README.md", "data/rows.parquet", "empty.txt"]
    assert api.file_exists(repo_id, "data/rows.parquet", repo_type=kind)
    assert not api.file_exists(repo_id, "data/none.parquet", repo_type=kind)


def test_what_is_unchanged_makes_no_commit(hub, api, folder) -> None:
    make(api)
    first = api.upload_folder(folder_path=folder, repo_id="org/name")
    again = api.upload_folder(folder_path=folder, repo_id="org/name")
    assert again.oid == first.oid and len(api.list_repo_commits("org/name")) == 2
    (folder / "empty.txt").write_text("no more")
    api.upload_folder(folder_path=folder, repo_id="org/name")
    assert len(api.list_repo_commits("org/name")) == 3 and len(hub.uploads()) == 1


def test_large_files_come_in_parts(hub, api, folder) -> None:
    make(api)
    hub.multipart_bytes = 1000
    api.upload_folder(folder_path=folder, repo_id="org/name")
    assert hub.files("model", "org/name")["data/rows.parquet"] == BIG
    assert len([r for r in hub.requests if r.path.startswith("/_lfs/part/")]) == 3


def test_a_commit_on_what_is_no_longer_the_head_is_refused(hub, api) -> None:
    make(api)
    old = api.model_info("org/name").sha
    add = [CommitOperationAdd("a.txt", b"1")]
    api.create_commit("org/name", add, commit_message="one", parent_commit=old)
    with pytest.raises(HfHubHTTPError) as caught:
        api.create_commit(
            "org/name", [CommitOperationAdd("b.txt", b"2")], commit_message="2", parent_commit=old
        )
    assert caught.value.response.status_code == 412
    assert list(hub.files("model", "org/name")) == ["a.txt"]
    api.create_commit("org/name", [CommitOperationDelete("a.txt")], commit_message="gone")
    assert hub.files("model", "org/name") == {}


def test_branches_tags_and_history(api, folder) -> None:
    make(api)
    api.create_branch("org/name", branch="draft")
    api.upload_folder(folder_path=folder, repo_id="org/name", revision="draft")
    assert "README.md" in api.list_repo_files("org/name", revision="draft")
    assert api.list_repo_files("org/name") == [".gitattributes"]
    api.create_tag("org/name", tag="v1", revision="draft")
    refs = api.list_repo_refs("org/name", include_pull_requests=True)
    assert [b.name for b in refs.branches] == ["main", "draft"] and refs.tags[0].name == "v1"
    with pytest.raises(HfHubHTTPError):
        api.create_branch("org/name", branch="draft")
    api.create_branch("org/name", branch="draft", exist_ok=True)
    api.super_squash_history("org/name", branch="draft", commit_message="all")
    assert [c.title for c in api.list_repo_commits("org/name", revision="draft")] == ["all"]
    api.delete_branch("org/name", branch="draft")
    api.delete_tag("org/name", tag="v1")
    with pytest.raises(RevisionNotFoundError):
        api.list_repo_files("org/name", revision="draft")
    with pytest.raises(HfHubHTTPError):
        api.delete_branch("org/name", branch="main")


def test_a_pull_request_is_opened_filled_and_merged(hub, api, folder) -> None:
    make(api)
    opened = api.create_pull_request("org/name", title="More", description="All of it.")
    assert opened.status == "draft" and opened.git_reference == "refs/pr/1"
    api.upload_folder(folder_path=folder, repo_id="org/name", revision=opened.git_reference)
    assert hub.files("model", "org/name") == {}
    with pytest.raises(HfHubHTTPError):  # a draft does not merge
        api.merge_pull_request("org/name", opened.num)
    api.change_discussion_status("org/name", opened.num, "open")
    api.comment_discussion("org/name", opened.num, "Good.")
    api.merge_pull_request("org/name", opened.num)
    details = api.get_discussion_details("org/name", opened.num)
    assert details.status == "merged" and details.merge_commit_oid
    assert [e.content for e in details.events if e.type == "comment"] == ["All of it.", "Good."]
    assert set(hub.files("model", "org/name")) == {"README.md", "data/rows.parquet", "empty.txt"}
    assert api.list_repo_commits("org/name")[0].title == "More (#1)"
    assert [d.num for d in api.get_repo_discussions("org/name", discussion_status="closed")] == [1]


def test_a_commit_opens_a_pull_request(hub, api, folder) -> None:
    make(api)
    done = api.upload_folder(folder_path=folder, repo_id="org/name", create_pr=True)
    assert done.pr_num == 1 and done.pr_revision == "refs/pr/1"
    assert hub.files("model", "org/name") == {}
    api.create_commit(
        "org/name", [CommitOperationAdd("README.md", b"# Other\n")], commit_message="another"
    )
    assert api.get_discussion_details("org/name", 1).conflicting_files == ["README.md"]
    with pytest.raises(HfHubHTTPError) as caught:
        api.merge_pull_request("org/name", 1)
    assert caught.value.response.status_code == 409


def test_tokens_say_what_may_be_done(hub, api) -> None:
    make(api, private=True)
    assert api.whoami()["auth"]["accessToken"]["role"] == "write"
    reader = HfApi(endpoint=hub.url, token=hub.tokens["read"])
    assert reader.model_info("org/name").private
    add = [CommitOperationAdd("a.txt", b"1")]
    with pytest.raises(HfHubHTTPError, match="write token"):
        reader.create_commit("org/name", add, commit_message="a")
    stranger = HfApi(endpoint=hub.url, token=hub.tokens["stranger"])
    nobody = HfApi(endpoint=hub.url, token=False)
    for other in (stranger, nobody):
        with pytest.raises(RepositoryNotFoundError):
            other.model_info("org/name")
    with pytest.raises(HfHubHTTPError, match="rights"):
        stranger.create_repo("org/other")
    with pytest.raises(HfHubHTTPError, match="Invalid"):
        HfApi(endpoint=hub.url, token=hub.tokens["wrong"]).whoami()
    with pytest.raises(HfHubHTTPError) as caught:
        api.create_repo("org/name")
    assert caught.value.response.status_code == 409
    api.update_repo_settings("org/name", private=False)
    assert nobody.model_info("org/name").id == "org/name"


def test_gated_content_is_for_those_let_in(hub, api, folder, tmp_path) -> None:
    make(api, "dataset")
    api.upload_folder(folder_path=folder, repo_id="org/name", repo_type="dataset")
    api.update_repo_settings("org/name", gated="manual", repo_type="dataset")
    stranger = HfApi(endpoint=hub.url, token=hub.tokens["stranger"])
    assert stranger.dataset_info("org/name").gated == "manual"
    fetch = {"repo_id": "org/name", "filename": "empty.txt", "repo_type": "dataset"}
    with pytest.raises(GatedRepoError):
        stranger.hf_hub_download(**fetch, local_dir=tmp_path / "s")
    api.grant_access("org/name", "stranger", repo_type="dataset")
    assert stranger.hf_hub_download(**fetch, local_dir=tmp_path / "s")


def test_content_is_served_in_pieces(hub, api, folder) -> None:
    make(api)
    api.upload_folder(folder_path=folder, repo_id="org/name")
    address = f"{hub.url}/org/name/resolve/main/data/rows.parquet"
    whole = httpx.get(address)
    assert whole.content == BIG
    part = httpx.get(address, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206 and part.content == BIG[10:20]
    assert part.headers["Content-Range"] == "bytes 10-19/3000"
    assert httpx.get(address, headers={"Range": "bytes=-7"}).content == BIG[-7:]
    assert httpx.get(address, headers={"Range": "bytes=9999-"}).status_code == 416
    same = httpx.get(address, headers={"If-None-Match": whole.headers["ETag"]})
    assert same.status_code == 304 and same.content == b""
    head = httpx.head(address)
    assert head.headers["Content-Length"] == "3000" and len(head.headers["X-Repo-Commit"]) == 40


def test_listings_come_in_pages(hub, api) -> None:
    make(api)
    add = [CommitOperationAdd(f"{i:03}.txt", b"x") for i in range(25)]
    api.create_commit("org/name", add, commit_message="many")
    hub.page = 10
    assert len(list(api.list_repo_tree("org/name"))) == 26
    assert [f.path for f in api.get_paths_info("org/name", ["003.txt", "none"])] == ["003.txt"]


def test_faults_come_when_they_are_asked_for(hub, api, folder, monkeypatch) -> None:
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", lambda s: None)
    make(api)
    hub.fail("/_lfs/object/", 503, on=(1, 2))
    hub.drop("/preupload/", after=5, on=(1,))
    api.upload_folder(folder_path=folder, repo_id="org/name")
    statuses = [r.status for r in hub.requests if r.method == "PUT"]
    assert statuses == [503, 503, 200]
    assert [r.status for r in hub.requests if "/preupload/" in r.path] == [0, 200]

    add = [CommitOperationAdd("b.txt", b"2")]
    hub.fail("/commit/", 503, on=(1,))
    with pytest.raises(HfHubHTTPError):  # the client does not try a commit again
        api.create_commit("org/name", add, commit_message="b")
    hub.mend()
    hub.lose("/commit/", on=(1,))
    with pytest.raises(httpx2.RemoteProtocolError):
        api.create_commit("org/name", add, commit_message="b")
    assert "b.txt" in hub.files("model", "org/name")  # done, though nobody was told

    hub.mend()
    hub.drop("/resolve/main/data/rows.parquet", after=100, method="GET", on=(1,))
    address = f"{hub.url}/org/name/resolve/main/data/rows.parquet"
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(address)
    assert httpx.get(address).content == BIG


def test_a_card_must_be_right(hub, api) -> None:
    make(api)
    card = ModelCard("---\nlicense: mit\n---\n# Name\n")
    assert card.validate() is None
    card.push_to_hub("org/name")
    broken = [CommitOperationAdd("README.md", b"---\nlicense: other\n---\n")]
    with pytest.raises(ValueError, match="license_name"):
        api.create_commit("org/name", broken, commit_message="b")
    lost = "---\ntags: {a: 1}\n---\n"
    with pytest.raises(ValueError, match="tags"):
        api.upload_file(path_or_fileobj=lost.encode(), path_in_repo="README.md", repo_id="org/name")


def test_spaces_collections_and_moves(hub, api) -> None:
    make(api, "space")
    api.add_space_variable("org/name", "MODEL", "org/model")
    assert api.get_space_variables("org/name")["MODEL"].value == "org/model"
    assert api.request_space_hardware("org/name", "t4-small").hardware == "t4-small"
    api.move_repo("org/name", "org/other", repo_type="space")
    assert api.space_info("org/other").sdk == "gradio"
    slug = api.create_collection("Emotion", namespace="org").slug
    api.add_collection_item(slug, "org/other", "space")
    assert len(api.get_collection(slug).items) == 1
    api.delete_repo("org/other", repo_type="space")
    assert [s.id for s in api.list_spaces(author="org")] == []


def test_results_of_models_make_a_leaderboard(api) -> None:
    api.create_repo("org/bench", repo_type="dataset")
    tasks = b"name: B\nevaluation_framework: x\ntasks:\n- {id: mean, config: a, split: test}\n"
    api.upload_file(
        path_or_fileobj=tasks, path_in_repo="eval.yaml", repo_id="org/bench", repo_type="dataset"
    )
    for name, value in (("low", 0.2), ("high", 0.9)):
        api.create_repo(f"org/{name}")
        row = f"- dataset: {{id: org/bench, task_id: mean}}\n  value: {value}\n"
        api.upload_file(
            path_or_fileobj=row.encode(),
            path_in_repo=".eval_results/b.yaml",
            repo_id=f"org/{name}",
        )
    rows = api.get_dataset_leaderboard("org/bench")
    assert [(row.rank, row.model_id, row.value) for row in rows] == [
        (1, "org/high", 0.9),
        (2, "org/low", 0.2),
    ]


@pytest.mark.slow
def test_libraries_load_from_it_in_a_process_of_their_own(hub, api, stock_python, tmp_path) -> None:
    from datasets import Dataset

    Dataset.from_dict({"a": [1, 2, 3]}).push_to_hub("org/rows", token=hub.tokens["write"])
    said = stock_python(
        """
        from datasets import load_dataset
        rows = load_dataset("org/rows", split="train")
        streamed = load_dataset("org/rows", split="train", streaming=True)
        print(rows["a"][:], [row["a"] for row in streamed])
        """,
        hub.environment(tmp_path / "home", "read"),
    )
    assert said.endswith("[1, 2, 3] [1, 2, 3]")
