"""What every conversation model is to the class that holds it."""

from torch import Tensor, nn

from .modeling_dialogues import Dialogues


class Conversation(nn.Module):
    """From dialogues to what the classes are read off.

    Attributes:
        features_dim: Width of what it gives.
        needs_speakers: Whether it cannot do without who speaks.
    """

    features_dim: int
    needs_speakers = True

    def forward(self, dialogues: Dialogues) -> Tensor:
        """Floats of shape (B, L, features_dim); what stands in the padding is of no consequence."""
        raise NotImplementedError

    def penalty(self, classifier: nn.Linear) -> Tensor | None:
        """A term that the loss has beside the labels', or None."""
        return None
