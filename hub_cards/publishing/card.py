"""The card that every repository needs, looked at before anything is sent."""

from typing import Any

from affecthub.hub_cards.cards import card_mistakes, split_card
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
    text = path.read_text(encoding="utf-8")
    wrong = card_mistakes(text, staged.repo_type)
    if wrong:
        raise ValueError(
            f"push: got a card that the Hub would not take as it is: {'; '.join(wrong)}"
        )
    return split_card(text)[0]
