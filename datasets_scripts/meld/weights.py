"""Weights against MELD's unequal classes, by the name of the label."""

from collections import Counter
from collections.abc import Iterable

from affecthub.labels import label_set

# The numbers of the release's README, which prints them without names, as 4, 15, 15, 3, 1, 6, 3.
# That is the alphabetical order. Read in the order of its label integers (neutral first) they would
# give neutral, the most frequent class, four times the weight of joy.
README_WEIGHTS = {
    "anger": 4.0,
    "disgust": 15.0,
    "fear": 15.0,
    "joy": 3.0,
    "neutral": 1.0,
    "sadness": 6.0,
    "surprise": 3.0,
}


def class_weights(
    emotions: Iterable[str | None], labels: Iterable[str] = label_set("meld")
) -> dict[str, float]:
    """Each label the weight that makes all of them count as much as the most frequent one.

    Args:
        emotions: Labels of the training clips, by name; None is not counted.
        labels: Labels that need a weight, in the order wanted.

    Returns:
        Label to clips of the most frequent label / clips of this one: 1 or more, in the order of
        ``labels``. A loss that takes a list wants it in the order of its own classes:
        ``[weights[name] for name in names]``.

    Raises:
        ValueError: A label has no clip, so that no weight makes it count, or is not in ``labels``.

    Differs: the release's README gives rounded numbers (``README_WEIGHTS``).

    Example:
        >>> class_weights(["joy", "anger", "joy", "joy"], labels=["anger", "joy"])
        {'anger': 3.0, 'joy': 1.0}
    """
    counts = Counter(label for label in emotions if label is not None)
    names = list(labels)
    for problem, found in (
        ("labels without a weight", sorted(set(counts) - set(names))),
        ("labels without a clip", [name for name in names if not counts[name]]),
    ):
        if found:
            raise ValueError(
                f"{problem}: got {', '.join(found)}, expected clips of each of "
                f"{', '.join(names)} and of no other. Pass the labels that occur as `labels`."
            )
    most = max(counts.values(), default=0)
    return {name: most / counts[name] for name in names}
