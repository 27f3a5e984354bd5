"""Nothing is read or written without a token, and no path leads out of the corpus."""

import shutil

import pytest
from annotating import HOST, LABELS, OURS, TASK, vote_of
from sqlalchemy import text
from starlette.testclient import TestClient

from affecthub.datasets_scripts.corpus import Corpus
from affecthub.training.platform.app import make_app
from affecthub.training.platform.clips import Clips, open_project
from affecthub.training.platform.guarding import ATTEMPTS
from affecthub.training.platform.media import MediaFiles, NotShownError
from affecthub.training.platform.people import make_tokens
from affecthub.training.platform.store import Store

READS = ["task", "review", "review/0/text", "progress", "agreement"]
WRITES = ["work/next", "work/again", "work/last", "votes", "decisions", "logout"]


def test_every_address_asks_who_is_there(begin):
    platform = begin()
    client = platform.client()
    assert client.get("/api/me").json() == {"name": None, "role": None}
    known = {route.path for route in platform.app.routes}
    for path in READS:
        assert client.get(f"/api/{path}").status_code == 401, path
    for path in WRITES:
        assert client.post(f"/api/{path}", json={}).status_code == 401, path
    assert client.get("/media/0/film").status_code == 401
    told = {f"/api/{path}" for path in (*READS, *WRITES, "me", "login", "review/{item}/{modality}")}
    open_to_all = {"/{name:path}", "/media/{item}/{modality}"}
    assert known == told - {"/api/review/0/text"} | open_to_all, "an address without a test"


@pytest.mark.parametrize("token", ["", "x", "aht_", "aht__", "aht_00_00", "é" * 20, "aht_" * 40])
def test_a_wrong_token_is_nobody_s(begin, token):
    client = begin().client()
    assert client.post("/api/login", json={"token": token}).status_code == 401
    header = {"Authorization": f"Bearer {token}".encode()}
    assert client.get("/api/task", headers=header).status_code == 401


def test_half_of_a_token_is_not_enough(begin):
    platform = begin()
    ann, bob = platform.tokens["ann"], platform.tokens["bob"]
    crossed = ann[:21] + bob[21:]
    for token in (ann[:-1], crossed, ann.replace("aht", "xxx")):
        assert platform.client().post("/api/login", json={"token": token}).status_code == 401


def test_tokens_are_kept_nowhere(begin, tmp_path, caplog):
    platform = begin()
    ann = platform.sign_in("ann")
    platform.client().get("/api/me", headers={"Authorization": f"Bearer {platform.tokens['bob']}"})
    platform.client().post("/api/login", json={"token": [platform.tokens["cem"]]})
    session = ann.cookies["affecthub_session"]
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("work.db*"))
    for secret in (*(t.split("_", 2)[2] for t in platform.tokens.values()), session):
        assert secret.encode() not in kept and secret not in caplog.text


def test_a_malformed_login_does_not_repeat_the_token(begin):
    platform = begin()
    answer = platform.client().post("/api/login", json={"token": 7, "x": platform.tokens["ann"]})
    assert answer.status_code == 422 and platform.tokens["ann"] not in answer.text


def test_the_cookie_is_for_this_page_alone(begin):
    platform = begin()
    answer = platform.client().post("/api/login", json={"token": platform.tokens["ann"]})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "secure" not in cookie
    app = make_app(platform.store, platform.project, None, is_https=True)
    client = TestClient(app, base_url=HOST, headers=OURS)
    answer = client.post("/api/login", json={"token": platform.tokens["ann"]})
    assert "secure" in answer.headers["set-cookie"].lower()


def test_signing_out_ends_the_session(begin):
    ann = begin().sign_in("ann")
    session = ann.cookies["affecthub_session"]
    assert ann.post("/api/logout", json={}).status_code == 200
    ann.cookies.set("affecthub_session", session)
    assert ann.get("/api/task").status_code == 401


def test_a_new_token_ends_the_old_one_and_its_sessions(begin):
    platform = begin()
    ann = platform.sign_in("ann")
    with pytest.raises(ValueError, match="there already"):
        make_tokens(platform.store, ["ann"], "annotator")
    new = make_tokens(platform.store, ["ann"], "annotator", renew=True)["ann"]
    assert ann.get("/api/task").status_code == 401
    old = platform.client().post("/api/login", json={"token": platform.tokens["ann"]})
    assert old.status_code == 401
    header = {"Authorization": f"Bearer {new}"}
    assert platform.client().get("/api/me", headers=header).json()["name"] == "ann"


def test_other_sites_cannot_write(begin):
    platform = begin()
    ann = platform.sign_in("ann")
    ok = {"Origin": HOST, "Sec-Fetch-Site": "same-origin"}
    assert ann.post("/api/work/next", json={}, headers=ok).status_code == 200
    for headers in (
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"X-Affecthub": ""},
    ):
        assert ann.post("/api/work/next", json={}, headers=headers).status_code == 403, headers
    plain = {"Content-Type": "text/plain"}
    assert ann.post("/api/work/next", content=b"{}", headers=plain).status_code == 415
    assert ann.put("/api/votes", json={}).status_code == 405
    assert ann.post("/api/votes", content=iter([b"{}"])).status_code in (411, 415)
    long = {"token": "x" * 70_000}
    assert ann.post("/api/login", json=long).status_code == 413
    assert ann.get("/", headers={"Host": "elsewhere.example"}).status_code == 400


