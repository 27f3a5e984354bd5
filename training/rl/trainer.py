"""GRPO over clips: trl's trainer, told where the media of each answer are.

Of media, trl 1.16 knows pictures alone, and it cuts, shuffles and repeats its batches. So the
number of the clip travels with each answer, and its prompt and features come from `Clips`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers.trainer_callback import TrainerCallback
from trl import GRPOTrainer

from affecthub.hub_cards.models import write_model_card
from affecthub.modeling.affectgpt.processing_answers import cut_answer
from affecthub.training.rl.clips import Clips
from affecthub.training.trainer import tidy


class ClipGRPOTrainer(GRPOTrainer):
    """``trl.GRPOTrainer`` of an AffectGPT whose towers stay as they are.

    Rows of the data sets have ``prompt`` (the question in words, for logs), ``clip`` (its number in
    `clips`) and what the rewards read, as ``labels``.

    - No placeholder is ever sampled: it would stand for a feature that nobody has.
    - Where the configuration's ``answer_end`` is one token, it ends an answer, as the end token
      does; rewards do not see it.
    - With `beta`, the reference is the model without the new adapters, or the adapters as they were
      loaded. A model without adapters has none and needs ``beta=0``.

    Args:
        clips: Prompts and features of the training clips, filled.
        eval_clips: The same of ``eval_dataset``.
        **kwargs: Those of ``trl.GRPOTrainer``; `processing_class` is the model's processor.
    """

    def __init__(self, *, clips: Clips, eval_clips: Clips | None = None, **kwargs: Any) -> None:
        self.clips = clips
        self.eval_clips = eval_clips
        self.train_sampler: Any = None
        self._numbers: list[int] = []
        model, processor, args = kwargs["model"], kwargs["processing_class"], kwargs["args"]
        own = dict(args.generation_kwargs or {})
        banned = [*own.get("suppress_tokens", ()), *model.config.placeholders.values()]
        args.generation_kwargs = own | {"suppress_tokens": list(dict.fromkeys(banned))}
        self._answer_end = processor.answer_end
        with _as_trl_reads_it(model, processor):
            super().__init__(**kwargs)
        self.add_callback(_GoOn(self))

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Save the model without the pickle of the arguments, readable for whom the folder is."""
        super().save_model(output_dir, _internal_call)
        if self.args.should_save:
            folder = Path(output_dir or str(self.args.output_dir))
            tidy(folder)
            write_model_card(folder)

    def _known(self) -> Clips:
        """The clips of the split that is at work."""
        is_training = self.model is not None and self.model.training
        return self.clips if is_training or self.eval_clips is None else self.eval_clips

    def _get_train_sampler(self, dataset: Any = None) -> Any:
        self.train_sampler = super()._get_train_sampler(dataset)
        return self.train_sampler

    def _set_signature_columns_if_needed(self) -> None:
        if self._signature_columns is None:
            columns: Any = ["prompt", "clip"]
            self._signature_columns = columns

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        self._numbers = [row["clip"] for row in inputs]
        output: dict[str, Any] = super()._generate_and_score_completions(inputs)
        # Lists are shuffled and split as the tensors beside them.
        return output | {"clip": list(self._numbers)}

    def _tokenize_prompts(self, prompts: list[Any]) -> tuple[list[list[int]], None, dict[str, Any]]:
        clips = self._known()
        return clips.prompts(self._numbers), None, clips.features(self._numbers)

    def _calculate_rewards(
        self, inputs: Any, prompts: Any, completions: list[str], completion_ids_list: Any
    ) -> torch.Tensor:
        answers = [cut_answer(completion, self._answer_end) for completion in completions]
        rewards: torch.Tensor = super()._calculate_rewards(
            inputs, prompts, answers, completion_ids_list
        )
        return rewards

    def _compute_loss(self, model: Any, inputs: dict[str, Any]) -> torch.Tensor:
        self._numbers = inputs["clip"]
        loss: torch.Tensor = super()._compute_loss(model, inputs)
        return loss

    def _get_per_token_logps_and_entropies(
        self,
        model: Any,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        logits_to_keep: int,
        batch_size: int | None = None,
        compute_entropy: bool = False,
        compute_aux_loss: bool = False,
        **pictures: Any,
    ) -> tuple[torch.Tensor, torch.Tensor | None, None]:
        """Log-probabilities and entropies ``(batch, logits_to_keep)`` of the last tokens."""
        log_probs, entropies = [], []
        size = batch_size or len(input_ids)
        for start in range(0, len(input_ids), size):
            part = slice(start, start + size)
            ids, mask = input_ids[part], attention_mask[part]
            labels = ids.masked_fill(mask == 0, -100)
            labels[:, :-logits_to_keep] = -100
            features = self._known().features(self._numbers[part])
            features = {name: value.to(ids.device) for name, value in features.items()}
            with self.accelerator.autocast():
                scored = model(
                    input_ids=ids,
                    attention_mask=mask,
                    # As when it was sampled: padding has no place.
                    position_ids=(mask.cumsum(-1) - 1).clamp(min=0),
                    labels=labels,
                    fused_lm_head=True,
                    **features,
                )
            log_probs.append(scored.log_probs[:, -logits_to_keep:])
            if compute_entropy:
                entropies.append(scored.entropy[:, -logits_to_keep:])
        return torch.cat(log_probs), torch.cat(entropies) if entropies else None, None


class _GoOn(TrainerCallback):
    """Begin where the run is that goes on, as if it had never stopped.

    trl counts its steps and draws the order of clips from the beginning then, whichever epoch it
    is.
    """

    def __init__(self, trainer: ClipGRPOTrainer) -> None:
        self._trainer = trainer

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Count the steps that were, and draw the orders of the epochs that are over."""
        self._trainer._step = state.global_step * args.gradient_accumulation_steps
        sampler = self._trainer.train_sampler
        if sampler is not None and sampler.shuffle:
            # The share of an epoch is rounded where it was written.
            for _ in range(int((state.epoch or 0.0) + 1e-6)):
                torch.randperm(sampler.num_samples, generator=sampler.generator)


@contextmanager
def _as_trl_reads_it(model: Any, processor: Any) -> Iterator[None]:
    """Show a model to trl with a placeholder for pictures and with every token that ends an answer.

    What is shown is taken back: neither belongs into a saved model.
    """
    config, generation = model.config, model.generation_config
    lacks_image = not hasattr(config, "image_token_id")
    ends = generation.eos_token_id
    if lacks_image:
        config.image_token_id = config.video_token_id
    generation.eos_token_id = [*_ends(ends), *_spelled(processor.tokenizer, processor.answer_end)]
    try:
        yield
    finally:
        generation.eos_token_id = ends
        if lacks_image:
            del config.image_token_id


def _ends(eos_token_id: int | Sequence[int] | None) -> list[int]:
    if eos_token_id is None:
        return []
    return [eos_token_id] if isinstance(eos_token_id, int) else list(eos_token_id)


def _spelled(tokenizer: Any, end: str) -> list[int]:
    """The token that is an answer's end; none where there is no end, or it takes several."""
    tokens = tokenizer(end, add_special_tokens=False)["input_ids"] if end else []
    return tokens if len(tokens) == 1 else []
