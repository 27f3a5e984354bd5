"""The Hub's rules for the YAML head of a card, checked before anything is sent."""

from collections.abc import Callable, Iterable
from typing import Any

from affecthub.errors import close_names
from affecthub.hub_cards.cards import hub_terms as terms
from affecthub.hub_cards.cards import values
from affecthub.hub_cards.cards.dataset_head import dataset_mistakes
from affecthub.hub_cards.cards.model_index import index_mistakes
from affecthub.hub_cards.cards.rendering import split_card
from affecthub.hub_cards.cards.sections import empty_sections
from affecthub.hub_cards.cards.space_head import space_mistakes
from affecthub.hub_cards.staged import RepoType

# Field to what each of its values must be.
_VALUES: dict[str, Callable[[Any], str | None]] = {
    "language": values.language,
    "base_model": values.repository,
    "datasets": values.repository,
    "models": values.repository,
    "tags": values.word,
    "metrics": values.word,
}
_ONE_OF: dict[str, Iterable[str]] = {
    "pipeline_tag": terms.TASKS,
    "task_categories": terms.TASKS,
    "base_model_relation": terms.RELATIONS,
    "annotations_creators": terms.ANNOTATED_BY,
    "language_creators": terms.WRITTEN_BY,
    "multilinguality": terms.TONGUES,
    "size_categories": terms.SIZES,
}
_ONE_VALUE = (
    "pipeline_tag",
    "base_model_relation",
    "library_name",
    "pretty_name",
    "license_name",
    "license_link",
    "title",
)
_NEEDED: dict[str, tuple[str, ...]] = {
    "model": ("license", "library_name", "pipeline_tag"),
    "dataset": ("license", "pretty_name"),
    "space": ("title", "sdk", "emoji", "colorFrom", "colorTo"),
}


def card_mistakes(text: str, repo_type: RepoType) -> list[str]:
    """What is wrong with a card: its head by the Hub's rules, and headings with nothing below them.

    Args:
        text: Of ``README.md``.
        repo_type: ``"dataset"``, ``"model"`` or ``"space"``.

    Returns:
        A sentence per mistake; none where all is well.

    Raises:
        ValueError: The head is no YAML.
    """
    head, body = split_card(text)
    empty = [f"section {title!r}: got nothing below it" for title in empty_sections(body)]
    return check_metadata(head, repo_type) + empty


def check_metadata(head: dict[str, Any], repo_type: RepoType) -> list[str]:
    """What is wrong with the head of a card, by the rules of the Hub.

    What the Hub would refuse or show a warning for, and what it needs to list the repository:
    licence, language codes, tasks, sizes, names of repositories, the scores of ``model-index``, a
    dataset's ``configs`` and ``dataset_info``, a Space's SDK, colours, emoji and lengths.

    Args:
        head: The head as ``yaml.safe_load`` reads it.
        repo_type: ``"dataset"``, ``"model"`` or ``"space"``.

    Returns:
        A sentence per mistake: the field, what it got and what was expected; none where all is
        well. An empty head lacks what it needs.

    Example:
        >>> check_metadata({"pretty_name": "Moods", "license": "apache2"}, "dataset")
        ["`license`: got 'apache2', expected an identifier of the Hub, such as 'apache-2.0'"]
    """
    mistakes = [
        f"`{name}`: got nothing, expected a value"
        for name in _NEEDED[repo_type]
        if head.get(name) in (None, "", [])
    ]
    mistakes += [f"{name!r}: got {type(name).__name__} as a name" for name in _unnamed(head)]
    mistakes += [
        f"`{name}`: got nothing, expected a value, or no such line"
        for name, value in head.items()
        if name not in (*_NEEDED[repo_type], "model-index") and value in (None, "", [], {})
    ]
    mistakes += _licence(head)
    for name in _ONE_VALUE:
        if name in head and not isinstance(head[name], str | None):
            mistakes.append(f"`{name}`: got {_shown(head[name])}, expected one text")
    for name, check in _VALUES.items():
        for value in values.each(head.get(name)):
            if (expected := check(value)) is not None:
                mistakes.append(f"`{name}`: got {_shown(value)}, expected {expected}")
    for name, known in _ONE_OF.items():
        mistakes += [
            f"`{name}`: got {_shown(value)}, expected {_expected(value, known)}"
            for value in values.each(head.get(name))
            if value not in known
        ]
    mistakes += values.secrets(head)
    if repo_type == "model":
        return mistakes + index_mistakes(head.get("model-index"))
    return mistakes + (dataset_mistakes if repo_type == "dataset" else space_mistakes)(head)


def _unnamed(head: dict[Any, Any]) -> list[Any]:
    return [name for name in head if not isinstance(name, str)]


def _licence(head: dict[str, Any]) -> list[str]:
    mistakes = [
        f"`license`: got {_shown(value)}, expected {_licence_expected(value)}"
        for value in values.each(head.get("license"))
        if value not in terms.LICENCES
    ]
    if "other" in values.each(head.get("license")) and not head.get("license_name"):
        mistakes.append(
            "`license_name`: got nothing, expected the name of the licence, since `license` is "
            "'other'"
        )
    name = head.get("license_name")
    if isinstance(name, str) and (expected := values.licence_name(name)) is not None:
        mistakes.append(f"`license_name`: got {name!r}, expected {expected}")
    link = head.get("license_link")
    if isinstance(link, str) and not values.is_link(link):
        mistakes.append(
            f"`license_link`: got {link!r}, expected an address, or a file of the repository such "
            "as 'LICENSE'"
        )
    return mistakes


def _licence_expected(value: Any) -> str:
    close = close_names(str(value), terms.LICENCES, n=1)
    example = close[0] if close else "other"
    return f"an identifier of the Hub, such as {example!r}"


def _expected(value: Any, known: Iterable[str]) -> str:
    close = close_names(str(value), known, n=1)
    if close:
        return f"a word of the Hub, such as {close[0]!r}"
    names = sorted(known)
    return f"one of {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}"


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
