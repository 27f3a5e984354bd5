"""Ten fusions of sound, text and faces for transformers, over one trunk.

Importing this package registers them, so that ``AutoConfig``, ``AutoModel`` and
``AutoModelForSequenceClassification`` load a saved fusion without remote code.

Where affecthub is not installed, a saved folder brings these files along and loads with
``trust_remote_code=True``. For that they import each other by single dots and nothing else of
affecthub.
"""

from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification

from .configuration_fusion import FusionConfig
from .modeling_checks import check_values
from .modeling_fusion import ALGORITHMS, FusionModel
from .modeling_pretrained import FusionOutput, FusionPreTrainedModel

AutoConfig.register(FusionConfig.model_type, FusionConfig)
AutoModel.register(FusionConfig, FusionModel)
AutoModelForSequenceClassification.register(FusionConfig, FusionModel)

__all__ = [
    "ALGORITHMS",
    "FusionConfig",
    "FusionModel",
    "FusionOutput",
    "FusionPreTrainedModel",
    "check_values",
]
