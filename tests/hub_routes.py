"""What a Hub answers, a function a route."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import yaml
from hub_cards_rules import mistakes
from hub_store import (
    LARGE,
    LARGEST_REGULAR,
    NOW,
    Account,
    Commit,
    File,
    PullRequest,
    Refusal,
    Repository,
    pointer,
    regular,
    require_write,
)

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
        return self.hub.store.read(_kind(kinds), repo_id, self.who)

    def write(self, kinds: str | None, repo_id: str) -> Repository:
        return self.hub.store.write(_kind(kinds), repo_id, self.who)

    def name(self) -> str:
        if self.who is None:
            raise Refusal(401, "", "Invalid username or password.")
        return self.who.name


def _kind(kinds: str | None) -> str:
    return (kinds or "models").removesuffix("s")


def _address(asked: Asked, found: Repository) -> str:
    prefix = "" if found.kind == "model" else f"{found.kind}s/"
    return f"{asked.hub.url}/{prefix}{found.id}"


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
        url = _address(asked, asked.read(f"{kind}s", repo_id))
        return Answer({"error": refused.words, "url": url}, 409)
    return Answer({"url": _address(asked, made), "name": repo_id, "id": repo_id})


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
        if kind == _kind(kinds) and seen and author and asked.query.get("search", "") in repo_id:
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
        told["evalResults"] = [row for _, row in _results(asked, found)]
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


# Uploads.


def preupload(asked: Asked, kinds: str, repo_id: str, revision: str) -> Answer:
    found = asked.read(kinds, repo_id)
    own = (pull.ref for pull in found.discussions.values() if pull.author == asked.name())
    if "create_pr" not in asked.query and revision not in own:
        asked.write(kinds, repo_id)
    there = found.files(revision)
    told = []
    for given in asked.json()["files"]:
        path, held = given["path"], there.get(given["path"])
        large = path.endswith(LARGE) or given["size"] > LARGEST_REGULAR
        large = large or b"\0" in base64.b64decode(given.get("sample", ""))
        oid = (held.sha256 or held.oid) if held else None
        mode = "lfs" if large else "regular"
        told.append({"path": path, "uploadMode": mode, "shouldIgnore": False, "oid": oid})
    return Answer({"files": told})


def lfs_batch(asked: Asked, kinds: str | None, repo_id: str) -> Answer:
    asked.read(kinds, repo_id)
    asked.name()
    hub, given, told = asked.hub, asked.json(), []
    many = False
    for wanted in given["objects"]:
        oid, size = wanted["oid"], wanted["size"]
        entry: dict[str, Any] = {"oid": oid, "size": size}
        if oid not in hub.store.objects:
            upload: dict[str, Any] = {"href": f"{hub.url}/_lfs/object/{oid}"}
            if size > hub.multipart_bytes and "multipart" in given["transfers"]:
                many, n = True, -(-size // hub.multipart_bytes)
                parts = {str(i + 1): f"{hub.url}/_lfs/part/{oid}/{i + 1}" for i in range(n)}
                header = {"chunk_size": str(hub.multipart_bytes)} | parts
                upload = {"href": f"{hub.url}/_lfs/complete/{oid}", "header": header}
            entry["actions"] = {"upload": upload, "verify": {"href": f"{hub.url}/_lfs/verify"}}
        told.append(entry)
    transfer = "multipart" if many else "basic"
    return Answer({"transfer": transfer, "objects": told, "hash_algo": "sha256"})


def lfs_object(asked: Asked, oid: str) -> Answer:
    if hashlib.sha256(asked.body).hexdigest() != oid:
        raise Refusal(400, "BadRequest", "The content is not what its hash says")
    asked.hub.store.objects[oid] = asked.body
    return Answer(b"")


def lfs_part(asked: Asked, oid: str, number: str) -> Answer:
    asked.hub.store.parts[oid, int(number)] = asked.body
    return Answer(b"", headers={"ETag": f'"{hashlib.md5(asked.body).hexdigest()}"'})


def lfs_complete(asked: Asked, oid: str) -> Answer:
    parts = asked.hub.store.parts
    numbers = [part["partNumber"] for part in asked.json()["parts"]]
    asked.body = b"".join(parts.pop((oid, number)) for number in numbers)
    return lfs_object(asked, oid)


def lfs_verify(asked: Asked) -> Answer:
    held = asked.hub.store.objects.get(asked.json()["oid"])
    if held is None or len(held) != asked.json()["size"]:
        raise Refusal(404, "EntryNotFound", "The file did not come")
    return Answer({})


def commit(asked: Asked, kinds: str, repo_id: str, revision: str) -> Answer:
    found = asked.read(kinds, repo_id)
    asked.name()
    lines = [json.loads(line) for line in asked.body.splitlines()]
    header = next(line["value"] for line in lines if line["key"] == "header")
    if "create_pr" in asked.query:
        pull = found.open(header["summary"], asked.name(), header.get("description", ""), True)
        found.set_status(pull.num, "open", asked.name())
        revision = pull.ref
    else:
        pull = next((p for p in found.discussions.values() if p.ref == revision), None)
        if pull is None or pull.author != asked.name():
            asked.write(kinds, repo_id)
        if pull is not None and pull.status in ("merged", "closed"):
            raise Refusal(403, "Forbidden", f"Pull request {pull.num} is {pull.status}")
    if revision not in found.branches:
        raise Refusal(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    parent = header.get("parentCommit")
    if parent and found.branches[revision] != parent:
        raise Refusal(412, "", "A commit has happened since. Please refresh and try again.")
    files = _changed(asked, dict(found.files(revision)), lines)
    if "README.md" in files and files["README.md"] != found.files(revision).get("README.md"):
        text = asked.hub.store.content(files["README.md"]).decode("utf-8", "replace")
        if words := mistakes(text, found.kind):
            raise Refusal(400, "BadRequest", f"Invalid metadata in README.md. {' '.join(words)}")
    made = found.add(
        revision, files, header["summary"], header.get("description", ""), asked.name()
    )
    told = {"success": True, "commitOid": made.sha, "hookOutput": ""}
    told["commitUrl"] = f"{_address(asked, found)}/commit/{made.sha}"
    if "create_pr" in asked.query:
        assert pull is not None
        told["pullRequestUrl"] = f"{_address(asked, found)}/discussions/{pull.num}"
    return Answer(told)


def _changed(asked: Asked, files: dict[str, File], lines: list[Any]) -> dict[str, File]:
    for line in lines:
        key, value = line["key"], line["value"]
        if key == "file":
            data = base64.b64decode(value["content"])
            if len(data) > LARGEST_REGULAR:
                raise Refusal(400, "BadRequest", f"{value['path']} is too large for a regular file")
            files[value["path"]] = regular(data)
        elif key == "lfsFile":
            held = asked.hub.store.objects.get(value["oid"])
            if held is None:
                words = f"LFS pointer pointed to a file that does not exist: {value['path']}"
                raise Refusal(400, "BadRequest", words)
            files[value["path"]] = pointer(value["oid"], len(held))
        elif key == "deletedFile":
            if files.pop(value["path"], None) is None:
                raise Refusal(404, "EntryNotFound", f"{value['path']} does not exist")
        elif key == "deletedFolder":
            inside = f"{value['path'].rstrip('/')}/"
            files = {path: file for path, file in files.items() if not path.startswith(inside)}
    return files


# Pull requests and discussions.


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


# Spaces, collections, leaderboards.


def variables(asked: Asked, repo_id: str) -> Answer:
    found = asked.write("spaces", repo_id)
    if given := asked.json():
        found.variables[given["key"]] = given.get("value", "")
    told = {name: {"key": name, "value": value} for name, value in found.variables.items()}
    return Answer(told)


def secrets(asked: Asked, repo_id: str) -> Answer:
    asked.write("spaces", repo_id)
    return Answer({})


def runtime(asked: Asked, repo_id: str) -> Answer:
    hardware = asked.read("spaces", repo_id).hardware
    told = {"current": hardware, "requested": hardware}
    return Answer({"stage": "RUNNING", "hardware": told, "gcTimeout": None, "raw": {}})


def hardware(asked: Asked, repo_id: str) -> Answer:
    asked.write("spaces", repo_id).hardware = asked.json()["flavor"]
    return runtime(asked, repo_id)


def collection(asked: Asked) -> Answer:
    given = asked.json()
    slug = f"{given['namespace']}/{re.sub('[^a-z0-9]+', '-', given['title'].lower())}-0123456789"
    made = {"slug": slug, "title": given["title"], "owner": {"name": given["namespace"]}}
    made |= {"items": [], "lastUpdated": NOW, "position": 0, "private": given.get("private", False)}
    made |= {"theme": "blue", "upvotes": 0, "description": given.get("description")}
    asked.hub.store.collections[slug] = made
    return Answer(made)


def get_collection(asked: Asked, slug: str) -> Answer:
    if slug not in asked.hub.store.collections:
        raise Refusal(404, "EntryNotFound", f"Collection {slug} not found")
    return Answer(asked.hub.store.collections[slug])


def add_item(asked: Asked, slug: str) -> Answer:
    made = get_collection(asked, slug).body
    item = asked.json()["item"]
    made["items"].append({"_id": str(len(made["items"])), "position": 0, **item})
    return Answer(made)


def _results(asked: Asked, model: Repository) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path, file in model.files().items():
        if re.fullmatch(r"\.eval_results/[^/]+\.yaml", path):
            rows = yaml.safe_load(asked.hub.store.content(file)) or []
            found += [(path, json.loads(json.dumps(row, default=str))) for row in rows]
    return found


def leaderboard(asked: Asked, repo_id: str) -> Answer:
    """Models by their result on the benchmark's first task."""
    bench = asked.read("datasets", repo_id).files()
    if "eval.yaml" not in bench:
        raise Refusal(404, "EntryNotFound", f"{repo_id} is no benchmark")
    first = yaml.safe_load(asked.hub.store.content(bench["eval.yaml"]))["tasks"][0]["id"]
    rows = []
    for model in asked.hub.store.repositories.values():
        for path, row in _results(asked, model) if model.kind == "model" else ():
            if row["dataset"]["id"] == repo_id and row["dataset"]["task_id"] == first:
                rows.append((row["value"], model, path, row))
    rows.sort(key=lambda each: -each[0])
    told = []
    for rank, (value, model, path, row) in enumerate(rows, 1):
        author = {"type": "user", "name": model.namespace, "fullname": "", "avatarUrl": ""}
        entry = {"rank": rank, "modelId": model.id, "value": value, "filename": path}
        entry |= {"verified": False, "source": row.get("source"), "author": author}
        told.append(entry | {"notes": row.get("notes")})
    return Answer(told)


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
