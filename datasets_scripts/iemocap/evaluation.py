"""EmoEvaluation files to turns: the label, its time, and what each rater said."""

import re
from dataclasses import dataclass, field
from typing import Any

# Ses01F_impro01_F000: session, who wears the markers, dialogue, who speaks, number of the turn.
TURN_ID = r"Ses0[1-5][FM]_(?:impro|script)\w+_[FM]\d{3}"
_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_TURN = re.compile(
    rf"\[\s*({_NUMBER})\s*-\s*({_NUMBER})\s*\]\s+({TURN_ID})\s+(\w+)\s+"
    rf"\[\s*({_NUMBER}),\s*({_NUMBER}),\s*({_NUMBER})\s*\]\s*"
)
# C-E2: categories of evaluator 2; A-M1: attributes by the actor of Ses..M. A comment may hold
# anything, brackets included.
_VOTE = re.compile(r"([CA])-([EFM]\d+)\s*:\s*([^(]*?)\s*\((.*?)\)?\s*")
_SCALE = re.compile(rf"(val|act|dom)\s*({_NUMBER})?\s*;")


@dataclass
class Dialogue:
    """The turns of one file.

    Attributes:
        turns: One dict per turn, in order of the file: ``id``, ``emotion_code``, ``start_s``,
            ``end_s``, ``valence``, ``arousal``, ``dominance``, ``votes``, ``votes_vad``.
        unread: Numbers of lines that are neither a turn nor a vote; nothing of them is kept.
    """

    turns: list[dict[str, Any]] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)


def parse_dialogue(text: str, source: object) -> Dialogue:
    r"""Read one file of ``dialog/EmoEvaluation``.

    Args:
        text: Its content. Lines of a turn follow its head, which stands in brackets; a line that
            begins with ``%`` is a remark.
        source: The file, for errors.

    Returns:
        Its turns. Ratings that are left empty are None; an empty file has no turns.

    Raises:
        ValueError: A head cannot be read, or ends before it starts; names the file and the line.

    Example:
        >>> text = '''[6.29 - 8.23]\tSes01F_impro01_F000\tneu\t[2.5, 2.5, 2.0]
        ... C-E2:\tNeutral; Sadness;\t(flat)
        ... A-F1:\tval 3; act 2; dom  ;\t()'''
        >>> turn = parse_dialogue(text, "Ses01F_impro01.txt").turns[0]
        >>> turn["votes"][0]["emotions"], turn["votes_vad"][0]["arousal"]
        (['Neutral', 'Sadness'], 2.0)
    """
    dialogue = Dialogue()
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("%"):
            continue
        if line.startswith("["):
            dialogue.turns.append(_turn(line, f"{source}, line {number}"))
        elif (vote := _VOTE.fullmatch(line)) and dialogue.turns:
            kind, rater, answer, comment = vote.groups()
            turn, shared = dialogue.turns[-1], {"annotator": rater, "is_self": rater[0] != "E"}
            comment = comment.strip() or None
            if kind == "C":
                emotions = [word for word in map(str.strip, answer.split(";")) if word]
                turn["votes"].append({**shared, "emotions": emotions, "comment": comment})
            else:
                scales = {name: value for name, value in _SCALE.findall(answer) if value}
                turn["votes_vad"].append(
                    {
                        **shared,
                        "valence": _number(scales.get("val")),
                        "arousal": _number(scales.get("act")),
                        "dominance": _number(scales.get("dom")),
                        "comment": comment,
                    }
                )
        else:
            dialogue.unread.append(number)
    return dialogue


def _turn(line: str, where: str) -> dict[str, Any]:
    match = _TURN.fullmatch(line)
    if match is None or not float(match[1]) < float(match[2]):
        raise ValueError(
            f"{where}: the head of a turn cannot be read: got {line[:120]!r}, expected "
            "'[start - end] turn code [valence, activation, dominance]', start before end. "
            "Use the file as released."
        )
    start, end, turn, code, valence, arousal, dominance = match.groups()
    return {
        "id": turn,
        "emotion_code": code,
        "start_s": float(start),
        "end_s": float(end),
        "valence": float(valence),
        "arousal": float(arousal),
        "dominance": float(dominance),
        "votes": [],
        "votes_vad": [],
    }


def _number(text: str | None) -> float | None:
    return float(text) if text else None
