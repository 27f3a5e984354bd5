"""The loss of the answers' tokens, the same for every family of models."""

from typing import Any

import torch

from affecthub.training.order import IGNORED


def answer_loss(outputs: Any, labels: torch.Tensor, num_items_in_batch: Any = None) -> torch.Tensor:
    """Cross-entropy of the answers' tokens: their sum over the tokens of the step.

    The models' own losses differ in what they divide by: Qwen2-Audio takes the mean of each batch,
    which weighs the clips of a step of several batches wrongly.

    Args:
        outputs: Of the model, with ``logits`` of shape (batch, n_tokens, n_words).
        labels: Of shape (batch, n_tokens); -100 is not learnt.
        num_items_in_batch: Tokens that are learnt in the whole step; None takes those here.

    Returns:
        A number in float32; 0 where nothing is learnt.
    """
    learnt = labels[:, 1:] != IGNORED
    # Answers are short beside what is seen and heard: the others' logits are never copied.
    logits = outputs.logits[:, :-1][learnt].float()
    total = torch.nn.functional.cross_entropy(logits, labels[:, 1:][learnt], reduction="sum")
    n = learnt.sum() if num_items_in_batch is None else num_items_in_batch
    n = n.to(total.device) if isinstance(n, torch.Tensor) else torch.tensor(float(n))
    return total / n.clamp(min=1)
