"""What a Hub answers, a function a route."""

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import yaml
from hub_asked import Answer, Asked, address_of, kind_of
from hub_cards_rules import mistakes
from hub_discussions import change_discussion, discussion, discussions, open_discussion
from hub_spaces import (
    add_item,
    collection,
    get_collection,
    hardware,
    leaderboard,
    results_of,
    runtime,
    secrets,
    variables,
)
from hub_store import (
    NOW,
    Commit,
    File,
    Refusal,
    Repository,
    require_write,
)
from hub_uploads import (
    commit,
    lfs_batch,
    lfs_complete,
    lfs_object,
    lfs_part,
    lfs_verify,
    preupload,
)

# Accounts and repositories.


def whoami(asked: Asked) -> Answer:
    asked.name()
    who = asked.who
    assert who is not None
    token = {"displayName": "tests", "role": who.role}
    orgs = [{"type": "org", "name": name, "id": name} for name in who.orgs]
    auth = {"type": "access_token", "accessToken": token}
    return Answer({"type": "user", "name": who.name, "id": who.name, "orgs": orgs, "auth": auth})


def create(asked: Asked) -> Answer:
    asked.name()
    given, who = asked.json(), asked.who
    assert who is not None
    kind = given.get("type") or "model"
    namespace = given.get("organization") or who.name
    require_write(who, namespace, f"create a {kind}")
    repo_id = f"{namespace}/{given['name']}"
    private = given.get("visibility") == "private" or bool(given.get("private"))
    try:
        made = asked.hub.store.create(kind, repo_id, private, given.get("sdk"))
    except Refusal as refused:
        if refused.status != 409:
            raise
        url = address_of(asked, asked.read(f"{kind}s", repo_id))
        return Answer({"error": refused.words, "url": url}, 409)
    return Answer({"url": address_of(asked, made), "name": repo_id, "id": repo_id})


def delete(asked: Asked) -> Answer:
    given = asked.json()
    kind = given.get("type") or "model"
    found = asked.write(f"{kind}s", f"{given.get('organization') or asked.name()}/{given['name']}")
    del asked.hub.store.repositories[kind, found.id]
    return Answer(b"OK")


def move(asked: Asked) -> Answer:
    given = asked.json()
    kind, target = given.get("type") or "model", given["toRepo"]
    found = asked.write(f"{kind}s", given["fromRepo"])
    assert asked.who is not None
    require_write(asked.who, target.split("/")[0], "move a repository")
    repositories = asked.hub.store.repositories
    if (kind, target) in repositories:
        raise Refusal(409, "Conflict", f"{target} exists")
    found.id = target
    repositories[kind, target] = repositories.pop((kind, given["fromRepo"]))
    return Answer({})


def settings(asked: Asked, kinds: str, repo_id: str) -> Answer:
    found, given = asked.write(kinds, repo_id), asked.json()
    if "gated" in given:
        found.gated = given["gated"]
    if "visibility" in given:
        found.private = given["visibility"] == "private"
    return Answer({"private": found.private, "gated": found.gated})


def grant(asked: Asked, kinds: str, repo_id: str) -> Answer:
    asked.write(kinds, repo_id).granted.add(asked.json()["user"])
    return Answer({})


def listing(asked: Asked, kinds: str) -> Answer:
    """Repositories that the asker sees."""
    found = []
    for (kind, repo_id), each in sorted(asked.hub.store.repositories.items()):
        seen = not each.private or (asked.who and asked.who.owns(each.namespace))
        author = asked.query.get("author") in (None, each.namespace)
        if kind == kind_of(kinds) and seen and author and asked.query.get("search", "") in repo_id:
            found.append(_info(asked, each, each.head("main")))
    return Answer(found)


def info(asked: Asked, kinds: str, repo_id: str, revision: str | None) -> Answer:
    found = asked.read(kinds, repo_id)
    return Answer(_info(asked, found, found.head(revision or "main")))


def _info(asked: Asked, found: Repository, sha: str) -> dict[str, Any]:
    files = found.commits[sha].files
    blobs = "blobs" in asked.query
    siblings = []
    for path, file in sorted(files.items()):
        sibling: dict[str, Any] = {"rfilename": path}
        if blobs:
            sibling |= {"size": file.size, "blobId": file.oid}
            if file.sha256:
                sibling["lfs"] = {"sha256": file.sha256, "size": file.size, "pointerSize": 130}
        siblings.append(sibling)
    head = _card(asked, files)
    told = {"_id": found.id, "id": found.id, "modelId": found.id, "author": found.namespace}
    told |= {"sha": sha, "lastModified": NOW, "createdAt": NOW, "private": found.private}
    told |= {"gated": found.gated, "disabled": False, "downloads": 0, "likes": 0}
    told |= {"tags": head.get("tags") or [], "siblings": siblings, "cardData": head}
    if found.kind == "model":
        told["library_name"] = head.get("library_name")
        told["evalResults"] = [row for _, row in results_of(asked, found)]
    if found.kind == "space":
        told["sdk"] = found.sdk
    return told


