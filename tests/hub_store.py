"""What a Hub keeps: accounts, repositories with their commits and pull requests, large files."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

NOW = "2026-01-01T00:00:00.000Z"
ATTRIBUTES = b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"
# By their names; what is large or has a zero byte goes the same way.
LARGE = (".safetensors", ".bin", ".parquet", ".arrow", ".tar", ".wav", ".mp4", ".zip", ".gz")
LARGEST_REGULAR = 10_000_000


class Refusal(Exception):  # noqa: N818  (an answer, not a mistake)
    """An answer that is none of success: its status, the Hub's code for it, and words."""

    def __init__(self, status: int, code: str, words: str = "") -> None:
        super().__init__(words or code)
        self.status, self.code, self.words = status, code, words or code


@dataclass(frozen=True)
class Account:
    """Whose token it is, and what it may do."""

    name: str
    role: str = "write"
    orgs: tuple[str, ...] = ()

    def owns(self, namespace: str) -> bool:
        return namespace == self.name or namespace in self.orgs


@dataclass(frozen=True)
class File:
    """A file of a commit; large ones are a pointer, whose oid is that of the pointer's text."""

    size: int
    oid: str
    data: bytes | None = None
    sha256: str | None = None


def regular(data: bytes) -> File:
    return File(len(data), git_oid(data), data)


def pointer(sha256: str, size: int) -> File:
    text = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n"
    return File(size, git_oid(text.encode()), None, sha256)


def git_oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


@dataclass(frozen=True)
class Commit:
    sha: str
    parent: str | None
    title: str
    message: str
    author: str
    files: dict[str, File]


@dataclass
class PullRequest:
    """A pull request, or with ``is_pull_request`` unset a discussion."""

    num: int
    title: str
    author: str
    description: str
    base: str = ""
    is_pull_request: bool = True
    status: str = "draft"
    merged: str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def ref(self) -> str:
        return f"refs/pr/{self.num}"


