"""Disagreement: rounds in which annotators see each other's answers, then a reviewer."""

from annotating import TASK, vote_of, work_through

from affecthub.training.platform.counting import agreement_of, progress_of

# Ann and Bob disagree on the film of the clip that both come to last, and on nothing else.
DISPUTED = (2, "film")


def disagreeing(platform):
    """Ann says joy, Bob anger: gives both clients, everything labelled."""
    ann, bob = platform.sign_in("ann"), platform.sign_in("bob")
    work_through(ann)
    work_through(
        bob,
        lambda p: (
            {"label": "anger", "sentiment": -1} if (p["item"], p["modality"]) == DISPUTED else {}
        ),
    )
    return ann, bob


def test_nobody_sees_another_s_answer_before_all_are_done(begin):
    platform = begin()
    rex = platform.sign_in("rex")
    work_through(platform.sign_in("ann"))
    assert rex.get("/api/review/2/film").json() == {"why": "not_ready"}
    assert rex.get("/api/review").json()["counts"] == {
        "agreed": 0,
        "negotiating": 0,
        "review": 0,
        "decided": 0,
    }


def test_annotators_who_disagree_see_each_other_s_answers(begin):
    platform = begin()
    ann, bob = disagreeing(platform)
    counts = progress_of(platform.store, platform.project)["standings"]
    assert (counts["agreed"], counts["negotiating"]) == (18, 1)
    piece = ann.post("/api/work/next", json={}).json()
    assert (piece["kind"], piece["item"], piece["modality"]) == ("negotiate", *DISPUTED)
    assert piece["why"] == ["emotion:labels_differ", "sentiment:signs_differ"]
    assert piece["answer"]["emotion"]["label"] == "joy", "one's own"
    assert [other["answer"]["emotion"]["label"] for other in piece["others"]] == ["anger"]
    assert not {"person", "name", "who"} & set(piece["others"][0])
    vote = vote_of(piece, "anger", -1, note="hear the end")
    assert ann.post("/api/votes", json=vote).status_code == 201
    # Bob sees what Ann said before this round, not what she says in it.
    piece = bob.post("/api/work/next", json={}).json()
    assert [other["answer"]["emotion"]["label"] for other in piece["others"]] == ["joy"]
    assert piece["others"][0]["note"] == ""
    assert bob.post("/api/votes", json=vote_of(piece, "anger", -1)).status_code == 201
    assert bob.post("/api/work/next", json={}).json()["kind"] == "done"
    assert progress_of(platform.store, platform.project)["standings"]["agreed"] == 19
    late = ann.post("/api/votes", json=vote | {"version": 1, "key": "another key"})
    assert late.json()["why"] == "round_is_over"


def test_agreement_is_counted_before_and_after(begin):
    platform = begin()
    ann, bob = disagreeing(platform)
    found = {
        (f["modality"], f["question"]): f for f in agreement_of(platform.store, platform.project)
    }
    # Five films, joy/joy four times and joy/anger once: P_o = 4/5, P_e = 0.9^2 + 0.1^2 = 0.82.
    film = found["film", "emotion"]
    assert film["clips"] == 5 and abs(film["alone"] - (0.8 - 0.82) / 0.18) < 1e-12
    assert found["text", "emotion"]["alone"] is None, "all votes are for one label"
    for client in (ann, bob):
        piece = client.post("/api/work/next", json={}).json()
        client.post("/api/votes", json=vote_of(piece, "anger", -1))
    again = {
        (f["modality"], f["question"]): f for f in agreement_of(platform.store, platform.project)
    }
    assert again["film", "emotion"]["last"] == 1.0
    assert again["film", "emotion"]["alone"] == film["alone"]
    assert again["film", "sentiment"]["measure"] == "krippendorff_alpha"
    assert again["film", "sentiment"]["last"] == 1.0


def test_what_stays_disputed_comes_to_a_reviewer(begin):
    platform = begin()
    for client in disagreeing(platform):
        piece = client.post("/api/work/next", json={}).json()
        mine = piece["answer"]
        client.post("/api/votes", json=vote_of(piece, mine["emotion"]["label"], mine["sentiment"]))
    rex = platform.sign_in("rex")
    (listed,) = rex.get("/api/review").json()["items"]
    assert (listed["item"], listed["modality"], listed["clip"]) == (*DISPUTED, "c2")
    sheet = rex.get("/api/review/2/film").json()
    assert [(v["who"], v["round"]) for v in sheet["votes"]] == [
        ("A", 0),
        ("B", 0),
        ("A", 1),
        ("B", 1),
    ]
    assert "ann" not in str(sheet) and "bob" not in str(sheet)
    decision = {"item": 2, "modality": "film", "version": sheet["version"], "action": "decide"}
    decision["answer"] = {"emotion": {"label": "surprise", "confidence": 0.9}, "sentiment": 0}
    assert rex.post("/api/decisions", json=decision).status_code == 201
    assert rex.get("/api/review?status=decided").json()["items"][0]["clip"] == "c2"