def _card(asked: Asked, files: dict[str, File]) -> dict[str, Any]:
    if "README.md" not in files:
        return {}
    text = asked.hub.store.content(files["README.md"]).decode("utf-8", "replace")
    found = re.match(r"---\r?\n(.*?)\r?\n---", text, re.DOTALL)
    try:
        head = yaml.safe_load(found[1]) if found else None
    except yaml.YAMLError:
        head = None
    return json.loads(json.dumps(head, default=str)) if isinstance(head, dict) else {}


def validate_yaml(asked: Asked) -> Answer:
    given = asked.json()
    errors = [{"message": words} for words in mistakes(given["content"], given.get("repoType"))]
    return Answer({"errors": errors, "warnings": []}, 400 if errors else 200)


# What stands in a repository.


def _file(path: str, file: File) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "file", "path": path, "size": file.size, "oid": file.oid}
    if file.sha256:
        told["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": 130}
    return told


def _folder(path: str) -> dict[str, Any]:
    oid = hashlib.sha1(path.encode()).hexdigest()
    return {"type": "directory", "path": path, "oid": oid, "size": 0}


def tree(asked: Asked, kinds: str, repo_id: str, revision: str, inside: str | None) -> Answer:
    files = asked.read(kinds, repo_id).files(revision)
    recursive = asked.query.get("recursive", "").lower() in ("1", "true")
    prefix = f"{inside.rstrip('/')}/" if inside else ""
    found: dict[str, dict[str, Any]] = {}
    for path, file in sorted(files.items()):
        if not path.startswith(prefix):
            continue
        steps = path.removeprefix(prefix).split("/")
        for n in range(1, len(steps)):
            folder = prefix + "/".join(steps[:n])
            if recursive or n == 1:
                found[folder] = _folder(folder)
        if recursive or len(steps) == 1:
            found[path] = _file(path, file)
    if inside and not found:
        raise Refusal(404, "EntryNotFound", f"{inside} does not exist on {revision}")
    start = int(asked.query.get("cursor", 0))
    page, headers = list(found.values())[start : start + asked.hub.page], {}
    if start + asked.hub.page < len(found):
        here = f"{asked.hub.url}/api/{kinds}/{repo_id}/tree/{revision.replace('/', '%2F')}"
        here += f"/{inside}" if inside else ""
        query = f"recursive={recursive}&cursor={start + asked.hub.page}"
        headers["Link"] = f'<{here}?{query}>; rel="next"'
    return Answer(page, headers=headers)


def paths_info(asked: Asked, kinds: str, repo_id: str, revision: str) -> Answer:
    files = asked.read(kinds, repo_id).files(revision)
    if asked.headers.get("Content-Type", "").startswith("application/json"):
        paths = asked.json()["paths"]
    else:
        paths = parse_qs(asked.body.decode()).get("paths", [])
    found = []
    for path in [paths] if isinstance(paths, str) else paths:
        if path in files:
            found.append(_file(path, files[path]))
        elif any(each.startswith(f"{path.rstrip('/')}/") for each in files):
            found.append(_folder(path))
    return Answer(found)


def resolve(asked: Asked, kinds: str | None, repo_id: str, revision: str, path: str) -> Answer:
    found = asked.read(kinds, repo_id)
    sha = found.head(revision)
    asked.hub.store.require_content(found, asked.who)
    headers = {"X-Repo-Commit": sha, "Accept-Ranges": "bytes"}
    file = found.commits[sha].files.get(path)
    if file is None:
        headers |= {"X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found"}
        return Answer({"error": "Entry not found"}, 404, headers)
    headers["ETag"] = f'"{file.sha256 or file.oid}"'
    if file.sha256:
        headers |= {"X-Linked-Etag": f'"{file.sha256}"', "X-Linked-Size": str(file.size)}
    content = asked.hub.store.content(file)
    if asked.headers.get("If-None-Match") == headers["ETag"]:
        return Answer(b"", 304, headers)
    if wanted := re.fullmatch(r"bytes=(\d*)-(\d*)", asked.headers.get("Range", "")):
        return _range(content, wanted[1], wanted[2], headers)
    return Answer(content, 200, headers)


def _range(content: bytes, first: str, last: str, headers: dict[str, str]) -> Answer:
    n = len(content)
    if first:
        start, end = int(first), min(int(last) if last else n - 1, n - 1)
    else:
        start, end = max(0, n - int(last)), n - 1
    if start > end:
        return Answer(b"", 416, headers | {"Content-Range": f"bytes */{n}"})
    part = content[start : end + 1]
    return Answer(part, 206, headers | {"Content-Range": f"bytes {start}-{end}/{n}"})


# Names of commits.


def refs(asked: Asked, kinds: str, repo_id: str) -> Answer:
    found = asked.read(kinds, repo_id)
    pulls = {pull.ref for pull in found.discussions.values() if pull.is_pull_request}
    told: dict[str, Any] = {"branches": [], "tags": [], "converts": [], "pullRequests": []}
    for name, sha in found.branches.items():
        where = "pullRequests" if name in pulls else "branches"
        ref = name if name in pulls else f"refs/heads/{name}"
        told[where].append({"name": name, "ref": ref, "targetCommit": sha})
    for name, sha in found.tags.items():
        told["tags"].append({"name": name, "ref": f"refs/tags/{name}", "targetCommit": sha})
    if "include_prs" not in asked.query:
        del told["pullRequests"]
    return Answer(told)


