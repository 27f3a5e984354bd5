"""A run, step by step: each is taken for the clips that are left, and kept before the next.

A step's texts lie in ``steps/NAME.jsonl``, one a clip, the answers of models as the journal of
`affecthub ask`; tables for people lie in ``people``. A run that was stopped, or waits for people,
goes on where it was: what is there is not asked for again, as long as nothing before it changed.
"""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.metrics.answers.extraction import LexiconExtractor
from affecthub.metrics.replies.reading import read_reply
from affecthub.training.annotating.filters import Sifted
from affecthub.training.annotating.people import Checked, check_round
from affecthub.training.annotating.run_file import RunFile, Step
from affecthub.training.annotating.sifting import sift
from affecthub.training.annotating.texts import Texts, Value, as_labels, as_text, write_step
from affecthub.training.answer_files import Line
from affecthub.training.asking.ask import ask_rows
from affecthub.training.asking.asks import Backend
from affecthub.training.asking.media import Shown

Tell = Callable[[str], None]
MakeBackend = Callable[..., Backend]
# Forms of prompts whose answers are lists of labels.
_LISTS = ("labels", "goemotions")


@dataclass
class Run:
    """What has become of the clips.

    Attributes:
        run: Its file.
        texts: Of every step.
        left: Ids of the clips that no filter dropped, in the corpus' order.
        dropped: By clip id, the filter's step and its reason.
        sifted: What each filter said, by step.
        lacking: By step, why clips have nothing from it; of clips that are left when it was taken.
        waiting: By step, the tables that people have not filled, with how many clips they lack.
        checks: By step of people and clip id, what was done in each round.
    """

    run: RunFile
    texts: Texts
    left: list[str]
    dropped: dict[str, tuple[str, str]] = field(default_factory=dict)
    sifted: dict[str, Sifted] = field(default_factory=dict)
    lacking: dict[str, dict[str, str]] = field(default_factory=dict)
    waiting: dict[str, dict[Path, int]] = field(default_factory=dict)
    checks: dict[str, dict[str, list[Checked]]] = field(default_factory=dict)


def run_steps(
    run: RunFile,
    rows: Sequence[Mapping[str, Any]],
    output_dir: str | PathLike[str],
    *,
    make_backend: MakeBackend,
    again: Sequence[str] = (),
    retry: bool = False,
    progress: bool = False,
    tell: Tell | None = None,
    speaker: Any = None,
) -> Run:
    """Take every step of a run for every clip.

    Args:
        run: The steps.
        rows: Rows of a corpus, see `ask_rows`.
        output_dir: Where all is kept.
        make_backend: Makes a backend of its settings, ``model`` among them; see `backend_of`.
        again: Steps whose answers are started anew, where prompt or model have changed.
        retry: Ask again about clips that have an error.
        progress: Show progress bars.
        tell: Told a line for each step.
        speaker: Scores clips for the filter ``speaker``; None is `SpeakerScorer`.

    Returns:
        What has become of the clips, some of it waiting for people perhaps.

    Raises:
        ValueError: A backend has no model, a step names neither a step nor a column, the journal
            of a step is another model's, or a people's table does not fit.
        ConnectionError: As a backend says.
    """
    output_dir = Path(output_dir)
    _require_models(run)
    by_id = {row["id"]: row for row in rows}
    if len(by_id) != len(rows):
        raise ValueError(f"ids are not unique: got {len(rows)} rows of {len(by_id)} clips.")
    state = Run(run, Texts(by_id), list(by_id))
    _require_inputs(run, state.texts)
    taken = _Taken(state, output_dir, make_backend, tuple(again), retry, progress, speaker)
    try:
        for step in run.steps:
            said = taken.take(step)
            if tell is not None:
                tell(f"{step.name}: {said}")
    finally:
        taken.close()
    return state


