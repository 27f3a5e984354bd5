"""BiGRU: a bidirectional GRU over the history, or over the whole dialogue.

The paper cites nobody for it; this is our form.
"""

import torch
from torch import Tensor, nn

from .configuration_erc import ErcConfig
from .modeling_conversation import Conversation
from .modeling_dialogues import Dialogues
from .modeling_recurrence import WindowRNN, packed
from .modeling_windows import gather, window


class BiGRU(Conversation):
    """Forecast: both last states over a window of history. Recognition: states of the dialogue.

    A forecast is bidirectional inside its window only, so nothing after an utterance is heard.
    """

    def __init__(self, config: ErcConfig) -> None:
        super().__init__()
        option = config.option
        self.forecasts = config.task == "forecast"
        self.context = option.context
        self.needs_speakers = option.speakers
        self.n_speakers = config.n_speakers if option.speakers else 0
        both = self.forecasts or not config.causal
        sizes = (config.feature_dim + self.n_speakers, config.width, option.num_layers)
        self.encoder = WindowRNN("gru", *sizes, config.dropped, both)
        if not self.forecasts:
            self.encoder.rnn.batch_first = True
            self.encoder.rnn.dropout = config.dropped if option.num_layers > 1 else 0.0
        self.dropout = nn.Dropout(config.dropped)
        self.features_dim = self.encoder.output_dim

    def forward(self, dialogues: Dialogues) -> Tensor:
        """Features of shape (B, L, features_dim)."""
        heard = dialogues.features
        if self.n_speakers:
            who = nn.functional.one_hot(dialogues.speakers, self.n_speakers)
            heard = torch.cat([heard, who.to(heard.dtype)], -1)
        if not self.forecasts:
            return self.dropout(packed(self.encoder.rnn, heard, dialogues.lengths))
        places, there = window(dialogues.mask, self.context)
        return self.dropout(read_windows(self.encoder, heard, places, there))


def read_windows(encoder: WindowRNN, heard: Tensor, places: Tensor, there: Tensor) -> Tensor:
    """Last states over every utterance's window: (B, L, D) to (B, L, output_dim)."""
    _, last = encoder(gather(encoder.project(heard), places).flatten(0, 1), there.flatten(0, 1))
    return last.view(*heard.shape[:2], -1)
