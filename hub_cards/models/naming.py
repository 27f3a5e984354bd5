"""What a card calls the models that another was made from, without paths of this machine."""

from pathlib import Path

from affecthub.hub_cards.models.known import Known, is_hub_id


def shown_name(name: str) -> str:
    """A Hub id as it is; of a folder its name alone, for others have no such path.

    Example:
        >>> shown_name("Qwen/Qwen2.5-7B-Instruct"), shown_name("/home/me/base")
        ('Qwen/Qwen2.5-7B-Instruct', 'base')
    """
    return name if is_hub_id(name) else Path(name).name


def base_in_words(known: Known) -> str:
    """What a model was made from, in words."""
    names = [f"`{shown_name(name)}`" for name in known.base_names]
    if names:
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return (
        "random weights" if known.recipe.get("scratch") else "a base that its folder does not name"
    )
