"""The repository that a push goes to, looked at before time is spent on what would not help."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from affecthub.hub_cards.publishing.client import HubRepository
from affecthub.hub_cards.publishing.words import HubError
from affecthub.hub_cards.staged import RepoType


@dataclass(frozen=True)
class Target:
    """A repository that we may push to.

    Attributes:
        hub: The way to it.
        exists: Whether it is there.
        was_private: Whether we alone see it now.
        gated: Its setting now.
        private: Whether we alone shall see it.
        revision: The branch to change.
        create_pr: Whether it takes a pull request in place of a change.
        branches: Its branches and where they point.
    """

    hub: HubRepository
    exists: bool
    was_private: bool
    gated: Any
    private: bool
    revision: str
    create_pr: bool
    branches: dict[str, str]

    @property
    def makes_branch(self) -> bool:
        """Whether the branch is yet to be made."""
        return self.revision != "main" and self.revision not in self.branches

    @property
    def opens(self) -> bool:
        """Whether everybody sees in the end what we alone see now."""
        return self.was_private and not self.private

    @property
    def changes(self) -> bool:
        """Whether a push changes more than files."""
        return not self.exists or self.makes_branch or self.opens


def look(
    repo_id: str,
    repo_type: RepoType,
    *,
    private: bool = True,
    revision: str | None = None,
    create_pr: bool = False,
    space_sdk: str | None = None,
    api: Any = None,
    say: Callable[[str], None] = lambda line: None,
) -> Target:
    """Ask the Hub who we are and what is there; nothing is changed.

    Args:
        repo_id: ``name`` or ``owner/name``.
        repo_type: What kind it is to be.
        private: Whether nobody else may see it.
        revision: The branch to change; None is ``main``.
        create_pr: Whether to open a pull request.
        space_sdk: Of a Space.
        api: An ``HfApi``; None takes that of the environment.
        say: Takes a line about each pause before another try.

    Raises:
        ValueError: The name is none, or stands for something that does not fit.
        HubError: No right, no token, no way to the Hub.
    """
    if create_pr and revision not in (None, "main"):
        raise ValueError(
            f"push to {repo_id}: got create_pr=True (--create-pr) with revision={revision!r}, "
            "expected one of them: the Hub merges pull requests into main"
        )
    hub = HubRepository(repo_id, repo_type, api, say)
    _require_right(hub, create_pr)
    info = hub.info()
    branches: dict[str, str] = {}
    if info is None:
        if create_pr:
            raise ValueError(
                f"push to {hub.id}: got a {repo_type} that is not there, or that you may not see, "
                "expected one to open a pull request for"
            )
    else:
        _require_fit(hub, info, private, space_sdk)
        branches, tags = hub.names()
        if revision in tags:
            raise ValueError(
                f"push to {hub.id}: got revision={revision!r}, which is a tag, expected a branch"
            )
    return Target(
        hub=hub,
        exists=info is not None,
        was_private=bool(info.private) if info is not None else True,
        gated=getattr(info, "gated", False) or False,
        private=private,
        revision=revision or "main",
        create_pr=create_pr,
        branches=branches,
    )


def _require_right(hub: HubRepository, create_pr: bool) -> None:
    """What can be told from the token alone; of a fine-grained one the Hub decides."""
    role = hub.account.get("auth", {}).get("accessToken", {}).get("role")
    if role == "read":
        raise HubError(
            f"push to {hub.id}: got a token that may only read, expected one that may write. Make "
            "one in the settings of your account, and log in with `hf auth login`."
        )
    owners = {hub.user, *(each["name"] for each in hub.account.get("orgs", ()))}
    owner = hub.id.split("/")[0]
    if role == "write" and not create_pr and owner not in owners:
        raise HubError(
            f"push to {hub.id}: got the owner {owner!r}, expected one of "
            f"{', '.join(sorted(owners))}, to whom {hub.user} may push. For somebody else's "
            "repository open a pull request (--create-pr)."
        )


def _require_fit(hub: HubRepository, info: Any, private: bool, space_sdk: str | None) -> None:
    if private and not info.private:
        raise ValueError(
            f"push to {hub.id}: got a repository that everybody can see, expected a private one. "
            "Make it private in its settings, or pass --public (private=False)."
        )
    sdk = getattr(info, "sdk", None)
    if space_sdk and sdk and sdk != space_sdk:
        raise ValueError(
            f"push to {hub.id}: got a Space made with {sdk}, expected one made with {space_sdk}. "
            "Choose another name."
        )
