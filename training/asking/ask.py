"""Ask a model about clips, in batches, into a journal; a run that was killed goes on.

What stands in the journal depends on the clips, the prompt and the backend alone: a batch is asked
as a whole wherever a run was stopped, and in the end the lines stand in the order of the clips.
"""

import hashlib
import json
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from affecthub.labels import spelled_out
from affecthub.progress import progress as bar
from affecthub.training.answer_files import Line
from affecthub.training.asking.answers import Answers
from affecthub.training.asking.asks import Ask, Backend, Kind, Reply
from affecthub.training.asking.clips import Clips, read_letters
from affecthub.training.asking.fitting import require_fit
from affecthub.training.asking.media import RATE_HZ, Shown
from affecthub.training.asking.preparing import Preparer, Ready
from affecthub.training.asking.questions import Questions, Values, Wording
from affecthub.training.asking.runs import note_run
from affecthub.training.journal import Journal
from affecthub.training.shares import Share

# Threads that decode media while the model answers.
_READERS = 2


def ask_rows(
    backend: Backend,
    rows: Any,
    prompt: Wording,
    *,
    media: str = "av",
    journal: str | Path | None = None,
    shard: Share | None = None,
    limit: int | None = None,
    batch_size: int | None = None,
    retry: bool = False,
    labels: Sequence[str] | None = None,
    language: str | None = None,
    system: str | None = None,
    values: Values | None = None,
    shown: Shown | None = None,
    replace: bool = False,
    progress: bool = False,
) -> Answers:
    """Ask a model one question about each clip.

    Args:
        backend: Whom to ask.
        rows: Rows of a corpus, see `Clips`.
        prompt: What to ask. ``{subtitle}`` in it is each clip's ``text``, whatever `media` says.
        media: What is handed over: letters of ``a`` (sound), ``v`` (pictures) and ``t`` (words,
            by the prompt's ``{subtitle}`` or by `values`). What the backend cannot take and what a
            clip has not is left out, and each line tells what was there.
        journal: jsonl to keep the answers in, see `Journal`; those that this backend gave there
            to this prompt about the same media are not asked for again. None keeps them in memory.
        shard: Ask about this part of the clips alone, and leave its answers in the journal's part
            for `merge_shards`.
        limit: Ask about the first clips alone.
        batch_size: Clips to ask about together; None is the backend's own number.
        retry: Ask again about clips that have an error.
        labels: See `Questions`; None is the prompt's own, else the label set of the rows'
            ``emotion``.
        language: See `Questions`.
        system: See `Questions`.
        values: See `Questions`.
        shown: How much of a film is handed over; None is what the backend says it reads, else
            `Shown()`.
        replace: Start the journal anew where its answers are another model's, or to another
            question; by default it is refused.
        progress: Show a progress bar.

    Returns:
        The answers, in the order of the rows; of no rows none. Clips that could not be asked have
        an error there and in the journal.

    Raises:
        ValueError: `media`, prompt and backend do not fit; ids that are not unique; the journal
            is another model's or is being written; and what the backend says would fail for all.
        ConnectionError: As the backend says.
    """
    started, shard = time.perf_counter(), shard or Share()
    columns = read_letters(media)
    questions = Questions(
        prompt,
        labels=labels,
        label_set=_label_set(rows),
        language=language,
        system=system,
        values=values,
    )
    require_fit(
        prompt,
        columns,
        backend.takes,
        has_values=values is not None,
        transcribes=bool(getattr(backend, "transcribes", False)),
    )
    kinds: frozenset[Kind] = frozenset(backend.takes & columns)
    clips = Clips(rows, kinds, limit)
    preparer = Preparer(clips, questions, _shown(backend, shown))
    plan = list(shard.of(clips.batches(batch_size or backend.batch_size)))
    ids = [clips.ids[i] for i in sorted(i for batch in plan for i in batch)]
    key = ask_key(backend, questions, media, preparer.shown)
    path = None if journal is None else Path(journal)
    with Journal(path, key, shard=shard, replace=replace) as kept:
        todo = _left(kept, preparer, plan, retry=retry, alone=_asks_alone(backend))
        run = _Run(kept, backend, f"{prompt.id}@{prompt.version}")
        try:
            if todo:
                kept.begin()
                kept.open()
                run.ask(preparer, todo, shown=progress)
            if shard.is_all:
                kept.finish(clips.ids)
        finally:
            seconds = time.perf_counter() - started
            if path is not None and run.n_asked:
                note_run(path, run.facts(shard, seconds))
        answers = Answers(kept.lines, ids, media)
    answers.n_asked, answers.n_in, answers.n_out = run.n_asked, run.n_in, run.n_out
    answers.seconds, answers.spent = seconds, run.spent()
    new = [clip_id for clip_id in kept.new if clip_id in answers.errors]
    if new:
        warnings.warn(
            f"{len(new)} of {len(ids)} clips could not be asked and count as unanswered, the "
            f"first: {answers.errors[new[0]]}",
            stacklevel=2,
        )
    return answers


