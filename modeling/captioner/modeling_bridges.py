"""From frames of sound to what a decoder reads: frame by frame, or by queries."""

from typing import Any

import torch
from torch import nn
from transformers import Blip2QFormerModel


class LinearBridge(nn.Module):
    """Every frame, or some neighbouring ones side by side, projected to the decoder's width.

    Args:
        width: Of a frame.
        decoder_width: Of a token.
        frames_per_token: How many frames make one.
    """

    def __init__(self, width: int, decoder_width: int, frames_per_token: int = 1) -> None:
        super().__init__()
        self.frames_per_token = frames_per_token
        self.projection = nn.Linear(width * frames_per_token, decoder_width)

    def forward(
        self, frames: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens ``(batch, tokens, decoder_width)`` and their mask, of frames and theirs.

        Args:
            frames: ``(batch, frames, width)``, zero where the mask is False.
            mask: ``(batch, frames)`` bool.
        """
        n = self.frames_per_token
        if n > 1:
            short = -frames.shape[1] % n
            frames = nn.functional.pad(frames, (0, 0, 0, short)).unflatten(1, (-1, n)).flatten(2)
            mask = nn.functional.pad(mask, (0, short)).unflatten(1, (-1, n)).any(dim=-1)
        return self.projection(frames), mask


class QFormerBridge(nn.Module):
    """Learned queries that look at all frames, as SECap's: BLIP-2's Q-Former without its text.

    Args:
        config: Of the Q-Former.
        width: Of a frame.
        decoder_width: Of a token.
        n_queries: How many tokens there are.
    """

    def __init__(self, config: Any, width: int, decoder_width: int, n_queries: int) -> None:
        super().__init__()
        self.frame_projection = nn.Linear(width, config.encoder_hidden_size)
        self.query_tokens = nn.Parameter(torch.empty(1, n_queries, config.hidden_size))
        nn.init.normal_(self.query_tokens, std=config.initializer_range)
        self.qformer = Blip2QFormerModel(config)
        self.projection = nn.Linear(config.hidden_size, decoder_width)

    def forward(
        self, frames: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Tokens ``(batch, n_queries, decoder_width)``, and a mask that is all True."""
        queries = self.query_tokens.expand(len(frames), -1, -1)
        seen = self.qformer(
            query_embeds=queries,
            encoder_hidden_states=self.frame_projection(frames),
            encoder_attention_mask=mask.long(),
        ).last_hidden_state
        tokens = self.projection(seen)
        return tokens, torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
