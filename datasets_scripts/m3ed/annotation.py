"""``annotation.json``: series, dialogues, utterances, each with what three raters said."""

import json
import re
from typing import Any, NamedTuple

# Frames a second of the times: 00:00:01:04 is 1.16 s.
FPS = 25
_TIME = re.compile(r"(\d{1,2}):([0-5]?\d):([0-5]?\d):(\d{1,2})", re.ASCII)
_RATER = re.compile(r"EmoAnnotator(\d+)", re.ASCII)


class Utterances(NamedTuple):
    """What the file says.

    Attributes:
        rows: A dict per utterance, in the order of the file.
        timeless: Ids of those whose times cannot be read; they are None.
    """

    rows: list[dict[str, Any]]
    timeless: list[str]


def parse_annotation(data: bytes, where: object) -> Utterances:
    """Read the utterances.

    Args:
        data: The file: ``{series: {dialogue: {"SpeakerInfo": {"A": ...}, "Dialog": {utterance:
            {"StartTime", "EndTime", "Text", "Speaker", "EmoAnnotation"}}}}}``.
        where: The file, for errors.

    Returns:
        All utterances; an empty object has none. What is empty is None.

    Raises:
        ValueError: No JSON, a part of another kind or one that is missing (names the utterance).
    """
    try:
        content = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{where}: got no readable JSON ({error})") from error
    reader = _Reader(where)
    rows, timeless = [], []
    for series, dialogues in reader.items(content, "the file"):
        for dialogue, parts in reader.items(dialogues, f"series {series!r}"):
            people = reader.part(parts, "SpeakerInfo", dialogue)
            for clip, said in reader.items(reader.part(parts, "Dialog", dialogue), dialogue):
                row = _row(reader, clip, reader.object(said, f"clip {clip}"), people)
                rows.append({**row, "series": series, "dialogue_id": dialogue})
                if row["start_s"] is None or row["end_s"] is None:
                    timeless.append(clip)
    return Utterances(rows, timeless)


def seconds(time: str | None) -> float | None:
    """Seconds of a time that counts hours, minutes, seconds and frames; None for any other.

    Example:
        >>> seconds("00:01:02:05")
        62.2
    """
    found = _TIME.fullmatch(time.strip()) if time else None
    if found is None:
        return None
    hours, minutes, whole, frames = map(int, found.groups())
    return round(3600 * hours + 60 * minutes + whole + frames / FPS, 3)


def labels_of(cell: str | None) -> list[str] | None:
    """The labels of a cell, in lower case; None where it is empty.

    Example:
        >>> labels_of("Happy,Surprise")
        ['happy', 'surprise']
    """
    words = [word.strip().lower() for word in re.split(r"[,，]", cell or "")]
    return [word for word in words if word] or None


def _row(reader: "_Reader", clip: str, said: dict[str, Any], people: Any) -> dict[str, Any]:
    """One utterance."""
    where = f"clip {clip}"
    emotions = reader.object(reader.part(said, "EmoAnnotation", where), where)
    letter = reader.text(said, "Speaker", where)
    about = reader.object(
        reader.object(people, where).get(letter or "") or {}, f"{where}, speaker {letter}"
    )
    main = labels_of(reader.text(emotions, "final_main_emo", where))
    if main and len(main) > 1:
        raise ValueError(f"{reader.where}, {where}: got {main} as final_main_emo, expected one")
    votes = []
    for key in sorted(filter(_RATER.fullmatch, emotions)):
        voted = labels_of(reader.text(emotions, key, where))
        if voted:
            votes.append({"annotator": key.removeprefix("EmoAnnotator"), "emotions": voted})
    return {
        "id": clip,
        "letter": letter,
        "name": reader.text(about, "Name", where),
        "age": reader.text(about, "Age", where),
        "sex": reader.text(about, "Gender", where),
        "text": reader.text(said, "Text", where),
        "start_s": seconds(reader.text(said, "StartTime", where)),
        "end_s": seconds(reader.text(said, "EndTime", where)),
        "emotion": main[0] if main else None,
        "labels_all": labels_of(reader.text(emotions, "final_mul_emo", where)),
        "votes": votes or None,
    }


class _Reader:
    """Takes parts out of JSON, and says where one is not what it must be."""

    def __init__(self, where: object) -> None:
        self.where = where

    def object(self, value: Any, what: str) -> dict[str, Any]:
        """An object."""
        if not isinstance(value, dict):
            got = type(value).__name__
            raise ValueError(
                f"{self.where}, {what}: got {got}, expected an object. Use the file as released."
            )
        return value

    def items(self, value: Any, what: str) -> list[tuple[str, Any]]:
        """The members of an object, none without a name."""
        found = list(self.object(value, what).items())
        for name, _ in found:
            if not name.strip() or not _is_unicode(name):
                raise ValueError(f"{self.where}, {what}: got the name {name!r}, expected text")
        return found

    def part(self, value: Any, name: str, what: str) -> Any:
        """A member that must be there."""
        found = self.object(value, what)
        if name not in found:
            raise ValueError(
                f"{self.where}, {what}: got {sorted(found)[:6]}, expected `{name}` among them. Use "
                "the file as released."
            )
        return found[name]

    def text(self, value: dict[str, Any], name: str, what: str) -> str | None:
        """A member that is text, or not there; None where it is empty."""
        found = value.get(name)
        if found is None:
            return None
        if not isinstance(found, str) or not _is_unicode(found):
            raise ValueError(
                f"{self.where}, {what}: got {type(found).__name__} as `{name}`, expected text. Use "
                "the file as released."
            )
        return found if found.strip() else None


def _is_unicode(text: str) -> bool:
    """Say whether text holds no half characters, as JSON can write them."""
    return not any("\ud800" <= char <= "\udfff" for char in text)
