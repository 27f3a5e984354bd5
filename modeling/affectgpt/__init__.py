"""AffectGPT for transformers: configuration, model and processor.

Importing this package registers them, so that ``AutoConfig``, ``AutoModel``,
``AutoModelForMultimodalLM`` and ``AutoProcessor`` load a saved AffectGPT without remote code.
``import affecthub`` is enough: it has them import this package when they meet an AffectGPT.

Where affecthub is not installed, a saved folder brings these files along and loads with
``trust_remote_code=True``. For that they import each other by single dots and nothing else of
affecthub.
"""

from transformers import AutoConfig, AutoModel, AutoModelForMultimodalLM, AutoProcessor

from .configuration_affectgpt import AffectGPTConfig
from .convert_affectgpt import read_wording
from .convert_loading import load_adapter
from .face_cropping import FaceCropper
from .face_folder import FaceFolder
from .modeling_affectgpt import AffectGPTForConditionalGeneration
from .modeling_backbone import AffectGPTModel
from .modeling_language import fusion_modules, lora_target_modules, quantization_config
from .processing_affectgpt import AffectGPTProcessor

AutoConfig.register(AffectGPTConfig.model_type, AffectGPTConfig)
AutoModel.register(AffectGPTConfig, AffectGPTModel)
AutoModelForMultimodalLM.register(AffectGPTConfig, AffectGPTForConditionalGeneration)
AutoProcessor.register(AffectGPTConfig, AffectGPTProcessor)

__all__ = [
    "AffectGPTConfig",
    "AffectGPTForConditionalGeneration",
    "AffectGPTModel",
    "AffectGPTProcessor",
    "FaceCropper",
    "FaceFolder",
    "fusion_modules",
    "load_adapter",
    "lora_target_modules",
    "quantization_config",
    "read_wording",
]