def commits(asked: Asked, kinds: str, repo_id: str, revision: str) -> Answer:
    return Answer([_commit(commit) for commit in asked.read(kinds, repo_id).log(revision)])


def _commit(commit: Commit) -> dict[str, Any]:
    told = {"id": commit.sha, "title": commit.title, "message": commit.message, "date": NOW}
    return told | {"authors": [{"user": commit.author}]}


def branch(asked: Asked, kinds: str, repo_id: str, name: str) -> Answer:
    asked.write(kinds, repo_id).branch(name, asked.json().get("startingPoint"))
    return Answer({})


def delete_branch(asked: Asked, kinds: str, repo_id: str, name: str) -> Answer:
    asked.write(kinds, repo_id).delete_branch(name)
    return Answer({})


def tag(asked: Asked, kinds: str, repo_id: str, revision: str) -> Answer:
    asked.write(kinds, repo_id).tag(asked.json()["tag"], revision)
    return Answer({})


def delete_tag(asked: Asked, kinds: str, repo_id: str, name: str) -> Answer:
    if asked.write(kinds, repo_id).tags.pop(name, None) is None:
        raise Refusal(404, "RevisionNotFound", f"Tag {name} not found")
    return Answer({})


def super_squash(asked: Asked, kinds: str, repo_id: str, name: str) -> Answer:
    asked.write(kinds, repo_id).squash(name, asked.json()["message"], asked.name())
    return Answer({})


_ID = r"([^/]+/[^/]+)"
_API = rf"/api/(models|datasets|spaces)/{_ID}"
_WEB = rf"/(?:(datasets|spaces)/)?{_ID}"
# The first that fits answers.
ROUTES: list[tuple[str, str, Callable[..., Answer]]] = [
    ("GET", "/api/whoami-v2", whoami),
    ("POST", "/api/validate-yaml", validate_yaml),
    ("POST", "/api/repos/create", create),
    ("DELETE", "/api/repos/delete", delete),
    ("POST", "/api/repos/move", move),
    ("POST", "/api/collections", collection),
    ("POST", rf"/api/collections/{_ID}/items?", add_item),
    ("GET", rf"/api/collections/{_ID}", get_collection),
    ("GET|POST", rf"/api/spaces/{_ID}/variables", variables),
    ("GET|POST", rf"/api/spaces/{_ID}/secrets", secrets),
    ("GET", rf"/api/spaces/{_ID}/runtime", runtime),
    ("POST", rf"/api/spaces/{_ID}/hardware", hardware),
    ("GET", rf"/api/datasets/{_ID}/leaderboard", leaderboard),
    ("GET", "/api/(models|datasets|spaces)", listing),
    ("PUT", rf"{_API}/settings", settings),
    ("POST", rf"{_API}/user-access-request/grant", grant),
    ("POST", rf"{_API}/preupload/([^/]+)", preupload),
    ("POST", rf"{_API}/commit/([^/]+)", commit),
    ("GET", rf"{_API}/tree/([^/]+)(?:/(.*))?", tree),
    ("POST", rf"{_API}/paths-info/([^/]+)", paths_info),
    ("GET", rf"{_API}/refs", refs),
    ("GET", rf"{_API}/commits/([^/]+)", commits),
    ("POST", rf"{_API}/branch/([^/]+)", branch),
    ("DELETE", rf"{_API}/branch/([^/]+)", delete_branch),
    ("POST", rf"{_API}/tag/([^/]+)", tag),
    ("DELETE", rf"{_API}/tag/([^/]+)", delete_tag),
    ("POST", rf"{_API}/super-squash/([^/]+)", super_squash),
    ("GET", rf"{_API}/discussions", discussions),
    ("POST", rf"{_API}/discussions", open_discussion),
    ("GET", rf"{_API}/discussions/(\d+)", discussion),
    ("POST", rf"{_API}/discussions/(\d+)/(comment|merge|status|title)", change_discussion),
    ("POST", rf"/api/(?:(datasets|spaces)/)?{_ID}/discussions/(\d+)/(.+)", change_discussion),
    ("GET", rf"{_API}(?:/revision/([^/]+))?", info),
    ("POST", rf"{_WEB}\.git/info/lfs/objects/batch", lfs_batch),
    ("PUT", "/_lfs/object/([0-9a-f]{64})", lfs_object),
    ("PUT", r"/_lfs/part/([0-9a-f]{64})/(\d+)", lfs_part),
    ("POST", "/_lfs/complete/([0-9a-f]{64})", lfs_complete),
    ("POST", "/_lfs/verify", lfs_verify),
    ("GET|HEAD", rf"{_WEB}/resolve/([^/]+)/(.+)", resolve),
]