def ask_key(backend: Backend, questions: Questions, media: str, shown: Shown) -> str:
    """What decides an answer beside the clip: the model, the question, and what it is shown.

    Returns:
        A SHA-256 in hexadecimal.
    """
    settings = {
        "backend": backend.name,
        **questions.settings(),
        "media": "".join(sorted({*media})),
        "shown": [shown.n_frames, shown.max_side, shown.square, RATE_HZ],
    }
    text = json.dumps(settings, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


class _Run:
    """One run's batches, and what they cost."""

    def __init__(self, journal: Journal, backend: Backend, prompt: str) -> None:
        self.journal, self.backend, self.prompt = journal, backend, prompt
        self.n_asked = self.n_in = self.n_out = self.n_errors = 0

    def ask(self, preparer: Preparer, batches: list[list[int]], *, shown: bool) -> None:
        """Ask about batches, one after the other, while the next one's media are decoded."""
        n_clips = sum(map(len, batches))
        with bar("ask", n_clips, "clip") if shown else nullcontext(lambda n: None) as step:
            with ThreadPoolExecutor(_READERS, thread_name_prefix="media") as pool:
                try:
                    for ready in _ahead(pool, preparer, batches):
                        self._note(ready, self._replies(ready))
                        step(len(ready))
                except BaseException:
                    pool.shutdown(wait=False, cancel_futures=True)
                    raise

    def facts(self, shard: Share, seconds: float) -> dict[str, Any]:
        """What is noted of the run beside the journal."""
        told = {
            "model": self.journal.key,
            "backend": self.backend.name,
            "prompt": self.prompt,
            "n_asked": self.n_asked,
            "n_errors": self.n_errors,
            "n_in": self.n_in,
            "n_out": self.n_out,
            "seconds": round(seconds, 3),
        }
        if not shard.is_all:
            told["shard"] = f"{shard.index + 1}/{shard.count}"
        meter = getattr(self.backend, "meter", None)
        return told | ({"meter": meter.as_dict()} if meter is not None else {})

    def spent(self) -> str:
        """What the backend's meter says, "" where it has none."""
        return str(getattr(self.backend, "meter", None) or "")

    def _replies(self, ready: Sequence[Ready]) -> dict[int, Reply]:
        """The backend's replies by number, clips of the same media together."""
        by_kinds: dict[frozenset[Kind], list[tuple[int, Ask]]] = {}
        for clip in ready:
            if clip.ask is not None:
                by_kinds.setdefault(clip.ask.kinds, []).append((clip.number, clip.ask))
        replies: dict[int, Reply] = {}
        for asked in by_kinds.values():
            said = self.backend.answer([ask for _, ask in asked])
            if len(said) != len(asked):
                raise RuntimeError(
                    f"the backend is broken: got {len(said)} replies to {len(asked)} questions."
                )
            replies |= {number: reply for (number, _), reply in zip(asked, said, strict=True)}
        return replies

    def _note(self, ready: Sequence[Ready], replies: dict[int, Reply]) -> None:
        """Write down a batch's answers, those that are not known yet."""
        lines = []
        for clip in ready:
            reply = replies.get(clip.number, Reply(error=clip.error))
            self.n_in += reply.n_in or 0
            self.n_out += reply.n_out or 0
            if clip.clip_id not in self.journal.lines:
                lines.append(_line(clip, reply, self.prompt))
                self.n_asked += 1
                self.n_errors += bool(reply.error)
        self.journal.add(lines)


def _line(clip: Ready, reply: Reply, prompt: str) -> Line:
    return {
        "id": clip.clip_id,
        "prediction": "" if reply.error else reply.text,
        "clip": clip.key,
        "prompt": prompt,
        "media": clip.media,
        "n_in": reply.n_in,
        "n_out": reply.n_out,
        "cut": reply.cut,
        "error": reply.error,
    }


def _ahead(
    pool: ThreadPoolExecutor, preparer: Preparer, batches: Sequence[Sequence[int]]
) -> Iterator[list[Ready]]:
    """Batches that are ready to be asked; while one is, the next one's media are decoded."""
    waiting = None
    decodes = bool(preparer.clips.kinds)  # words alone are quicker than a thread
    for batch in batches:
        reading = (pool.map if decodes else map)(preparer.ready, batch)
        if waiting is not None:
            yield list(waiting)
        waiting = reading
    if waiting is not None:
        yield list(waiting)


def _left(
    journal: Journal, preparer: Preparer, plan: list[list[int]], *, retry: bool, alone: bool
) -> list[list[int]]:
    """The batches that lack an answer.

    A batch is asked as a whole, as it was the first time, unless each clip is asked alone.
    """
    ids = preparer.clips.ids
    known = [i for batch in plan for i in batch if ids[i] in journal.lines]
    again = journal.changed({ids[i]: preparer.key(i) for i in known})
    if again:
        shown = f"{', '.join(again[:5])}{', ...' if len(again) > 5 else ''}"
        warnings.warn(
            f"{journal.path}: {len(again)} answers are asked for again, because their clips have "
            f"changed: {shown}",
            stacklevel=3,
        )
    if retry:
        again += [ids[i] for i in known if journal.lines[ids[i]].get("error")]
    journal.forget(again)
    if alone:
        plan = [[i for i in batch if ids[i] not in journal.lines] for batch in plan]
    return [batch for batch in plan if any(ids[i] not in journal.lines for i in batch)]


def _asks_alone(backend: Backend) -> bool:
    """Whether an answer does not depend on what is asked beside it, as a backend may say."""
    return bool(getattr(backend, "asks_alone", False))


def _shown(backend: Backend, shown: Shown | None) -> Shown:
    """How much of a film; a backend may have a number of frames that it cannot change."""
    reads: Shown | None = getattr(backend, "reads", None)
    if reads is not None and shown is not None and shown != reads:
        raise ValueError(
            f"the model always reads {reads.n_frames} frames in its own size: got {shown}. Leave "
            "the number of frames and their longest side out."
        )
    return reads or shown or Shown()


def _label_set(rows: Any) -> list[str] | None:
    """The names of the rows' ``emotion``, where they are a table that has such; spelled out."""
    feature = (getattr(rows, "features", None) or {}).get("emotion")
    names = getattr(feature, "names", None)
    return None if names is None else list(spelled_out(names))
