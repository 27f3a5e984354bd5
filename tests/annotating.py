"""A platform in tests: its task, people signed in, and answers to what they are shown."""

import secrets
from types import SimpleNamespace

from starlette.testclient import TestClient

LABELS = ["anger", "joy", "neutral", "surprise"]
TASK = {
    "annotators_per_clip": 2,
    "context_turns": 2,
    "questions": [
        {"name": "emotion", "kind": "choice", "labels": "corpus"},
        {"name": "sentiment", "kind": "scale", "in": ["film"], "least": -2, "most": 2, "step": 1},
        {"name": "style", "kind": "caption", "in": ["sound"], "min_chars": 2, "required": False},
    ],
}
HOST = "http://127.0.0.1:8123"
OURS = {"X-Affecthub": "1"}


class Platform(SimpleNamespace):
    """A database, its project and its application; `sign_in` gives a client with a session."""

    def sign_in(self, name: str) -> TestClient:
        client = self.client()
        answer = client.post("/api/login", json={"token": self.tokens[name]})
        assert answer.status_code == 200, answer.text
        return client

    def client(self) -> TestClient:
        return TestClient(self.app, base_url=HOST, headers=OURS)


def vote_of(piece: dict, label: str = "joy", sentiment: int = 1, sure: float = 0.7, **more) -> dict:
    """An answer to a piece of ``TASK``."""
    answer = {"emotion": {"label": label, "confidence": sure}}
    if piece["modality"] == "film":
        answer["sentiment"] = sentiment
    place = {name: piece[name] for name in ("item", "modality", "round", "version")}
    return place | {"key": secrets.token_hex(8), "answer": answer} | more


def work_through(client: TestClient, choose=lambda piece: {}) -> list[dict]:
    """Answer everything there is to label alone; ``choose(piece)`` gives arguments of `vote_of`."""
    pieces = []
    while True:
        piece = client.post("/api/work/next", json={}).json()
        if piece["kind"] != "label":
            return pieces
        pieces.append(piece)
        answer = client.post("/api/votes", json=vote_of(piece, **choose(piece)))
        assert answer.status_code == 201, answer.text


def contradictions():
    """Rules, and answers with the names of those that they break."""
    rules = [
        {"name": "glad", "when": {"emotion": ["joy"], "sentiment": {"below": 0}}},
        {
            "name": "sure",
            "when": {"emotion.confidence": {"at_least": 0.7}, "sentiment": {"at_most": -2}},
        },
        {"name": "word", "when": {"style": {"mentions": ["Angry", "怒"]}, "emotion": ["joy"]}},
        {
            "name": "end",
            "when": {"emotion": ["neutral"], "sentiment": {"above": 1}},
            "then": "refuse",
        },
    ]

    def answer(label=None, sure=None, score=None, style=None):
        given = {} if label is None else {"emotion": {"label": label}}
        if sure is not None:
            given["emotion"]["confidence"] = sure
        more = {"sentiment": score, "style": style}
        return given | {name: value for name, value in more.items() if value is not None}

    return rules, [
        (answer("joy", 0.5, -1), ["glad"]),
        (answer("joy", 0.5, 0), []),
        (answer("joy", 0.9, -2), ["glad", "sure"]),
        (answer("anger", 0.7, -2), ["sure"]),
        (answer("anger", 0.5, -2), []),
        (answer("joy", 0.5, 1, "so angry"), ["word"]),
        (answer("joy", 0.5, 1, "发怒了"), ["word"]),
        (answer("neutral", 0.1, 2), ["end"]),
        (answer("neutral", 0.1, 1), []),
        (answer(score=-2), []),
        (answer("joy"), []),
        ({}, []),
    ]