def test_too_many_attempts_must_wait(begin):
    platform = begin()
    client = platform.client()
    for _ in range(ATTEMPTS):
        assert client.post("/api/login", json={"token": "x"}).status_code == 401
    answer = client.post("/api/login", json={"token": platform.tokens["ann"]})
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 200
    header = {"Authorization": f"Bearer {platform.tokens['ann']}"}
    assert client.get("/api/me", headers=header).status_code == 429


def test_roles_are_kept_apart(begin):
    platform = begin()
    ann, rex = platform.sign_in("ann"), platform.sign_in("rex")
    for path in ("review", "review/0/text", "agreement"):
        assert ann.get(f"/api/{path}").status_code == 403
    assert ann.post("/api/decisions", json={}).status_code == 403
    assert rex.post("/api/work/next", json={}).status_code == 403
    assert rex.post("/api/votes", json={}).status_code == 403
    people = ann.get("/api/progress").json()["people"]
    assert [person["name"] for person in people] == ["ann"]
    assert len(rex.get("/api/progress").json()["people"]) == 3


def test_another_s_clip_is_not_there(begin):
    platform = begin()
    ann, bob = platform.sign_in("ann"), platform.sign_in("bob")
    piece = ann.post("/api/work/next", json={}).json()
    stolen = bob.post("/api/votes", json=vote_of(piece))
    assert stolen.status_code == 404
    while (piece := ann.post("/api/work/next", json={}).json())["modality"] != "film":
        ann.post("/api/votes", json=vote_of(piece))
    assert ann.get(piece["media"]).status_code == 200
    assert bob.get(piece["media"]).status_code == 404


def test_a_text_that_a_database_cannot_hold_is_refused(begin):
    ann = begin().sign_in("ann")
    piece = ann.post("/api/work/next", json={}).json()
    for more in ({"note": "a\0b"}, {"key": "\0" * 16}):
        assert ann.post("/api/votes", json=vote_of(piece) | more).status_code == 422
    assert ann.post("/api/login", json={"token": "aht_\0_x"}).status_code == 422


def test_media_are_given_as_far_as_one_has_come(begin):
    ann = begin().sign_in("ann")
    opened = set()
    every = [(item, modality) for item in range(5) for modality in ("sound", "silent", "film")]
    for _ in range(9):
        piece = ann.post("/api/work/next", json={}).json()
        opened.add((piece["item"], piece["modality"]))
        given = {(i, m) for i, m in every if ann.get(f"/media/{i}/{m}").status_code == 200}
        assert given == {place for place in opened if place[1] != "text"}
        ann.post("/api/votes", json=vote_of(piece))


TRICKS = [
    "/media/../../etc/passwd/film",
    "/media/%2e%2e%2f%2e%2e%2fetc%2fpasswd/film",
    "/media/0/..%2f..%2fclips.csv",
    "/media/0/film%00.mp4",
    "/media/-1/film",
    "/media/99999999999999999999/film",
    "/media/0x0/film",
    "/media/c0/film",
    "/media/0/film/../../../clips.csv",
    "/../../app.py",
    "/..%2fapp.py",
    "/words/../../app.py",
    "/words/%2e%2e/%2e%2e/tables.py",
    "/app.py",
    "//etc/passwd",
]


def test_paths_lead_nowhere(begin):
    rex = begin().sign_in("rex")
    for path in TRICKS:
        answer = rex.get(path)
        assert answer.status_code in (400, 404, 422), path
        assert b"import" not in answer.content and b"root:" not in answer.content
    assert rex.get("/", headers={"Host": "[::1]:8123"}).status_code == 200


def test_media_outside_of_the_corpus_are_not_shown(tree, tmp_path):
    root = tmp_path / "corpus"
    shutil.copytree(tree, root)
    outside = tmp_path / "secret.mp4"
    shutil.move(root / "c0.mp4", outside)
    (root / "c0.mp4").symlink_to(outside)
    clips = Clips(Corpus("folder", root))
    media = MediaFiles(clips, tmp_path)
    with pytest.raises(NotShownError, match=r"clip c0: got \w+ outside"):
        media.file(0, "film")
    assert media.file(1, "film")[0].is_file()
    with pytest.raises(NotShownError, match="no such media"):
        media.file(0, "text")


def test_a_film_comes_in_parts(begin):
    rex = begin().sign_in("rex")
    whole = rex.get("/media/0/film")
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-type"] == "video/mp4"
    part = rex.get("/media/0/film", headers={"Range": "bytes=10-19"})
    assert part.status_code == 206 and part.content == whole.content[10:20]
    assert part.headers["content-range"] == f"bytes 10-19/{len(whole.content)}"
    past = rex.get("/media/0/film", headers={"Range": f"bytes={len(whole.content) + 5}-"})
    assert past.status_code == 416


def test_every_answer_has_the_headers(begin):
    client = begin().client()
    for path in ("/", "/main.js", "/api/me", "/media/0/film", "/nothing"):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_names_in_the_database_are_data(tmp_path, clips):
    store = Store(f"sqlite:///{tmp_path / 'x.db'}")
    open_project(store, clips, TASK, LABELS, "a task")
    name = "'; DROP TABLE people; --"
    assert list(make_tokens(store, [name], "annotator")) == [name]
    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM people")).scalar() == 1
    store.close()
