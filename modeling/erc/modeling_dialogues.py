"""A batch of dialogues as every model is given it, checked once."""

from dataclasses import dataclass

import torch
from torch import Tensor

# Labels with this number are not scored.
IGNORED = -100


@dataclass(frozen=True)
class Dialogues:
    """Dialogues of unequal length, padded at the end.

    Attributes:
        features: Floats of shape (B, L, D); 0 where there is no utterance.
        speakers: Whole numbers of shape (B, L); 0 where there is none.
        mask: Booleans of shape (B, L), True where there is an utterance.
        next_speakers: Who speaks after each utterance, of shape (B, L). After the last one it is
            who spoke last, unless the caller knows better.
    """

    features: Tensor
    speakers: Tensor
    mask: Tensor
    next_speakers: Tensor

    @property
    def lengths(self) -> Tensor:
        """Utterances of each dialogue, of shape (B,)."""
        return self.mask.sum(1)

    def backwards(self, values: Tensor) -> Tensor:
        """Values of shape (B, L, ...) with the utterances in reverse; padding stays at the end."""
        places = torch.arange(values.shape[1], device=values.device)
        order = (self.lengths[:, None] - 1 - places).where(self.mask, places)
        index = order.view(*order.shape, *[1] * (values.dim() - 2)).expand(
            order.shape + values.shape[2:]
        )
        return values.gather(1, index)


def on_utterances(
    values: Tensor, mask: Tensor, weight: Tensor, bias: Tensor | None = None
) -> Tensor:
    """A linear map of (B, L, D) by a matrix (D, W), made where there is an utterance alone.

    A third and more of a batch of dialogues is padding; there it gives the bias.
    """
    found = values[mask] @ weight
    padding = found.new_zeros(weight.shape[1])
    if bias is not None:
        found = found + bias
        padding = bias.to(found.dtype)
    return padding.expand(*mask.shape, -1).index_put((mask,), found)


def read_dialogues(
    features: Tensor,
    speakers: Tensor | None,
    mask: Tensor | None,
    next_speakers: Tensor | None,
    *,
    feature_dim: int,
    n_speakers: int,
) -> Dialogues:
    """Check a batch and clean its padding, whose values are of no consequence.

    Raises:
        ValueError: Another number of dimensions, another width, shapes that do not go together, a
            dialogue without utterances, padding before an utterance, features that are no finite
            numbers, or a speaker out of range.
    """
    if features.dim() != 3 or features.shape[-1] != feature_dim:
        raise ValueError(
            f"`features` do not fit: got shape {tuple(features.shape)}, expected (dialogues, "
            f"utterances, {feature_dim}). Set `feature_dim` of the configuration to their width."
        )
    shape = features.shape[:2]
    if not all(shape):
        raise ValueError(
            f"`features` are empty: got shape {tuple(features.shape)}, expected at least one "
            "dialogue of one utterance"
        )
    if mask is None:
        mask = torch.ones(shape, dtype=torch.bool, device=features.device)
    if speakers is None:
        speakers = torch.zeros(shape, dtype=torch.long, device=features.device)
    given = {"mask": mask, "speakers": speakers, "next_speakers": next_speakers}
    for name, values in given.items():
        if values is not None and values.shape != shape:
            raise ValueError(
                f"`{name}` does not fit: got shape {tuple(values.shape)}, expected "
                f"{tuple(shape)}, a value per utterance"
            )
    mask = mask.bool()
    speakers = speakers.long().masked_fill(~mask, 0)
    following = _following(speakers, mask, next_speakers)
    clean = features.masked_fill(~mask[..., None], 0)
    _refuse(clean, speakers, mask, following, n_speakers)
    return Dialogues(clean, speakers, mask, following)


def _following(speakers: Tensor, mask: Tensor, given: Tensor | None) -> Tensor:
    """Who speaks next: as given, else as the dialogue goes on, else who spoke last."""
    if given is not None:
        return given.long().masked_fill(~mask, 0)
    ahead = torch.cat([speakers[:, 1:], speakers[:, -1:]], 1)
    goes_on = torch.cat([mask[:, 1:], torch.zeros_like(mask[:, :1])], 1)
    return ahead.where(goes_on, speakers)


def _refuse(
    features: Tensor, speakers: Tensor, mask: Tensor, following: Tensor, n_speakers: int
) -> None:
    """Refuse values that would give an answer nobody can trust; one look at the device."""
    numbers = ((speakers < 0) | (speakers >= n_speakers)).any()
    numbers |= ((following < 0) | (following >= n_speakers)).any()
    empty = ~mask[:, 0].all()
    holes = (mask[:, 1:] & ~mask[:, :-1]).any()
    odd = ~torch.isfinite(features).all()
    found = torch.stack([odd, empty, holes, numbers]).tolist()
    if found[0]:
        where = (~torch.isfinite(features).all(-1)).nonzero()[0].tolist()
        raise ValueError(
            f"`features` hold NaN or infinity: first at dialogue {where[0]}, utterance {where[1]}. "
            "Expected finite numbers; leave the utterance out by `mask` or give it zeros."
        )
    if found[1] or found[2]:
        row = int(((mask[:, 1:] & ~mask[:, :-1]).any(1) | ~mask[:, 0]).nonzero()[0])
        raise ValueError(
            f"`mask` does not fit: got {mask[row].int().tolist()} for dialogue {row}, expected "
            "utterances first and padding after them, and at least one utterance"
        )
    if found[3]:
        worst = int(torch.stack([speakers.max(), following.max()]).max())
        least = int(torch.stack([speakers.min(), following.min()]).min())
        raise ValueError(
            f"speakers are out of range: got {least} to {worst}, expected 0 to {n_speakers - 1}. "
            "Number the speakers of each dialogue by first appearance, and set `n_speakers` of the "
            "configuration to the most that one has."
        )


def read_labels(labels: Tensor, mask: Tensor, n_labels: int) -> Tensor:
    """Labels with padding ignored.

    Raises:
        ValueError: Another shape, or a label that is no class and not -100.
    """
    if labels.shape != mask.shape:
        raise ValueError(
            f"`labels` do not fit: got shape {tuple(labels.shape)}, expected {tuple(mask.shape)}, "
            "a label per utterance"
        )
    labels = labels.long().masked_fill(~mask, IGNORED)
    wrong = ((labels < 0) & (labels != IGNORED)) | (labels >= n_labels)
    if wrong.any():
        raise ValueError(
            f"`labels` are out of range: got {int(labels[wrong][0])}, expected 0 to "
            f"{n_labels - 1}, or {IGNORED} where an utterance is not scored"
        )
    return labels
