"""A captioner for transformers: a speech encoder, a bridge, and a decoder that writes.

Importing this package registers it, so that ``AutoConfig``, ``AutoModel`` and ``AutoProcessor``
load a saved captioner without remote code; ``import affecthub`` is enough. Where affecthub is not
installed, a saved folder brings these files along and loads with ``trust_remote_code=True``.
"""

from transformers import AutoConfig, AutoModel, AutoProcessor

from .configuration_captioner import CaptionerConfig
from .modeling_captioner import CaptionerModel, CaptionerOutput
from .modeling_decoders import lora_target_modules, new_modules
from .processing_captioner import CaptionerProcessor

AutoConfig.register(CaptionerConfig.model_type, CaptionerConfig)
AutoModel.register(CaptionerConfig, CaptionerModel)
AutoProcessor.register(CaptionerConfig, CaptionerProcessor)

__all__ = [
    "CaptionerConfig",
    "CaptionerModel",
    "CaptionerOutput",
    "CaptionerProcessor",
    "lora_target_modules",
    "new_modules",
]
