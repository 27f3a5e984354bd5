"""From tower outputs to one vector per modality and sample: pooling over time, and pre-fusion.

Names here and in the official checkpoints, for whoever converts one:

    vision_pooler.score    video_attention_mlp     fusion.vision_proj       multi_video_embs
    audio_pooler.score     audio_attention_mlp     fusion.audio_proj        multi_audio_embs
    vision_projector       affectgpt_proj          fusion.attention_in      attention_mlp
    audio_projector        audio_llama_proj        fusion.attention_out     fc_att
    fusion_projector       multi_llama_proj        (none: never trained)    image_llama_proj
"""

import torch
from torch import nn

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
        """Pool ``(batch, time, dim)`` to ``(batch, dim)``."""
        z = z.to(self.score.weight.dtype)
        return (self.score(z) * z).sum(dim=1)


class AttentionFusion(nn.Module):
    """Weigh the face against the voice and add them up, before the language model sees either.

    Two linear layers without a nonlinearity between them make the two weights. They fold into the
    single matrix W of the paper and are kept apart because checkpoints hold, and training moves,
    both.

    Source: AffectGPT (Lian et al., 2025), section 3.2, equations 5 to 7.
    Differs: equation 6 puts audio first; this follows the released checkpoints, video first.
    """

    def __init__(self, config: AffectGPTConfig) -> None:
        super().__init__()
        dim = config.fusion_dim
        self.vision_proj = nn.Linear(config.vision_dim, dim)
        self.audio_proj = nn.Linear(config.audio_dim, dim)
        self.attention_in = nn.Linear(2 * dim, dim)
        self.attention_out = WeightLinear(dim, 2, initial_bias=1 / 2)

    def forward(self, z_vision: torch.Tensor, z_audio: torch.Tensor) -> torch.Tensor:
        """Fuse the two towers' outputs.

        Args:
            z_vision: ``(batch, n_frames, vision_dim)``.
            z_audio: ``(batch, n_audio_clips, audio_dim)``.

        Returns:
            ``(batch, fusion_dim)``.
        """
        dtype = self.vision_proj.weight.dtype
        vision = self.vision_proj(z_vision.to(dtype).mean(dim=1))
        audio = self.audio_proj(z_audio.to(dtype).mean(dim=1))
        weights = self.attention_out(self.attention_in(torch.cat([vision, audio], dim=-1)))
        return weights[:, :1] * vision + weights[:, 1:] * audio
