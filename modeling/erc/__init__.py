"""Conversation models for transformers: emotions of utterances, and of the next ones.

Importing this package registers them, so that ``AutoConfig`` and ``AutoModel`` load a saved model
without remote code. ``import affecthub`` is enough: it has them import this package when they meet
one. Where affecthub is not installed, a saved folder brings these files along and loads with
``trust_remote_code=True``.
"""

from transformers import AutoConfig, AutoModel, AutoModelForTokenClassification

from .configuration_erc import ErcConfig
from .modeling_erc import ErcModel, ErcOutput, ErcPreTrainedModel

AutoConfig.register(ErcConfig.model_type, ErcConfig)
AutoModel.register(ErcConfig, ErcModel)
AutoModelForTokenClassification.register(ErcConfig, ErcModel)

__all__ = ["ErcConfig", "ErcModel", "ErcOutput", "ErcPreTrainedModel"]