class Repository:
    """Commits, and the names that point to them."""

    def __init__(self, kind: str, repo_id: str, private: bool, sdk: str | None = None) -> None:
        self.kind, self.id, self.private, self.sdk = kind, repo_id, private, sdk
        self.gated: str | bool = False
        self.granted: set[str] = set()
        self.variables: dict[str, str] = {}
        self.hardware = "cpu-basic"
        self.commits: dict[str, Commit] = {}
        self.branches: dict[str, str] = {}
        self.tags: dict[str, str] = {}
        self.discussions: dict[int, PullRequest] = {}
        self._numbers = count(1)
        self.add("main", {".gitattributes": regular(ATTRIBUTES)}, "initial commit", "", "hub")

    @property
    def namespace(self) -> str:
        return self.id.split("/")[0]

    def head(self, revision: str) -> str:
        """The commit that a branch, tag, pull request or hash names."""
        pulls = {pull.ref: self.branches.get(pull.ref) for pull in self.discussions.values()}
        for names in (self.branches, self.tags, pulls):
            if sha := names.get(revision):
                return sha
        full = [sha for sha in self.commits if len(revision) >= 7 and sha.startswith(revision)]
        if len(full) != 1:
            raise Refusal(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return full[0]

    def files(self, revision: str = "main") -> dict[str, File]:
        return self.commits[self.head(revision)].files

    def add(
        self, branch: str, files: dict[str, File], title: str, message: str, author: str
    ) -> Commit:
        """A commit on top of a branch."""
        parent = self.branches.get(branch)
        told = f"{self.id} {parent} {title} {sorted(files.items(), key=str)} {len(self.commits)}"
        sha = hashlib.sha1(told.encode()).hexdigest()
        commit = Commit(sha, parent, title, message, author, dict(files))
        self.commits[sha], self.branches[branch] = commit, sha
        return commit

    def log(self, revision: str) -> Iterable[Commit]:
        """Newest first."""
        sha: str | None = self.head(revision)
        while sha is not None:
            yield self.commits[sha]
            sha = self.commits[sha].parent

    def branch(self, name: str, start: str | None) -> None:
        if name in self.branches:
            raise Refusal(409, "Conflict", f"Reference already exists: refs/heads/{name}")
        self.branches[name] = self.head(start or "main")

    def delete_branch(self, name: str) -> None:
        if name == "main" or name.startswith("refs/"):
            raise Refusal(403, "Forbidden", f"Cannot delete {name}")
        if self.branches.pop(name, None) is None:
            raise Refusal(404, "RevisionNotFound", f"Reference does not exist: refs/heads/{name}")

    def tag(self, name: str, revision: str) -> None:
        if name in self.tags:
            raise Refusal(409, "Conflict", f"Tag already exists: {name}")
        self.tags[name] = self.head(revision)

    def squash(self, branch: str, title: str, author: str) -> None:
        """One commit in place of a branch's history."""
        files = self.files(branch)
        del self.branches[branch]
        self.add(branch, files, title, "", author)

    def open(self, title: str, author: str, text: str, is_pull_request: bool) -> PullRequest:
        """A discussion, or a pull request that starts at main as a draft."""
        status = "draft" if is_pull_request else "open"
        made = PullRequest(next(self._numbers), title, author, text, status=status)
        made.is_pull_request, made.base = is_pull_request, self.branches["main"]
        self.discussions[made.num] = made
        if is_pull_request:
            self.branches[made.ref] = made.base
        made.events.append(_comment(made, author, text))
        return made

    def discussion(self, num: int) -> PullRequest:
        if num not in self.discussions:
            raise Refusal(404, "EntryNotFound", f"Discussion {num} not found")
        return self.discussions[num]

    def conflicts(self, pull: PullRequest) -> list[str]:
        """Files that main and the pull request changed in unlike ways since it began."""
        base, ours, theirs = (
            self.commits[sha].files
            for sha in (pull.base, self.branches["main"], self.branches[pull.ref])
        )
        paths = base.keys() | ours.keys() | theirs.keys()
        return sorted(
            path
            for path in paths
            if base.get(path) != ours.get(path) != theirs.get(path) != base.get(path)
        )

    def merge(self, num: int, author: str) -> Commit:
        """One commit on main with all that the pull request changed."""
        pull = self.discussion(num)
        if not pull.is_pull_request or pull.status != "open":
            raise Refusal(
                400, "BadRequest", f"Only open pull requests merge, this is {pull.status}"
            )
        if self.conflicts(pull):
            raise Refusal(409, "Conflict", "This pull request has conflicts")
        base, theirs = self.commits[pull.base].files, self.files(pull.ref)
        if base == theirs:
            raise Refusal(400, "BadRequest", "There is nothing to merge")
        files = dict(self.files("main"))
        for path in base.keys() | theirs.keys():
            if base.get(path) != theirs.get(path):
                files.pop(path, None)
                if path in theirs:
                    files[path] = theirs[path]
        commit = self.add("main", files, f"{pull.title} (#{num})", "", author)
        pull.status, pull.merged = "merged", commit.sha
        pull.events.append(_event(pull, "status-change", author, {"status": "merged"}))
        return commit

    def set_status(self, num: int, status: str, author: str) -> dict[str, Any]:
        pull = self.discussion(num)
        if pull.status == "merged":
            raise Refusal(400, "BadRequest", "A merged pull request stays so")
        pull.status = status
        pull.events.append(_event(pull, "status-change", author, {"status": status}))
        return pull.events[-1]

    def comment(self, num: int, author: str, text: str) -> dict[str, Any]:
        pull = self.discussion(num)
        pull.events.append(_comment(pull, author, text))
        return pull.events[-1]


def _event(pull: PullRequest, kind: str, author: str, data: dict[str, Any]) -> dict[str, Any]:
    event = {"type": kind, "createdAt": NOW, "author": {"name": author}, "data": data}
    return event | {"id": f"{pull.num:04d}{len(pull.events):04d}"}


def _comment(pull: PullRequest, author: str, text: str) -> dict[str, Any]:
    shown = {"edited": False, "hidden": False, "latest": {"raw": text}}
    return _event(pull, "comment", author, shown)


@dataclass
class Store:
    """Everything the Hub has."""

    accounts: dict[str, Account]
    repositories: dict[tuple[str, str], Repository] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)  # large files by their sha256
    parts: dict[tuple[str, int], bytes] = field(default_factory=dict)
    collections: dict[str, dict[str, Any]] = field(default_factory=dict)

    def account(self, authorization: str | None) -> Account | None:
        """Who asks; None without a token."""
        if not authorization:
            return None
        known = self.accounts.get(authorization.removeprefix("Bearer ").strip())
        if known is None:
            raise Refusal(401, "", "Invalid credentials in Authorization header")
        return known

    def read(self, kind: str, repo_id: str, who: Account | None) -> Repository:
        """A repository that somebody may see: others' private ones look like missing ones."""
        found = self.repositories.get((kind, repo_id))
        if found is None or (found.private and not (who and who.owns(found.namespace))):
            raise Refusal(401 if who is None else 404, "RepoNotFound", "Repository not found")
        return found

    def write(self, kind: str, repo_id: str, who: Account | None) -> Repository:
        """A repository that somebody may change."""
        found = self.read(kind, repo_id, who)
        if who is None:
            raise Refusal(401, "", "Invalid username or password.")
        require_write(who, found.namespace, f"change {repo_id}")
        return found

    def require_content(self, found: Repository, who: Account | None) -> None:
        """Files of a gated repository are for those who were let in."""
        if not found.gated or (who and (who.owns(found.namespace) or who.name in found.granted)):
            return
        words = f"Access to {found.kind} {found.id} is restricted. You must be authenticated."
        raise Refusal(401 if who is None else 403, "GatedRepo", words)

    def create(self, kind: str, repo_id: str, private: bool, sdk: str | None) -> Repository:
        if not re.fullmatch(r"[\w.-]{1,96}/[\w.-]{1,96}", repo_id):
            raise Refusal(400, "BadRequest", f"Invalid repo name: {repo_id}")
        if (kind, repo_id) in self.repositories:
            raise Refusal(409, "Conflict", "You already created this repo")
        made = self.repositories[kind, repo_id] = Repository(kind, repo_id, private, sdk)
        return made

    def content(self, file: File) -> bytes:
        return self.objects[file.sha256] if file.sha256 else file.data or b""


def require_write(who: Account, namespace: str, what: str) -> None:
    """Both the person and the token must be allowed to."""
    if not who.owns(namespace):
        words = f'You don\'t have the rights to {what} under the namespace "{namespace}"'
        raise Refusal(403, "Forbidden", f"Forbidden: {words}")
    if who.role != "write":
        raise Refusal(403, "Forbidden", f"Forbidden: you must use a write token to {what}")
