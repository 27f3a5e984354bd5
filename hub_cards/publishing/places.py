"""Where files lie until all of them are there: a branch of their own, or a pull request."""

from collections.abc import Iterable
from dataclasses import dataclass

from affecthub.hub_cards.publishing.client import HubRepository
from affecthub.hub_cards.publishing.difference import batches, difference
from affecthub.hub_cards.publishing.folder import LocalFile
from affecthub.hub_cards.publishing.words import HubError

PREFIX = "affecthub-push-"


@dataclass(frozen=True)
class Place:
    """A reference that nobody reads from.

    Attributes:
        ref: Its name.
        pull_request: Number of the pull request; None for a branch.
    """

    ref: str
    pull_request: int | None = None


def branch_name(digest: str) -> str:
    """Of the branch for a content: the same push finds it again."""
    return f"{PREFIX}{digest}"


def open_branch(hub: HubRepository, digest: str, start: str) -> Place:
    """Find the branch of this content, or make it at a commit."""
    place = Place(branch_name(digest))
    hub.call(
        "create_branch",
        f"to make the branch {place.ref}",
        branch=place.ref,
        revision=start,
        exist_ok=True,
    )
    return place


def open_pull_request(hub: HubRepository, digest: str, message: str) -> Place:
    """Find our pull request of this content, or open one as a draft."""
    found = find_pull_request(hub, digest)
    if found is not None:
        return found

    # A lost answer is no reason for a second one.
    def attempt() -> Place:
        again = find_pull_request(hub, digest)
        if again is not None:
            return again
        made = hub.once(
            "create_pull_request",
            "to open a pull request",
            title=f"{message} [{digest}]",
            description="Made by `affecthub push`, which marks it as open once all files are in "
            "it and compared.",
        )
        return Place(made.git_reference, made.num)

    place: Place = hub.persist(attempt)
    return place


def find_pull_request(hub: HubRepository, digest: str) -> Place | None:
    """Our pull request of this content, if it is open or a draft; closed ones are answered."""
    listed = hub.call(
        "get_repo_discussions",
        "to look for a pull request",
        author=hub.user,
        discussion_type="pull_request",
    )
    for each in listed:
        if each.title.endswith(f"[{digest}]") and each.status in ("open", "draft"):
            return Place(each.git_reference, each.num)
    return None


def bring(hub: HubRepository, place: Place, files: list[LocalFile], message: str) -> None:
    """Commit to a place until it holds a folder, in as many commits as that takes.

    What is there already, of an earlier try too, is not sent again.
    """
    head: str = ""
    parts: list[tuple[list[LocalFile], tuple[str, ...]]] | None = None

    def attempt() -> bool:
        nonlocal head, parts
        if parts is None:
            head = hub.head(place.ref, once=True)
            todo = difference(files, hub.files(place.ref, once=True))
            if not todo:
                return True
            first, *others = batches(todo.sent)
            parts = [(first, todo.gone), *((part, ()) for part in others)]
        try:
            head = hub.commit(place.ref, head, message, *parts[0])
        except HubError as error:
            parts = None  # what of it came is to be found out
            if error.status in (409, 412):  # the same push, somewhere else
                error.passing = True
            raise
        parts = parts[1:]
        return not parts

    while not hub.persist(attempt):
        pass


def require_equal(hub: HubRepository, ref: str, files: Iterable[LocalFile], then: str) -> None:
    """Compare a branch with a folder, by its listing.

    Args:
        hub: The repository.
        ref: The branch.
        files: Of the folder.
        then: What to say of it if they differ.

    Raises:
        HubError: They differ.
    """
    left = difference(files, hub.files(ref))
    if left:
        wrong = [*(file.path for file in left.sent), *left.gone]
        shown = ", ".join(wrong[:5]) + (f" and {len(wrong) - 5} more" if len(wrong) > 5 else "")
        raise HubError(
            f"push to {hub.id}: got other content on {ref} than in the folder ({shown}), expected "
            f"the same. {then}"
        )


def settle(
    hub: HubRepository, revision: str, expected: str, files: list[LocalFile], message: str
) -> str:
    """Make a branch hold a folder by one commit, if it is still where it was.

    Every large file is on the Hub by now, so that the commit alone travels.

    Args:
        hub: The repository.
        revision: The branch.
        expected: The commit it pointed to when the push was planned.
        files: Of the folder.
        message: Title of the commit.

    Returns:
        The commit it points to.

    Raises:
        HubError: Somebody changed it meanwhile, or the Hub refuses.
    """

    def attempt() -> str:
        head = hub.head(revision, once=True)
        todo = difference(files, hub.files(revision, once=True))
        if not todo:
            return head
        if head != expected:
            raise HubError(
                f"push to {hub.id}: got a change of {revision} meanwhile ({head[:7]}), expected it "
                f"at {expected[:7]}. Nothing was published. Push again, and look at what will be "
                "sent.",
                412,
            )
        return hub.commit(revision, head, message, todo.sent, todo.gone)

    made: str = hub.persist(attempt)
    return made
