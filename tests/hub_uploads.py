"""How files come to the tests' Hub: looked at, sent in one piece or several, and committed."""

import base64
import hashlib
import json
from typing import Any

from hub_asked import Answer, Asked, address_of
from hub_cards_rules import mistakes
from hub_store import LARGE, LARGEST_REGULAR, File, Refusal, pointer, regular


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
    told["commitUrl"] = f"{address_of(asked, found)}/commit/{made.sha}"
    if "create_pr" in asked.query:
        assert pull is not None
        told["pullRequestUrl"] = f"{address_of(asked, found)}/discussions/{pull.num}"
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