class _Taken:
    """Takes steps; backends are made when the first step needs them."""

    def __init__(
        self,
        state: Run,
        output_dir: Path,
        make_backend: MakeBackend,
        again: tuple[str, ...],
        retry: bool,
        progress: bool,
        speaker: Any,
    ) -> None:
        self.state, self.output_dir, self.make_backend = state, output_dir, make_backend
        self.again, self.retry, self.progress, self.speaker = again, retry, progress, speaker
        self.backends: dict[str, Backend] = {}

    def close(self) -> None:
        """Let go of the backends."""
        for backend in self.backends.values():
            backend.close()

    def take(self, step: Step) -> str:
        """Take one step, and say in a line what came of it."""
        if step.kind == "filter":
            return self._sift(step)
        given, lacking = self._given(step)
        take = {
            "ask": self._ask,
            "join": self._join,
            "merge": self._merge,
            "extract": self._extract,
            "person": self._person,
        }[step.kind]
        values, more, why = take(step, given)
        self.state.texts.of_step[step.name] = values
        self.state.lacking[step.name] = lacking | why
        if step.kind != "ask":
            write_step(self.path(step), values, more)
        waiting = sum(self.state.waiting.get(step.name, {}).values())
        counts = {"without": len(lacking | why) - waiting, "waiting for people": waiting}
        told = [f"{n} {what}" for what, n in counts.items() if n]
        return ", ".join([f"{len(values)} clips", *told])

    def path(self, step: Step) -> Path:
        """Where a step's texts lie."""
        return self.output_dir / "steps" / f"{step.name}.jsonl"

    def _given(self, step: Step) -> tuple[dict[str, list[Value]], dict[str, str]]:
        """What the step is made of, for clips that have all of it, and what others lack."""
        given: dict[str, list[Value]] = {}
        lacking: dict[str, str] = {}
        for clip_id in self.state.left:
            values = [self.state.texts.get(name, clip_id) for name in step.inputs]
            found = [value for value in values if value is not None]
            if len(found) == len(values):
                given[clip_id] = found
            else:
                name = step.inputs[values.index(None)]
                lacking[clip_id] = f"nothing from {name}"
        return given, lacking

    def _ask(self, step: Step, given: dict[str, list[Value]]) -> Any:
        assert step.prompt is not None, "read with the file"
        if not given:  # all wait for people, perhaps: no model is loaded for nothing
            return {}, {}, {}
        places = list(step.options.get("with") or {})
        words = {
            clip_id: dict(zip(places, map(as_text, values), strict=True))
            for clip_id, values in given.items()
        }
        backend = self._backend(str(step.options["by"]))
        frames = step.options.get("frames")
        answers = ask_rows(
            backend,
            [self.state.texts.rows[clip_id] for clip_id in given],
            step.prompt,
            media=str(step.options.get("media", "t")),
            journal=self.path(step),
            retry=self.retry,
            values=(lambda row: words[row["id"]]) if places else None,
            shown=None if frames is None else Shown(n_frames=int(frames)),
            replace=step.name in self.again,
            progress=self.progress,
        )
        values: dict[str, Value] = {}
        why: dict[str, str] = dict(answers.errors)
        for clip_id, answer in answers.items():
            if clip_id in why:
                continue
            read = read_reply(answer, step.prompt.form, step.prompt.labels or None)
            if read.value is None:
                why[clip_id] = f"unreadable answer: {read.why}"
            elif step.prompt.form in _LISTS:
                values[clip_id] = [each.label for each in read.value]
            else:
                values[clip_id] = str(getattr(read.value, "label", read.value))
        return values, {}, why

    def _backend(self, name: str) -> Backend:
        if name not in self.backends:
            self.backends[name] = self.make_backend(**self.state.run.backends[name])
        return self.backends[name]

    def _join(self, step: Step, given: dict[str, list[Value]]) -> Any:
        between = str(step.options.get("between", "\n"))
        joined = {i: between.join(filter(None, map(as_text, each))) for i, each in given.items()}
        return joined, {}, {}

    def _merge(self, step: Step, given: dict[str, list[Value]]) -> Any:
        merged: dict[str, Value] = {
            clip_id: list(dict.fromkeys(label for value in each for label in as_labels(value)))
            for clip_id, each in given.items()
        }
        return merged, {}, {}

    def _extract(self, step: Step, given: dict[str, list[Value]]) -> Any:
        labels = LexiconExtractor().batch(as_text(each[0]) for each in given.values())
        return dict(zip(given, labels, strict=True)), {}, {}

    def _person(self, step: Step, given: dict[str, list[Value]]) -> Any:
        rounds: list[dict[str, Checked]] = []
        texts = {clip_id: as_text(each[0]) for clip_id, each in given.items()}
        said = {i: str(self.state.texts.rows[i].get("text") or "") for i in texts}
        for number in range(1, int(step.options.get("rounds", 1)) + 1):
            table = self.output_dir / "people" / f"{step.name}-round-{number}.csv"
            checked = check_round(table, texts, said)
            if len(checked) < len(texts):
                waiting = self.state.waiting.setdefault(step.name, {})
                waiting[table] = len(texts) - len(checked)
            rounds.append(checked)
            texts = {clip_id: each.after for clip_id, each in checked.items()}
        self._warn_of_same_eyes(step, rounds)
        why = dict.fromkeys((i for i in given if i not in texts), "not looked at by people yet")
        history = {i: [each[i] for each in rounds if i in each] for i in texts}
        self.state.checks[step.name] = history
        values: dict[str, Value] = {
            i: as_labels(text) if isinstance(given[i][0], list) else text
            for i, text in texts.items()
        }
        more: dict[str, Line] = {
            i: {"rounds": [vars(each) for each in done]} for i, done in history.items()
        }
        return values, more, why

    def _warn_of_same_eyes(self, step: Step, rounds: Sequence[Mapping[str, Checked]]) -> None:
        same = [
            clip_id
            for earlier, later in zip(rounds, rounds[1:], strict=False)
            for clip_id in later
            if later[clip_id].checker == earlier[clip_id].checker
        ]
        if same:
            warnings.warn(
                f"step {step.name!r}: {len(same)} clips were checked by the same person in two "
                f"rounds, the first: {same[0]}",
                stacklevel=4,
            )

    def _sift(self, step: Step) -> str:
        if waiting := sorted(self._behind(step) & set(self.state.waiting)):
            return f"waits for {', '.join(waiting)}, nothing dropped"
        sifted = sift(step, self.state.texts, self.state.left, self.output_dir, self.speaker)
        self.state.sifted[step.name] = sifted
        self.state.dropped |= {i: (step.name, why) for i, why in sifted.dropped.items()}
        self.state.left = [i for i in self.state.left if i not in sifted.dropped]
        told = [f"{len(sifted.dropped)} dropped", f"{len(self.state.left)} kept"]
        if sifted.unknown:
            told.append(f"{len(sifted.unknown)} not judged")
        return ", ".join(told)

    def _behind(self, step: Step) -> set[str]:
        """The steps that a step is made of, and those that these are made of."""
        found: set[str] = set()
        todo = {*step.inputs}
        inputs = {each.name: each.inputs for each in self.state.run.steps}
        while todo:
            found |= todo
            todo = {name for each in todo for name in inputs.get(each, ())} - found
        return found


def _require_inputs(run: RunFile, texts: Texts) -> None:
    """Refuse, before anything is asked, a name that is neither a step nor a column."""
    steps = {step.name for step in run.steps if step.kind != "filter"}
    named = [name for step in run.steps for name in step.inputs]
    texts.require([name for name in (*named, run.against) if name and name not in steps])


def _require_models(run: RunFile) -> None:
    used = [str(step.options["by"]) for step in run.steps if step.kind == "ask"]
    for name in dict.fromkeys(used):
        if not run.backends[name].get("model"):
            raise ValueError(
                f"backend {name!r} of run {run.name!r} has no model: got none. Give --model "
                f"{name}=MODEL, or write `model:` into the file."
            )
