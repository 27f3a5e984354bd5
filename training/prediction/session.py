"""What the processes of a run know of the answers, before, while and after they ask for more."""

import warnings
from collections.abc import Sequence
from typing import Any

from affecthub.training.examples import UnusableClipError
from affecthub.training.journal import Journal
from affecthub.training.prediction.answers import Answers
from affecthub.training.prediction.clips import Clips
from affecthub.training.prediction.generation import Answer
from affecthub.training.processes import gathered, this_process, together


def left(
    journal: Journal, clips: Clips, batches: Sequence[Sequence[int]], *, retry: bool
) -> list[list[int]]:
    """The batches that lack an answer, in all processes' knowledge of what there is.

    A batch is asked as a whole, as it was the first time: half of it would give other sums.
    """
    if not this_process().is_all:
        for lines in gathered(dict(journal.lines)):
            for clip_id, line in lines.items():
                journal.lines.setdefault(clip_id, line)
    known = [i for batch in batches for i in batch if clips.ids[i] in journal.lines]
    again = journal.changed({clips.ids[i]: clips.key(i) for i in known})
    if again:
        shown = f"{', '.join(again[:5])}{', ...' if len(again) > 5 else ''}"
        warnings.warn(
            f"{journal.path}: {len(again)} answers are asked for again, because their clips have "
            f"changed: {shown}",
            stacklevel=3,
        )
    if retry:
        again += [clips.ids[i] for i in known if journal.lines[clips.ids[i]].get("error")]
    for clip_ids in gathered(again):
        journal.forget(clip_ids)
    todo = [batch for batch in batches if any(clips.ids[i] not in journal.lines for i in batch)]
    refused = {clip_id for clip_id, line in journal.lines.items() if line.get("error")}
    return [[i for i in batch if clips.ids[i] not in refused] for batch in todo]


def note(journal: Journal, clips: Clips, answers: Sequence[tuple[int, Answer]]) -> None:
    """Write down a batch's answers, those that are not known yet."""
    lines = []
    for number, answer in answers:
        if clips.ids[number] not in journal.lines:
            line: dict[str, Any] = {"id": clips.ids[number], "prediction": answer.text}
            line |= {"clip": clips.key(number), "cut": answer.is_cut, "error": answer.error}
            lines.append(line)
    journal.add(lines)


def learn(journal: Journal, n_tokens: int, *, only_first: bool) -> tuple[int, int]:
    """Take over what the other processes noted; how many clips and tokens that was in all."""
    if this_process().is_all:
        return len(journal.new), n_tokens
    told = gathered(({clip_id: journal.lines[clip_id] for clip_id in journal.new}, n_tokens))
    if only_first:
        told = told[:1]
    for lines, _ in told:
        journal.lines.update(lines)
    journal.new = [clip_id for lines, _ in told for clip_id in lines]
    return len(journal.new), sum(n for _, n in told)


def finish(journal: Journal, asked: Sequence[str], order: Sequence[str]) -> Answers:
    """Write the whole file, and tell of what could not be asked."""
    kept = {*asked}
    lines = [journal.lines[clip_id] for clip_id in order if clip_id in kept]
    hopeless = journal.shard.is_all and all(line.get("error") for line in lines)
    if hopeless:
        journal.forget(asked)
    if journal.shard.is_all:
        with together("write the answers"):
            if not journal.process.index:
                journal.finish(order)
        journal.remove_part()
    if hopeless:
        raise UnusableClipError(lines[0]["id"], lines[0]["error"])
    new = {*journal.new}
    errors = [line for line in lines if line["id"] in new and line.get("error")]
    if errors and not journal.process.index:
        first = errors[0]
        warnings.warn(
            f"{len(errors)} of {len(lines)} clips could not be asked and count as unanswered, "
            f"the first: {first['error']}",
            stacklevel=3,
        )
    return Answers(lines)
