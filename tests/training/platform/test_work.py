"""Labelling: modality by modality, in an order of one's own, checked, and kept once."""

import pytest
from annotating import TASK, vote_of, work_through
from sqlalchemy import func, select

from affecthub.training.platform.people import close_person, make_tokens
from affecthub.training.platform.tables import assignments, votes

ORDER = ["text", "sound", "silent", "film"]


def test_a_clip_is_shown_in_one_modality_after_the_other(begin):
    ann = begin().sign_in("ann")
    pieces = work_through(ann)
    seen = {}
    for piece in pieces:
        seen.setdefault(piece["item"], []).append(piece["modality"])
    assert sorted(seen) == [0, 1, 2, 3, 4]
    assert all(seen[item] == ORDER for item in range(4))
    assert seen[4] == ORDER[1:], "the clip without text begins with its sound"
    # Turns of a dialogue in their order, and a clip whole before the next.
    items = [piece["item"] for piece in pieces]
    assert items == sorted(items, key=lambda item: (items.index(item // 3 * 3), item))
    assert ann.post("/api/work/next", json={}).json() == {
        "kind": "done",
        "place": {"assigned": 5, "done": 5},
    }


def test_a_dialogue_by_modality(begin):
    pieces = work_through(begin(TASK | {"order": "by_modality"}).sign_in("ann"))
    three = [(p["modality"], p["item"]) for p in pieces if p["item"] < 3]
    assert three == [(modality, item) for modality in ORDER for item in range(3)]


def test_only_the_modality_itself_is_told(begin):
    for piece in work_through(begin().sign_in("ann")):
        assert ("text" in piece) == (piece["modality"] == "text")
        assert ("media" in piece) == (piece["modality"] != "text")
        assert {"emotion", "label", "clip"} & set(piece) == set()
        for turn in piece["context"]:
            assert ("text" in turn) == (piece["modality"] == "text") or piece["item"] == 4


def test_the_turns_before_are_there_in_the_same_modality(begin):
    pieces = {(p["item"], p["modality"]): p for p in work_through(begin().sign_in("ann"))}
    assert pieces[0, "text"]["context"] == []
    third = pieces[2, "sound"]["context"]
    assert [turn["media"] for turn in third] == ["/media/0/sound", "/media/1/sound"]
    assert pieces[2, "text"]["context"][0]["text"] == "sentence 0, 第0句"
    assert [turn["item"] for turn in pieces[4, "film"]["context"]] == [3], "of its own dialogue"


def test_a_later_modality_waits_for_the_earlier(begin):
    ann = begin().sign_in("ann")
    piece = ann.post("/api/work/next", json={}).json()
    for modality in ORDER[1:]:
        early = vote_of(piece | {"modality": modality})
        answer = ann.post("/api/votes", json=early)
        assert (answer.status_code, answer.json()["why"]) == (409, "not_its_turn")
        assert ann.get(f"/media/{piece['item']}/{modality}").status_code == 404
        place = {"item": piece["item"], "modality": modality}
        assert ann.post("/api/work/again", json=place).status_code == 404


def test_an_answer_may_change_until_a_later_modality_is_opened(begin):
    platform = begin()
    ann = platform.sign_in("ann")
    piece = ann.post("/api/work/next", json={}).json()
    assert ann.post("/api/votes", json=vote_of(piece)).json() == {"version": 1}
    last = ann.post("/api/work/last", json={}).json()
    assert (last["version"], last["answer"]["emotion"]["label"]) == (1, "joy")
    assert ann.post("/api/votes", json=vote_of(last, "anger")).json() == {"version": 2}
    # A page that knows the first answer only does not overwrite the second.
    stale = ann.post("/api/votes", json=vote_of(last, "neutral"))
    assert (stale.status_code, stale.json()["why"]) == (409, "answered_elsewhere")
    assert stale.json()["present"]["emotion"]["label"] == "anger"
    assert ann.post("/api/work/next", json={}).json()["modality"] == "sound"
    late = ann.post("/api/votes", json=vote_of(last | {"version": 2}))
    assert (late.status_code, late.json()["why"]) == (409, "later_one_opened")
    with platform.store.reading() as connection:
        kept = connection.execute(select(votes.c.answer).order_by(votes.c.n)).scalars().all()
    assert [answer["emotion"]["label"] for answer in kept] == ["joy", "anger"]


def test_an_answer_sent_twice_counts_once(begin):
    platform = begin()
    ann = platform.sign_in("ann")
    vote = vote_of(ann.post("/api/work/next", json={}).json())
    assert [ann.post("/api/votes", json=vote).json() for _ in range(2)] == [{"version": 1}] * 2
    with platform.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(votes)).scalar() == 1
    other = vote | {"answer": {"emotion": {"label": "anger", "confidence": 0.1}}}
    assert ann.post("/api/votes", json=other).json()["why"] == "key_of_another"


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ({}, "emotion"),
        ({"emotion": {"label": "joy"}}, "emotion"),
        ({"emotion": {"label": "rage", "confidence": 0.5}}, "emotion"),
        ({"emotion": {"label": "joy", "confidence": 0.55}}, "emotion"),
        ({"emotion": {"label": "joy", "confidence": True}}, "emotion"),
        ({"emotion": "joy"}, "emotion"),
        ({"emotion": {"label": "joy", "confidence": 0.5}, "sentiment": 1}, "sentiment"),
        ({"emotion": {"label": "joy", "confidence": 0.5}, "mood": 1}, "mood"),
    ],
)
def test_what_is_no_answer_is_named(begin, answer, fault):
    ann = begin().sign_in("ann")
    piece = ann.post("/api/work/next", json={}).json()
    refused = ann.post("/api/votes", json=vote_of(piece) | {"answer": answer})
    assert refused.status_code == 422 and list(refused.json()["faults"]) == [fault]


