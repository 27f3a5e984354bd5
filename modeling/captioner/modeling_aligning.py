"""Two losses that train a bridge before it has a decoder: closer to captions, further from words.

SECap's paper describes a first stage that lowers the mutual information between what is heard and
what is said, and contrasts what is heard with captions; its released code computes neither. These
are ours: a variational bound (vCLUB) and InfoNCE, both over embeddings of the frozen decoder.

Source: SECap (Xu et al., 2024), abstract; CLUB (Cheng et al., 2020), equation 13; CPC (van den Oord
    et al., 2018), equation 4.
"""

import torch
from torch import nn
from torch.func import functional_call

_LOG_VARIANCE = 6.0  # farther from 0 a variance is not learnt
_TEMPERATURE = 0.07


class Aligner(nn.Module):
    """Compares what a bridge gives with embeddings of the caption and of the transcript.

    Args:
        width: Of the embeddings and of the bridge's tokens.
        dim: In which they are compared.
    """

    def __init__(self, width: int, dim: int) -> None:
        super().__init__()
        self.heard = nn.Linear(width, dim)
        self.captioned = nn.Linear(width, dim)
        self.said = nn.Sequential(nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, 2 * width))

    def contrast(
        self, heard: torch.Tensor, captions: torch.Tensor, alike: torch.Tensor | None = None
    ) -> torch.Tensor:
        """InfoNCE between sounds and captions, both ways.

        Args:
            heard: The mean of a clip's tokens ``(batch, width)``.
            captions: Embeddings of the captions ``(batch, width)``.
            alike: A number for each clip ``(batch,)``; captions of the same number, of the same
                emotion for one, are no negatives of each other. None has all differ.

        Returns:
            A scalar, 0 for a batch of one.
        """
        a = nn.functional.normalize(self.heard(heard), dim=-1)
        b = nn.functional.normalize(self.captioned(captions), dim=-1)
        scores = a @ b.T / _TEMPERATURE
        if alike is not None:
            same = alike[:, None] == alike
            same.fill_diagonal_(False)
            scores = scores.masked_fill(same, float("-inf"))
        own = torch.arange(len(scores), device=scores.device)
        both = (scores, scores.T)
        return torch.stack([nn.functional.cross_entropy(each, own) for each in both]).mean()

    def content(
        self, heard: torch.Tensor, transcripts: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """A bound on how much of the words is heard, and the loss of the network that bounds it.

        Args:
            heard: ``(batch, width)``.
            transcripts: Embeddings of what is said ``(batch, width)``.

        Returns:
            Two scalars: the bound, whose gradient goes to what is heard alone, and the negative log
            likelihood, whose gradient goes to the network alone.
        """
        projected = self.heard(heard)
        still = {name: each.detach() for name, each in self.said.named_parameters()}
        mean, log_variance = _gauss(functional_call(self.said, still, (projected,)))
        own = _log_likelihood(transcripts, mean, log_variance)
        others = _log_likelihood(transcripts[None], mean[:, None], log_variance[:, None])
        likelihood = _log_likelihood(transcripts, *_gauss(self.said(projected.detach())))
        return (own - others.mean(dim=1)).mean(), -likelihood.mean()


def mean_of(rows: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean over steps that are no padding: ``(batch, steps, width)`` to ``(batch, width)``."""
    here = mask[..., None].to(rows.dtype)
    return (rows * here).sum(dim=1) / here.sum(dim=1).clamp(min=1)


def _gauss(both: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    mean, log_variance = both.chunk(2, dim=-1)
    return mean, _LOG_VARIANCE * torch.tanh(log_variance / _LOG_VARIANCE)


def _log_likelihood(
    y: torch.Tensor, mean: torch.Tensor, log_variance: torch.Tensor
) -> torch.Tensor:
    """Of a diagonal normal distribution, per dimension, its constant left out."""
    return -(((y - mean) ** 2) / log_variance.exp() + log_variance).mean(dim=-1) / 2
