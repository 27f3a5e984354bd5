"""The road of a staged folder to the Hub: planned, staged, compared, then shown at once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from affecthub.hub_cards.publishing.card import require_card
from affecthub.hub_cards.publishing.difference import Difference, difference
from affecthub.hub_cards.publishing.folder import LocalFile, digest, list_files, read_files
from affecthub.hub_cards.publishing.places import (
    PREFIX,
    Place,
    branch_name,
    bring,
    find_pull_request,
    open_branch,
    open_pull_request,
    require_equal,
    settle,
)
from affecthub.hub_cards.publishing.plan import Plan
from affecthub.hub_cards.publishing.target import Target, look
from affecthub.hub_cards.publishing.words import HubError
from affecthub.hub_cards.staged import Staged

_UNSEEN = "Nothing was published; push again."
_SEEN = "Somebody changed it right after the push; look at its history."


@dataclass(frozen=True)
class Published:
    """What a push came to.

    Attributes:
        url: Page of the repository, or of the pull request.
        revision: The branch, or ``refs/pr/N``.
        commit: The commit it points to.
        changed: Whether there was anything to do.
        pull_request: Its number, where one was opened.
    """

    url: str
    revision: str
    commit: str
    changed: bool
    pull_request: int | None = None


def publish(
    staged: Staged,
    repo_id: str,
    *,
    private: bool = True,
    revision: str | None = None,
    create_pr: bool = False,
    confirm: Callable[[Plan], None] | None = None,
    say: Callable[[str], None] | None = None,
    api: Any = None,
) -> Published:
    """Send a staged folder; the branch changes by one commit, or not at all.

    A new repository is private until everything is in it. Files go to a branch of their own first
    (with ``create_pr`` to a draft of a pull request), whose listing is compared with the folder.
    Whatever interrupts it, the same call goes on from there and sends no finished file twice.

    Args:
        staged: What to send; files of the repository that it has not are deleted, but for
            ``.gitattributes`` and results of others below ``.eval_results``.
        repo_id: ``name`` or ``owner/name``.
        private: Whether nobody else may see it. False makes a private repository public in the end.
        revision: The branch to change; None is ``main``. One that is not there is made.
        create_pr: Leave a pull request for others to look at, in place of a change.
        confirm: Called with the plan before anything is changed; raises to stop.
        say: Takes lines of progress, without line ends.
        api: An ``HfApi``; None takes that of the environment (``HF_TOKEN``, ``hf auth login``).

    Returns:
        What came of it.

    Raises:
        ValueError: The folder, its card, the name, or what is there does not fit.
        HubError: An ``OSError``: the Hub refuses, cannot be reached, or the branch was changed by
            somebody else meanwhile. The message says what to do, and holds no token.
    """
    say = say or (lambda line: None)
    listed = list_files(staged.folder)
    head = require_card(staged)
    target = look(
        repo_id,
        staged.repo_type,
        private=private,
        revision=revision,
        create_pr=create_pr,
        space_sdk=staged.space_sdk,
        api=api,
        say=say,
    )
    files = read_files(listed, target.hub.token)
    plan = _plan(staged, target, files, head)
    if confirm is not None:
        confirm(plan)
    _prepare(staged, target)
    if create_pr:
        return _propose(staged, target, files, plan.changes, say)
    return _replace(staged, target, files, plan.changes, say)


def _plan(staged: Staged, target: Target, files: list[LocalFile], head: dict[str, Any]) -> Plan:
    hub, held = target.hub, {}
    if target.exists:
        start = target.revision if target.revision in target.branches else "main"
        held = hub.files(start)
    name, notes = branch_name(digest(files)), list(staged.notes)
    others = [each for each in target.branches if each.startswith(PREFIX) and each != name]
    if others:
        notes.append(
            f"Interrupted pushes of other content left {', '.join(others)}; delete what nobody "
            "goes on with."
        )
    if target.private:
        visibility = "you and your organization alone"
    elif target.exists and not target.was_private:
        visibility = "everybody"
    else:
        visibility = "everybody, once all files are there"
    resumed = name in target.branches
    if target.create_pr:
        resumed = find_pull_request(hub, digest(files)) is not None
    changes = difference(files, held)
    return Plan(
        url=hub.url,
        repo_type=staged.repo_type,
        exists=target.exists,
        visibility=visibility,
        gated=staged.gated or target.gated,
        licence=_licence(head),
        revision=target.revision,
        create_pr=target.create_pr,
        changes=changes,
        anything=bool(changes) or (not target.create_pr and target.changes),
        resumed=resumed,
        notes=tuple(notes),
    )


def _licence(head: dict[str, Any]) -> str:
    licence = head.get("license_name") or head.get("license") or ""
    return ", ".join(map(str, licence)) if isinstance(licence, list) else str(licence)


def _prepare(staged: Staged, target: Target) -> None:
    """Make the repository, private, and gate it, before the first file is there."""
    hub = target.hub
    if target.create_pr:
        return
    if not target.exists:
        sdk: dict[str, Any] = {"space_sdk": staged.space_sdk} if staged.repo_type == "space" else {}
        hub.call("create_repo", "to make it", private=True, exist_ok=True, **sdk)
        if not hub.call("repo_info", "to look at it").private:
            raise HubError(
                f"push to {hub.id}: got a repository that somebody made public meanwhile, "
                "expected a private one. Push again."
            )
    if staged.gated and staged.gated != target.gated:
        hub.call("update_repo_settings", "to gate it", gated=staged.gated)


def _propose(
    staged: Staged,
    target: Target,
    files: list[LocalFile],
    changes: Difference,
    say: Callable[[str], None],
) -> Published:
    """Leave a pull request that holds the folder, open for others once it is whole."""
    hub = target.hub
    if not changes:
        return Published(hub.url, target.revision, hub.head(target.revision), False)
    place = open_pull_request(hub, digest(files), staged.message)
    say(f"Sending to the pull request {place.pull_request}, a draft until all files are there.")
    bring(hub, place, files, staged.message)
    require_equal(hub, place.ref, files, _UNSEEN)
    details = hub.call(
        "get_discussion_details",
        "to look at the pull request",
        discussion_num=place.pull_request,
    )
    if details.status == "draft":
        hub.call(
            "change_discussion_status",
            "to mark the pull request as open",
            discussion_num=place.pull_request,
            new_status="open",
        )
    url = f"{hub.url}/discussions/{place.pull_request}"
    return Published(url, place.ref, hub.head(place.ref), True, place.pull_request)


def _replace(
    staged: Staged,
    target: Target,
    files: list[LocalFile],
    changes: Difference,
    say: Callable[[str], None],
) -> Published:
    """Change the branch by one commit, once everything that it needs is on the Hub."""
    hub, revision = target.hub, target.revision
    start = target.branches.get(revision) or hub.head("main")
    commit, place = start, Place(branch_name(digest(files)))
    missing = target.makes_branch
    if changes or missing:
        place = open_branch(hub, digest(files), start)
        say(f"Sending to the branch {place.ref}.")
        bring(hub, place, files, staged.message)
        require_equal(hub, place.ref, files, _UNSEEN)
        if missing:
            commit = hub.head(place.ref)
            hub.call(
                "create_branch",
                f"to make the branch {revision}",
                branch=revision,
                revision=commit,
                exist_ok=True,
            )
        else:
            say(f"All files are there; {revision} changes now.")
            commit = settle(hub, revision, start, files, staged.message)
        require_equal(hub, revision, files, _SEEN)
    _tidy(hub, place)
    if target.opens:
        hub.call("update_repo_settings", "to make it public", private=False)
    return Published(hub.url, revision, commit, bool(changes) or target.changes)


def _tidy(hub: Any, place: Place) -> None:
    """Delete the branch that files lay on, of this push or of one cut after its last commit."""
    if place.ref not in hub.names()[0]:
        return
    try:
        hub.call("delete_branch", f"to delete the branch {place.ref}", branch=place.ref)
    except HubError as error:
        if error.status != 404:  # gone by a call whose answer was lost
            raise
