"""What both models declare to transformers."""

import torch
from torch import nn
from torch.nn.utils.parametrize import ParametrizationList, is_parametrized
from transformers import initialization as init
from transformers.modeling_utils import PreTrainedModel

from .configuration_affectgpt import AffectGPTConfig
from .modeling_fusion import QFormer, WeightLinear
from .modeling_language import FUSION_MODULES


class AffectGPTPreTrainedModel(PreTrainedModel):
    """Devices, precision, attention and initialisation, the same for both classes."""

    config: AffectGPTConfig
    base_model_prefix = "model"
    main_input_name = "input_ids"
    input_modalities = ["audio", "video", "text"]
    supports_gradient_checkpointing = True
    _skip_keys_device_placement = ["past_key_values", "cache"]
    # Layers of the towers and of the language model are added once they are there.
    _no_split_modules = ["AttentionPooler", "AttentionFusion", "QFormer", "QFormerFusion"]
    # What is trained in full stays exact: at the paper's learning rate of 1e-5 most updates would
    # vanish in the rounding of half precision.
    _keep_in_fp32_modules = list(FUSION_MODULES)
    _keep_in_fp32_modules_strict = list(FUSION_MODULES)
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_flex_attn = True
    _supports_attention_backend = True
    _can_compile_fullgraph = True

    @classmethod
    def is_custom_code(cls) -> bool:
        """Have a loaded model initialised like one of transformers' own.

        In other code transformers passes over a module that lacks no parameter of its own, and
        what such a module sets in its children stays unset: buffers of Falcon-H1, for one. That
        guards models that initialise in another way than this one.
        """
        return False

    def post_init(self) -> None:
        """Name the layers that stay whole when a model is split over devices or processes.

        They are read off the towers: those of speech do not declare all of theirs. What is not in
        the model is not named, for whoever shards by name looks for every one.
        """
        super().post_init()
        here = {type(module).__name__ for module in self.modules()}
        towers = (getattr(self, name, None) for name in ("vision_tower", "audio_tower"))
        layers = {name for tower in towers if tower is not None for name in _layers(tower)}
        self._no_split_modules = sorted(here & {*(self._no_split_modules or ()), *layers})

    @property
    def is_gradient_checkpointing(self) -> bool:
        """Whether activations are computed again; PEFT asks by this name, which is going."""
        return any(getattr(module, "gradient_checkpointing", False) for module in self.modules())

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, WeightLinear):
            init.constant_(module.bias, module.initial_bias)
        elif isinstance(module, QFormer):
            init.normal_(module.query_tokens, std=self.config.qformer_config.initializer_range)


def _layers(tower: nn.Module) -> set[str]:
    """Classes of a tower's layers: what stands in its lists, and what makes its own weights."""
    return {
        type(layer).__name__
        for module in tower.modules()
        for layer in ([*module] if isinstance(module, nn.ModuleList) else [module])
        if not isinstance(module, ParametrizationList)
        and (layer is not module or is_parametrized(module))
    }