def test_contradictions_are_refused_or_confirmed(begin):
    ann = begin().sign_in("ann")
    while (piece := ann.post("/api/work/next", json={}).json())["modality"] != "film":
        ann.post("/api/votes", json=vote_of(piece))
    refused = ann.post("/api/votes", json=vote_of(piece, "neutral", 2))
    assert (refused.status_code, refused.json()["why"]) == (422, "rules")
    rules = refused.json()["rules"]
    still = ann.post("/api/votes", json=vote_of(piece, "neutral", 2, confirmed=rules))
    assert still.status_code == 422, "what is refused cannot be confirmed"
    asked = ann.post("/api/votes", json=vote_of(piece, "joy", -1)).json()["rules"]
    assert len(asked) == 1 and "positive" in asked[0]
    kept = ann.post("/api/votes", json=vote_of(piece, "joy", -1, confirmed=asked))
    assert kept.status_code == 201
    assert ann.post("/api/work/last", json={}).json()["confirmed"] == asked


def test_no_clip_gets_more_annotators_than_it_needs(begin):
    platform = begin()
    for name in ("ann", "bob", "cem"):
        work_through(platform.sign_in(name))
    with platform.store.reading() as connection:
        found = connection.execute(
            select(assignments.c.item, func.count()).group_by(assignments.c.item)
        ).all()
    assert dict(map(tuple, found)) == dict.fromkeys(range(5), 2)


def test_everybody_has_an_order_of_one_s_own(begin):
    from affecthub.training.platform.assigning import _rank

    units = [f"d{i}" for i in range(20)]
    orders = {
        name: sorted(units, key=lambda unit: _rank(0, name, unit))
        for name in ("ann", "bob")  # noqa: B023
    }
    assert orders["ann"] != orders["bob"] and set(orders["ann"]) == set(orders["bob"])
    assert orders["ann"] != sorted(units, key=lambda unit: _rank(1, "ann", unit))


def test_whoever_is_closed_comes_in_no_more(begin):
    platform = begin()
    ann = platform.sign_in("ann")
    assert ann.get("/api/task").status_code == 200
    close_person(platform.store, "ann")
    assert ann.get("/api/task").status_code == 401
    client = platform.client()
    answer = client.post("/api/login", json={"token": platform.tokens["ann"]})
    assert answer.status_code == 401


def test_others_get_what_somebody_did_not_finish(begin):
    platform = begin(TASK | {"review": {"least_share": 1.0, "negotiation_rounds": 0}})
    ann = platform.sign_in("ann")
    for _ in range(6):  # one clip, and half of another
        piece = ann.post("/api/work/next", json={}).json()
        ann.post("/api/votes", json=vote_of(piece, label="anger"))
    left = ann.post("/api/work/next", json={}).json()["item"]
    work_through(platform.sign_in("bob"))
    n = close_person(platform.store, "ann")
    assert n > 0 and close_person(platform.store, "ann") == 0
    work_through(platform.sign_in("cem"))
    rex = platform.sign_in("rex")
    counts = rex.get("/api/review").json()["counts"]
    clips = rex.get("/api/progress").json()["clips"]
    assert clips["answered"] == 5 and sum(counts.values()) == 19, "nothing waits for ann"
    sheet = rex.get(f"/api/review/{left}/text").json()
    assert {vote["who"] for vote in sheet["votes"]} == {"A", "B", "–"}
    assert sheet["status"] == "agreed", "ann's anger is no annotator's any more"


def test_whoever_comes_back_goes_on_where_it_was(begin):
    platform = begin()
    ann = platform.sign_in("ann")
    for _ in range(6):
        ann.post("/api/votes", json=vote_of(ann.post("/api/work/next", json={}).json()))
    expected = ann.post("/api/work/next", json={}).json()
    close_person(platform.store, "ann")
    platform.tokens |= make_tokens(platform.store, ["ann"], "annotator", renew=True)
    ann = platform.sign_in("ann")
    piece = ann.post("/api/work/next", json={}).json()
    assert (piece["item"], piece["modality"]) == (expected["item"], expected["modality"])
    assert len(work_through(ann)) == 19 - 6
