"""What the utterance-level fusions share: one encoder per modality, from features to a vector."""

import torch
from torch import Tensor, nn

from .configuration_fusion import FusionConfig
from .modeling_dropout import Dropout
from .modeling_sequences import Masks, last_step


class MLPEncoder(nn.Module):
    """Dropout, then three linear layers with ReLU.

    Source: MERBench (Lian et al., 2024), utterance-level encoder.
    """

    def __init__(self, in_dim: int, hidden_dim: int, dropout: float) -> None:
        super().__init__()
        self.drop = Dropout(dropout)
        self.linear_1 = nn.Linear(in_dim, hidden_dim)
        self.linear_2 = nn.Linear(hidden_dim, hidden_dim)
        self.linear_3 = nn.Linear(hidden_dim, hidden_dim)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """From (B, D) to (B, H); the mask is not asked."""
        x = torch.relu(self.linear_1(self.drop(x)))
        return torch.relu(self.linear_3(torch.relu(self.linear_2(x))))


class LSTMEncoder(nn.Module):
    """The last state of an LSTM, dropout, and a linear layer.

    Source: MERBench (Lian et al., 2024), frame-level encoder.
    Differs: With ``official=False`` the last state is that of the last real step.
    """

    def __init__(self, in_dim: int, hidden_dim: int, dropout: float, *, official: bool) -> None:
        super().__init__()
        self.official = official
        self.rnn = nn.LSTM(in_dim, hidden_dim, batch_first=True)
        self.drop = Dropout(dropout)
        self.linear_1 = nn.Linear(hidden_dim, hidden_dim)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """From (B, T, D) and (B, T) to (B, H)."""
        states, _ = self.rnn(x)
        state = states[:, -1] if self.official else last_step(states, mask)
        return self.linear_1(self.drop(state))


class UtteranceFusion(nn.Module):
    """An encoder for each modality, before a fusion of three vectors.

    A clip that lacks a modality has zeros in place of its vector; in ``official`` it has what the
    encoder makes of zeros, as the released code knows of no absence.
    """

    features_dim: int

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        self.config = config
        self.option = config.option
        self.audio_encoder = self._encoder(config.audio_dim)
        self.text_encoder = self._encoder(config.text_dim)
        self.video_encoder = self._encoder(config.vision_dim)

    def _encoder(self, in_dim: int) -> nn.Module:
        config = self.config
        if config.level == "utterance":
            return MLPEncoder(in_dim, config.hidden_dim, config.dropout)
        official = config.is_official
        return LSTMEncoder(in_dim, config.hidden_dim, config.dropout, official=official)

    def encode(
        self, audio: Tensor, text: Tensor, vision: Tensor, masks: Masks
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The vectors of sound, text and faces, (B, H) each."""
        encoders = (self.audio_encoder, self.text_encoder, self.video_encoder)
        found = []
        for i, (encoder, x) in enumerate(zip(encoders, (audio, text, vision), strict=True)):
            h = encoder(x, masks[i])
            if not self.config.is_official:
                h = h * masks.present[:, i : i + 1].to(h.dtype)
            found.append(h)
        return found[0], found[1], found[2]
