"""Set-F and hit rate of a model's answers while it is trained, by a callback for any Trainer."""

import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from transformers import TrainerCallback

from affecthub.metrics.set_f.scores import set_f
from affecthub.training.evaluation.answering import Answer, Collate, Fetched, answer_all
from affecthub.training.evaluation.prompts import collate_prompts, prompt_of, require_no_answer
from affecthub.training.evaluation.scoring import Read, labels_of_answer, score
from affecthub.training.evaluation.undisturbed import asked, random_untouched

PREFIX = "eval_"


class SetFCallback(TrainerCallback):
    """Asks a model of validation clips whenever its Trainer evaluates, and scores the answers.

    Logged through the Trainer, and so to whatever it reports to, are ``eval_set_f``,
    ``eval_set_precision``, ``eval_set_recall`` and ``eval_hit_rate`` (in [0, 1], higher is better)
    and ``eval_n_failed``. They stand in the metrics of the evaluation too, so that
    ``metric_for_best_model="eval_set_f"`` keeps the best weights. A Trainer that evaluates nothing
    (``eval_strategy="no"``) gets them at the end of each epoch.

    Answers are greedy, and prompts never hold them: see ``prompts.prompt_of`` for where examples
    that were prepared for training are cut. Training goes on as if nothing had been asked: random
    numbers, modes and gradients are as before. Processes share the clips. A clip that cannot be
    read or answered counts as unanswered and is named in a warning; the run goes on.

    Args:
        trainer: The Trainer; the callback is added to it by ``trainer.add_callback``.
        prompts: What is asked, one item a clip: texts, messages, rows with ``prompt`` or
            ``messages``, or examples with ``input_ids``; with `collate` anything. A sequence or a
            data set; items are fetched when they are asked.
        references: The open-vocabulary labels of each clip, a list or text.
        labels: The basic label of each clip, for hit rate; left out, any of its references is a
            hit.
        collate: Makes a list of items a batch for ``generate``, without the answers; by default
            the Trainer's ``processing_class`` does. Its items come as they are in `prompts`.
        read: An answer's labels; by default a list as it stands and, of sentences, the emotions
            that ``LexiconExtractor`` finds there.
        lexicon: As for the metric ``set_f``: None, a name, a folder or a `Lexicon`.
        ids: Names of the clips, for warnings and files; by default their numbers.
        n_clips: Most clips asked: drawn once, the same in every evaluation and every run. None
            asks all.
        batch_size: Clips per call of ``generate``; by default the Trainer's for evaluation.
        max_new_tokens: Longest answer.
        answers_dir: Folder for the answers of each evaluation, ``step-N.jsonl`` with ``id``,
            ``prediction`` and, where there is one, ``error``; None keeps none.
        generation: Other arguments of ``generate``.

    Raises:
        ValueError: There are no prompts, lengths differ, no reference is a label that the lexicon
            knows, or nothing makes prompts a batch.

    Example:
        trainer.add_callback(SetFCallback(trainer, prompts, references, n_clips=200))
    """

    def __init__(
        self,
        trainer: Any,
        prompts: Any,
        references: Sequence[Any],
        *,
        labels: Sequence[Any] | None = None,
        collate: Collate | None = None,
        read: Read = labels_of_answer,
        lexicon: Any = None,
        ids: Sequence[str] | None = None,
        n_clips: int | None = 200,
        batch_size: int | None = None,
        max_new_tokens: int = 64,
        answers_dir: str | Path | None = None,
        **generation: Any,
    ) -> None:
        columns = {"references": references, "labels": labels, "ids": ids}
        for name, column in columns.items():
            if column is not None and len(column) != len(prompts):
                raise ValueError(
                    f"`{name}` and `prompts` differ in length: got {len(column)} for "
                    f"{len(prompts)} prompts, expected one for each clip."
                )
        if len(prompts) == 0:
            raise ValueError("`prompts` is empty: got no clip, expected some to validate on.")
        self.trainer = trainer
        places = _drawn(len(prompts), n_clips)
        prepare = prompt_of if collate is None else lambda item: item
        self.prompts = Fetched(_Some(prompts, places), prepare)
        self.references = [references[i] for i in places]
        self.labels = self.references if labels is None else [labels[i] for i in places]
        self.ids = [str(i) if ids is None else ids[i] for i in places]
        self.collate = collate or collate_prompts(trainer.processing_class)
        self.read = read
        self.lexicon = lexicon
        self.batch_size = batch_size or trainer.args.per_device_eval_batch_size
        self.generation = {
            "max_new_tokens": max_new_tokens,
            "do_sample": False,
            "num_beams": 1,
            **_stopping(trainer),
            **generation,
        }
        self.answers_dir = None if answers_dir is None else Path(answers_dir)
        self._newest: tuple[int, dict[str, float]] | None = None
        self._training = False
        self._require_scorable()

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Look at a prompt before hours of training, not after them."""
        self._training = True
        with random_untouched():
            _, prompt, error = self.prompts[0]
            if error is None:
                require_no_answer(self.collate([prompt]))
        if error is not None:
            warnings.warn(f"validation clip {self.ids[0]!r}: {error}", stacklevel=2)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """From here on, the same step may have other weights: the best."""
        self._training, self._newest = False, None

    def on_evaluate(
        self, args: Any, state: Any, control: Any, metrics: Any = None, **kwargs: Any
    ) -> None:
        """Ask, score, log; put the scores among the evaluation's own."""
        if metrics and not any(name.startswith(PREFIX) for name in metrics):
            return  # an evaluation under another name is of other clips
        # With several evaluation sets the Trainer comes here once for each.
        if self._newest is None or self._newest[0] != state.global_step:
            scores = self.evaluate()
            self._newest = (state.global_step, scores) if self._training else None
        else:
            scores = self._newest[1]
        if metrics is not None:
            metrics.update(scores)

    def on_epoch_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Do what `on_evaluate` does where nothing else is evaluated."""
        if str(getattr(args.eval_strategy, "value", args.eval_strategy)) == "no":
            self.evaluate()

    def evaluate(self) -> dict[str, float]:
        """Ask the model as it is now, log the scores and give them.

        Returns:
            The scores under the names they are logged by, the same in every process.
        """
        with asked(self.trainer.model):
            answers = answer_all(
                self.trainer,
                self.prompts,
                collate=self.collate,
                batch_size=self.batch_size,
                generation=self.generation,
            )
            found, answers = score(
                answers, self.references, self.labels, read=self.read, lexicon=self.lexicon
            )
            scores = {f"{PREFIX}{name}": value for name, value in found.items()}
            # While the model is in the mode of evaluation: trl tells its own averages by it.
            self.trainer.log(dict(scores))
        if self.trainer.is_world_process_zero():
            self._tell_failures(answers)
            self._keep(answers)
        return scores

    def _tell_failures(self, answers: Sequence[Answer]) -> None:
        failed = [
            (clip_id, answer.error)
            for clip_id, answer in zip(self.ids, answers, strict=True)
            if answer.error is not None
        ]
        if failed:
            clip_id, error = failed[0]
            warnings.warn(
                f"{len(failed)} of {len(answers)} validation clips could not be answered and count "
                f"as unanswered, the first: clip {clip_id!r}: {error}",
                stacklevel=4,
            )

    def _keep(self, answers: Sequence[Answer]) -> None:
        """Write the answers down; a full disk costs these lines and not the run."""
        if self.answers_dir is None:
            return
        path = self.answers_dir / f"step-{self.trainer.state.global_step}.jsonl"
        lines = []
        for clip_id, answer in zip(self.ids, answers, strict=True):
            line = {"id": clip_id, "prediction": answer.text}
            lines.append(line | ({"error": answer.error} if answer.error is not None else {}))
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            warnings.warn(f"the answers to validation clips are not kept: {error}", stacklevel=4)

    def _require_scorable(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            best = set_f(self.references, self.references, lexicon=self.lexicon)["set_f"]
        if not best > 0:
            raise ValueError(
                f"`references`: got {self.references[0]!r} and the like, of which the lexicon "
                "knows no label, expected emotion words. Give others, or another `lexicon`."
            )


class _Some:
    """Some items of a sequence, fetched when they are asked for."""

    def __init__(self, items: Any, places: Sequence[int]) -> None:
        self.items = items
        self.places = places

    def __len__(self) -> int:
        return len(self.places)

    def __getitem__(self, number: int) -> Any:
        return self.items[self.places[number]]


def _drawn(n: int, n_clips: int | None) -> list[int]:
    """The numbers of the clips asked, in order; the same whenever they are drawn."""
    if n_clips is None or n_clips >= n:
        return list(range(n))
    if n_clips <= 0:
        raise ValueError(f"`n_clips` is {n_clips}: expected a positive number, or None for all.")
    return sorted(np.random.default_rng(0).permutation(n)[:n_clips].tolist())


def _stopping(trainer: Any) -> dict[str, Any]:
    """Where ``generate`` stops and what it fills with, as the processor or tokenizer says."""
    reader = trainer.processing_class
    if getattr(reader, "stopping", None) is not None:
        stopping: dict[str, Any] = reader.stopping(trainer.model.generation_config)
        return stopping
    tokenizer = getattr(reader, "tokenizer", reader)
    fill = getattr(tokenizer, "pad_token_id", None)
    return {} if fill is None else {"pad_token_id": fill}
