"""From tower outputs to soft tokens: pooling over time, and the pre-fusion of face and voice."""

import copy

import torch
from torch import nn
from transformers import Blip2QFormerModel

from .configuration_affectgpt import AffectGPTConfig


class WeightLinear(nn.Linear):
    """A linear layer that makes weights, with a bias that starts at the mean's weight.

    Args:
        dim: Width of its input.
        n_weights: Weights it makes.
        initial_bias: What the model's initialisation fills its bias with.

    Differs: the official layers start as any ``nn.Linear``. Starting at the mean lets a model
    train from nothing; a loaded checkpoint is not touched by it.
    """

    def __init__(self, dim: int, n_weights: int, initial_bias: float) -> None:
        super().__init__(dim, n_weights)
        self.initial_bias = initial_bias


class MeanPooler(nn.Module):
    """The mean over time, one token."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Pool ``(batch, time, dim)`` to ``(batch, 1, dim)``."""
        return z.mean(dim=1, keepdim=True)


class AttentionPooler(nn.Module):
    """Sum over time, weighted by one learned score per step that no softmax normalises.

    Args:
        dim: Width of a step.
        n_steps: Steps expected; sets the initial bias only.
    """

    def __init__(self, dim: int, n_steps: int) -> None:
        super().__init__()
        self.score = WeightLinear(dim, 1, initial_bias=1 / n_steps)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Pool ``(batch, time, dim)`` to ``(batch, 1, dim)``."""
        z = z.to(self.score.weight.dtype)
        return self.score(z).mT @ z


class QFormer(nn.Module):
    """Learned queries that read a sequence with its positions.

    Args:
        config: ``qformer_config`` gives the sizes.
        dim: Width of a step.
        n_queries: Tokens it makes.
        n_positions: Longest sequence it reads.

    Source: AffectGPT (Lian et al., 2025), section 3.2, equation 4.
    """

    def __init__(self, config: AffectGPTConfig, dim: int, n_queries: int, n_positions: int) -> None:
        super().__init__()
        sizes = copy.deepcopy(config.qformer_config)
        sizes.encoder_hidden_size = dim
        if str(sizes._attn_implementation).startswith("flash"):
            sizes._attn_implementation = "sdpa"  # BLIP-2's class has no flash kernel
        self.query_tokens = nn.Parameter(torch.empty(1, n_queries, sizes.hidden_size))
        self.positions = nn.Embedding(n_positions, dim)
        self.qformer = Blip2QFormerModel._from_config(sizes)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        """Read ``(batch, time, dim)`` and give ``(batch, n_queries, qformer width)``.

        Raises:
            ValueError: The sequence is longer than there are positions.
        """
        n_steps, n_positions = z.shape[1], self.positions.num_embeddings
        if n_steps > n_positions:
            raise ValueError(
                f"a Q-Former cannot read so far: got {n_steps} steps, expected {n_positions} at "
                "most. Take fewer frames or pieces, or train with more positions."
            )
        # Through the layer, not its weight: that may be elsewhere until the layer is called.
        at = self.positions(torch.arange(n_steps, device=z.device))
        z = z.to(at.dtype) + at
        queries = self.query_tokens.expand(len(z), -1, -1)
        output = self.qformer(query_embeds=queries, encoder_hidden_states=z)
        tokens: torch.Tensor = output.last_hidden_state
        return tokens


class AttentionFusion(nn.Module):
    """Weigh the face against the voice and add them up, before the language model sees either.

    Two linear layers without a nonlinearity between them make the two weights. They fold into the
    single matrix W of the paper and are kept apart because checkpoints hold, and
    training moves, both.

    Args:
        config: ``fusion_dim`` is the width of the fused token.
        vision_dim: Width of a step of the picture.
        audio_dim: Width of a step of the voice.

    Source: AffectGPT (Lian et al., 2025), section 3.2, equations 5 to 7.
    Differs: equation 6 puts audio first; this follows the released checkpoints, video first.
    """

    def __init__(self, config: AffectGPTConfig, vision_dim: int, audio_dim: int) -> None:
        super().__init__()
        dim = config.fusion_dim
        self.vision_proj = nn.Linear(vision_dim, dim)
        self.audio_proj = nn.Linear(audio_dim, dim)
        self.attention_in = nn.Linear(2 * dim, dim)
        self.attention_out = WeightLinear(dim, 2, initial_bias=1 / 2)

    def forward(self, z_vision: torch.Tensor, z_audio: torch.Tensor) -> torch.Tensor:
        """Fuse ``(batch, time, vision_dim)`` and ``(batch, time, audio_dim)``.

        Returns:
            ``(batch, 1, fusion_dim)``.
        """
        dtype = self.vision_proj.weight.dtype
        vision = self.vision_proj(z_vision.to(dtype).mean(dim=1))
        audio = self.audio_proj(z_audio.to(dtype).mean(dim=1))
        both = torch.stack([vision, audio], dim=1)
        weights = self.attention_out(self.attention_in(both.flatten(1)))
        return weights.unsqueeze(1) @ both


class QFormerFusion(nn.Module):
    """Let learned queries read face and voice as one sequence, time kept.

    Args:
        config: ``n_fusion_queries`` is the number of fused tokens.
        vision_dim: Width of a step of the picture.
        audio_dim: Width of a step of the voice.

    Source: AffectGPT (Lian et al., 2025), section 3.2, equations 3 and 4.
    Differs: equation 3 puts audio first; this follows the official code, video first.
    """

    def __init__(self, config: AffectGPTConfig, vision_dim: int, audio_dim: int) -> None:
        super().__init__()
        dim = config.fusion_dim
        self.vision_proj = nn.Linear(vision_dim, dim)
        self.audio_proj = nn.Linear(audio_dim, dim)
        self.reader = QFormer(config, dim, config.n_fusion_queries, config.n_fusion_positions)

    def forward(self, z_vision: torch.Tensor, z_audio: torch.Tensor) -> torch.Tensor:
        """Fuse ``(batch, time, vision_dim)`` and ``(batch, time, audio_dim)``.

        Returns:
            ``(batch, n_fusion_queries, qformer width)``.
        """
        dtype = self.vision_proj.weight.dtype
        vision = self.vision_proj(z_vision.to(dtype))
        audio = self.audio_proj(z_audio.to(dtype))
        fused: torch.Tensor = self.reader(torch.cat([vision, audio], dim=1))
        return fused


def make_vision_pooler(config: AffectGPTConfig) -> nn.Module:
    """Make what turns a video's frames into tokens."""
    if config.vision_pooling == "qformer":
        return QFormer(
            config, config.vision_dim, config.n_vision_queries, config.n_vision_positions
        )
    if config.vision_pooling == "mean":
        return MeanPooler()
    return AttentionPooler(config.vision_dim, config.n_frames)


def make_audio_pooler(config: AffectGPTConfig) -> nn.Module:
    """Make what turns a sample's pieces of sound into tokens."""
    if config.audio_pooling == "qformer":
        return QFormer(config, config.audio_dim, config.n_audio_queries, config.n_audio_positions)
    if config.audio_pooling == "mean":
        return MeanPooler()
    return AttentionPooler(config.audio_dim, config.n_audio_clips)


def make_fusion(config: AffectGPTConfig) -> nn.Module:
    """Make the pre-fusion of a model that has one."""
    kind = AttentionFusion if config.fusion == "attention" else QFormerFusion
    if config.fusion_input == "tokens":
        hidden = config.text_config.hidden_size
        return kind(config, hidden, hidden)
    return kind(config, config.vision_dim, config.audio_dim)
