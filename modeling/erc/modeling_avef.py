"""AVEF: a bidirectional LSTM over the present utterance and the one before.

The paper reads frames of sound and face of one speaker (2019, sections 4 and 5); here a step is an
utterance's features, and the next utterance is anybody's. This is our form of it.
"""

from torch import Tensor, nn

from .configuration_erc import ErcConfig
from .modeling_bigru import read_windows
from .modeling_conversation import Conversation
from .modeling_dialogues import Dialogues
from .modeling_recurrence import WindowRNN
from .modeling_windows import window


class AVEF(Conversation):
    """Two layers of LSTM, both last states, a dense layer with ReLU."""

    needs_speakers = False

    def __init__(self, config: ErcConfig) -> None:
        super().__init__()
        option = config.option
        self.context = option.context
        sizes = (config.feature_dim, config.width, option.num_layers)
        self.encoder = WindowRNN("lstm", *sizes, config.dropped, True)
        self.features_dim = option.dense_dim or 2 * config.width
        self.dense = nn.Linear(self.encoder.output_dim, self.features_dim)
        self.dropout = nn.Dropout(config.dropped)

    def forward(self, dialogues: Dialogues) -> Tensor:
        """Features of shape (B, L, features_dim)."""
        places, there = window(dialogues.mask, self.context)
        last = read_windows(self.encoder, dialogues.features, places, there)
        return self.dense(self.dropout(last)).relu()
