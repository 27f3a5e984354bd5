"""The card that every repository needs, looked at before anything is sent."""

from typing import Any

from affecthub.hub_cards.cards import check_metadata, empty_sections, split_card
from affecthub.hub_cards.staged import Staged


def require_card(staged: Staged) -> dict[str, Any]:
    """Read the head of a staged card.

    Args:
        staged: What is to be pushed.

    Returns:
        The head.

    Raises:
        ValueError: There is no card, the Hub would refuse its head, or a heading has nothing
            below it.
    """
    path = staged.folder / "README.md"
    if not path.is_file():
        raise ValueError(f"push: got no README.md in {staged.folder}, expected a card")
    head, text = split_card(path.read_text(encoding="utf-8"))
    wrong = check_metadata(head, staged.repo_type)
    wrong += [f"section {title!r}: got nothing below it" for title in empty_sections(text)]
    if wrong:
        raise ValueError(
            f"push: got a card that the Hub would not take as it is: {'; '.join(wrong)}"
        )
    return head
