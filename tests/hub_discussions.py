"""Pull requests and discussions of the tests' Hub."""

from typing import Any

from hub_asked import Answer, Asked
from hub_store import NOW, PullRequest, Repository


def _told(asked: Asked, found: Repository, pull: PullRequest, whole: bool) -> dict[str, Any]:
    told: dict[str, Any] = {"num": pull.num, "title": pull.title, "author": {"name": pull.author}}
    told |= {"createdAt": NOW, "status": pull.status, "isPullRequest": pull.is_pull_request}
    told |= {"repo": {"name": found.id, "type": found.kind}}
    if whole:
        told |= {"events": pull.events, "diff": "", "filesWithConflicts": [], "changes": {}}
        if pull.is_pull_request:
            told["filesWithConflicts"] = found.conflicts(pull) if not pull.merged else []
            told["changes"] = {"base": "refs/heads/main", "mergeCommitId": pull.merged}
    return told


def discussions(asked: Asked, kinds: str, repo_id: str) -> Answer:
    found, query = asked.read(kinds, repo_id), asked.query
    kind, state = query.get("type"), query.get("status")
    chosen = []
    for pull in sorted(found.discussions.values(), key=lambda pull: -pull.num):
        is_kind = kind in (None, "all", "pull_request" if pull.is_pull_request else "discussion")
        is_open = pull.status in ("open", "draft")
        is_state = state in (None, "all", "open" if is_open else "closed")
        if is_kind and is_state and query.get("author") in (None, pull.author):
            chosen.append(_told(asked, found, pull, whole=False))
    start = int(query.get("p", 0)) * 10
    page = chosen[start : start + 10]
    return Answer({"discussions": page, "count": len(chosen), "start": start})


def open_discussion(asked: Asked, kinds: str, repo_id: str) -> Answer:
    found, given = asked.read(kinds, repo_id), asked.json()
    made = found.open(
        given["title"], asked.name(), given["description"], bool(given.get("pullRequest"))
    )
    return Answer({"num": made.num})


def discussion(asked: Asked, kinds: str, repo_id: str, num: str) -> Answer:
    found = asked.read(kinds, repo_id)
    return Answer(_told(asked, found, found.discussion(int(num)), whole=True))


def change_discussion(asked: Asked, kinds: str, repo_id: str, num: str, what: str) -> Answer:
    found, given, number = asked.read(kinds, repo_id), asked.json(), int(num)
    if what == "comment":
        return Answer({"newMessage": found.comment(number, asked.name(), given["comment"])})
    if what == "merge" or found.discussion(number).author != asked.name():
        asked.write(kinds, repo_id)
    if what == "merge":
        found.merge(number, asked.name())
        return Answer({})
    if what == "title":
        pull = found.discussion(number)
        old, pull.title = pull.title, given["title"]
        event = {"id": "0", "type": "title-change", "createdAt": NOW}
        return Answer({"newTitle": event | {"data": {"from": old, "to": pull.title}}})
    return Answer({"newStatus": found.set_status(number, given["status"], asked.name())})
