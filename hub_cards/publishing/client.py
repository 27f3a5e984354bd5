"""A repository of the Hub as a push needs it: every error in words, every call tried again."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from affecthub.hub_cards.publishing.folder import LocalFile
from affecthub.hub_cards.publishing.retries import persist
from affecthub.hub_cards.publishing.words import HubError, plain, told
from affecthub.hub_cards.staged import RepoType


def require_repo_id(repo_id: str, token: str | None = None) -> None:
    """Refuse what can be no repository's name, before anything is asked of the Hub.

    Args:
        repo_id: ``name`` or ``owner/name``.
        token: Never shown, should the name hold it.

    Raises:
        ValueError: The name is none that the Hub takes.
    """
    from huggingface_hub.utils import HFValidationError, validate_repo_id

    wrong = None
    try:
        validate_repo_id(repo_id)
    except HFValidationError as error:
        wrong = plain(str(error), token)
    if wrong or repo_id.count("/") > 1:
        shown = plain(repr(repo_id), token)
        raise ValueError(f"repository: got {shown}, expected owner/name. {wrong or ''}".rstrip())


@dataclass(frozen=True)
class HeldFile:
    """A file as a branch of the Hub holds it."""

    path: str
    n_bytes: int
    git_oid: str
    sha256: str | None = None

    def equals(self, file: LocalFile) -> bool:
        """Whether the content is the same."""
        if self.n_bytes != file.n_bytes:
            return False
        return self.sha256 == file.sha256 if self.sha256 else self.git_oid == file.git_oid


class HubRepository:
    """One repository, and who we are to it.

    Args:
        repo_id: ``name`` or ``owner/name``.
        repo_type: What kind it is.
        api: An ``HfApi``; None takes the one of the environment.
        say: Takes a line about each pause before another try.

    Raises:
        ValueError: The name is none that the Hub takes.
        HubError: There is no token, a wrong one, or no way to the Hub.
    """

    def __init__(
        self, repo_id: str, repo_type: RepoType, api: Any, say: Callable[[str], None]
    ) -> None:
        from huggingface_hub import HfApi, get_token

        self.api = HfApi() if api is None else api
        self.repo_type, self._say, self.id = repo_type, say, repo_id
        given = getattr(self.api, "token", None)
        self.token: str | None = given if isinstance(given, str) else get_token()
        require_repo_id(repo_id, self.token)
        if self.token is None:
            raise HubError(
                f"push to {repo_id}: got no token, expected one that may write. Log in with "
                "`hf auth login`, or set HF_TOKEN."
            )
        self.account = self.call("whoami", "to ask who you are", of_repository=False)
        self.user: str = self.account["name"]
        if "/" not in repo_id:
            self.id = f"{self.user}/{repo_id}"

    @property
    def url(self) -> str:
        """Its page."""
        kinds = "" if self.repo_type == "model" else f"{self.repo_type}s/"
        return f"{self.api.endpoint}/{kinds}{self.id}"

    def call(self, method: str, purpose: str, *, of_repository: bool = True, **said: Any) -> Any:
        """Call the client, again where that may help.

        Args:
            method: Of ``HfApi``.
            purpose: For the error: ``"to list its files"``.
            of_repository: Whether it takes the repository's name and type.
            **said: Its other arguments.

        Raises:
            HubError: The Hub refuses, or cannot be reached.
        """
        return persist(lambda: self.once(method, purpose, of_repository, **said), self._say)

    def once(self, method: str, purpose: str, of_repository: bool = True, **said: Any) -> Any:
        """The same, tried once. Lists are read to their end."""
        if of_repository:
            said = {"repo_id": self.id, "repo_type": self.repo_type, **said}
        try:
            given = getattr(self.api, method)(**said)
            # The client reads pages of a list while one walks through it.
            return list(given) if hasattr(given, "__next__") else given
        except Exception as error:  # whatever the network or the Hub has to say
            failed = told(f"push to {self.id}: {purpose}", error, self.token)
        # Out of the block: the client's error, which knows the token, does not hang on ours.
        raise failed

    def persist(self, attempt: Callable[[], Any]) -> Any:
        """Try something of several calls again where that may help."""
        return persist(attempt, self._say)

    def info(self) -> Any | None:
        """What the Hub says of it; None where it is not there."""
        try:
            return self.call("repo_info", "to look at it")
        except HubError as error:
            if error.status == 404:
                return None
            raise

    def names(self) -> tuple[dict[str, str], set[str]]:
        """Branches with the commits they point to, and tags, which cannot be pushed to."""
        found = self.call("list_repo_refs", "to list its branches")
        branches = {ref.name: str(ref.target_commit) for ref in found.branches}
        return branches, {ref.name for ref in found.tags}

    def head(self, revision: str, *, once: bool = False) -> str:
        """The commit that a branch, or a pull request, points to."""
        call = self.once if once else self.call
        return str(call("repo_info", f"to look at {revision}", revision=revision).sha)

    def files(self, revision: str, *, once: bool = False) -> dict[str, HeldFile]:
        """What a branch holds, by path."""
        call = self.once if once else self.call
        found = call(
            "list_repo_tree", f"to list the files of {revision}", revision=revision, recursive=True
        )
        return {
            each.path: HeldFile(
                each.path, each.size, each.blob_id, each.lfs.sha256 if each.lfs else None
            )
            for each in found
            if hasattr(each, "blob_id")
        }

    def commit(
        self,
        revision: str,
        parent: str,
        message: str,
        add: Iterable[LocalFile],
        delete: Iterable[str],
    ) -> str:
        """Make one commit on top of ``parent``, tried once; give its name.

        Large files go before it, those that the Hub has are left out.
        """
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        operations: list[Any] = [
            CommitOperationDelete(path_in_repo=path, is_folder=False) for path in delete
        ]
        for file in add:
            operation = CommitOperationAdd(path_in_repo=file.path, path_or_fileobj=file.source)
            # Known already: the client would read every large file again.
            operation.upload_info.sha256 = bytes.fromhex(file.sha256)
            operations.append(operation)
        made = self.once(
            "create_commit",
            f"to make a commit on {revision}",
            operations=operations,
            commit_message=message,
            revision=revision,
            parent_commit=parent,
        )
        return str(made.oid)
