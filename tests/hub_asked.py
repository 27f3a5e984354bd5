"""A request to the tests' Hub, read, and the answer to it."""

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hub_store import Account, Refusal, Repository

if TYPE_CHECKING:
    from hub_server import HubServer


@dataclass
class Answer:
    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Asked:
    """A request, read."""

    hub: "HubServer"
    who: Account | None
    body: bytes
    headers: dict[str, str]
    query: dict[str, str]

    def json(self) -> Any:
        return json.loads(self.body or b"{}")

    def read(self, kinds: str | None, repo_id: str) -> Repository:
        return self.hub.store.read(kind_of(kinds), repo_id, self.who)

    def write(self, kinds: str | None, repo_id: str) -> Repository:
        return self.hub.store.write(kind_of(kinds), repo_id, self.who)

    def name(self) -> str:
        if self.who is None:
            raise Refusal(401, "", "Invalid username or password.")
        return self.who.name


def kind_of(kinds: str | None) -> str:
    return (kinds or "models").removesuffix("s")


def address_of(asked: Asked, found: Repository) -> str:
    prefix = "" if found.kind == "model" else f"{found.kind}s/"
    return f"{asked.hub.url}/{prefix}{found.id}"