def test_two_reviewers_do_not_overwrite_each_other(begin):
    platform = begin(TASK | {"review": {"negotiation_rounds": 0}})
    disagreeing(platform)
    rex, ruth = platform.sign_in("rex"), platform.sign_in("ruth")
    seen = [client.get("/api/review/2/film").json() for client in (rex, ruth)]
    decision = {"item": 2, "modality": "film", "version": seen[0]["version"], "action": "decide"}
    answers = [
        {"emotion": {"label": label, "confidence": 0.9}, "sentiment": score}
        for label, score in (("joy", 1), ("anger", -1))
    ]
    first = rex.post("/api/decisions", json=decision | {"answer": answers[0], "note": "smiles"})
    assert first.status_code == 201
    second = ruth.post("/api/decisions", json=decision | {"answer": answers[1]})
    assert (second.status_code, second.json()["why"]) == (409, "decided_elsewhere")
    present = second.json()["present"]
    assert (present["status"], present["version"]) == ("decided", first.json()["version"])
    (kept,) = present["decisions"]
    assert (kept["who"], kept["answer"], kept["note"]) == ("rex", answers[0], "smiles")
    # Having seen it, Ruth may decide otherwise, and both decisions stay.
    again = decision | {"version": present["version"], "answer": answers[1]}
    assert ruth.post("/api/decisions", json=again).status_code == 201
    decisions = rex.get("/api/review/2/film").json()["decisions"]
    assert [(d["who"], d["answer"]["emotion"]["label"]) for d in decisions] == [
        ("rex", "joy"),
        ("ruth", "anger"),
    ]


def test_a_reviewer_is_told_of_votes_that_came_since(begin):
    platform = begin()
    ann, _ = disagreeing(platform)
    rex = platform.sign_in("rex")
    sheet = rex.get("/api/review/2/film").json()
    piece = ann.post("/api/work/next", json={}).json()
    ann.post("/api/votes", json=vote_of(piece, "anger", -1))
    answer = {"emotion": {"label": "joy", "confidence": 0.9}, "sentiment": 1}
    decision = {"item": 2, "modality": "film", "version": sheet["version"], "action": "decide"}
    assert rex.post("/api/decisions", json=decision | {"answer": answer}).status_code == 409


def test_a_reviewer_sends_a_clip_back(begin):
    platform = begin(TASK | {"review": {"negotiation_rounds": 0}})
    ann, bob = disagreeing(platform)
    rex = platform.sign_in("rex")
    assert ann.post("/api/work/next", json={}).json()["kind"] == "done"
    sheet = rex.get("/api/review/2/film").json()
    back = {"item": 2, "modality": "film", "version": sheet["version"], "action": "negotiate"}
    assert rex.post("/api/decisions", json=back | {"note": "once more"}).status_code == 201
    for client in (ann, bob):
        piece = client.post("/api/work/next", json={}).json()
        assert (piece["kind"], piece["round"]) == ("negotiate", 1)
        assert client.post("/api/votes", json=vote_of(piece, "joy", 1)).status_code == 201
    assert rex.get("/api/review/2/film").json()["status"] == "agreed"


def test_a_decision_is_checked_as_an_answer_is(begin):
    platform = begin(TASK | {"review": {"negotiation_rounds": 0}})
    disagreeing(platform)
    rex = platform.sign_in("rex")
    sheet = rex.get("/api/review/2/film").json()
    decision = {"item": 2, "modality": "film", "version": sheet["version"], "action": "decide"}
    assert rex.post("/api/decisions", json=decision).json()["why"] == "faults"
    neutral = {"emotion": {"label": "neutral", "confidence": 0.9}, "sentiment": 2}
    refused = rex.post("/api/decisions", json=decision | {"answer": neutral})
    assert refused.json()["why"] == "rules"
    assert rex.post("/api/decisions", json=decision | {"item": 77}).status_code == 404
