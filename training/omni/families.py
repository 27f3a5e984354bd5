"""The families of chat models that can be fine-tuned here, and what has to be known of each."""

from dataclasses import dataclass

from affecthub.errors import unknown_name

# Within the language model alone: the same names stand in towers too, which are left as they are.
ATTENTION = ("q_proj", "k_proj", "v_proj", "o_proj")
FEED_FORWARD = ("gate_proj", "up_proj", "down_proj")
LANGUAGE = "language_model"
# Every module that lies outside it.
TOWERS = rf"(?!.*\b{LANGUAGE}\b).*"


@dataclass(frozen=True)
class ChatFamily:
    """One family of models.

    Attributes:
        model_types: Of its configurations: of a whole checkpoint, and of the part that answers.
        takes: The media that it can be handed.
        interleaves: Whether the sound of a film can stand between its frames; the model is then
            told so by ``use_audio_in_video`` with every batch.
        experts: Fused weights of its experts, by the end of their names; linear names do not reach
            them.
        header: What an answer begins after.
    """

    model_types: tuple[str, ...]
    takes: frozenset[str]
    interleaves: bool
    experts: tuple[str, ...] = ()
    header: str = "<|im_start|>assistant\n"

    def linears(self) -> str:
        """A pattern for PEFT of the linear layers of the language model.

        Of a mixture those of its attention: gate, up and down are its experts', fused weights. PEFT
        makes bare names of a pattern for such models, which towers have too, so that `TOWERS` must
        be excluded beside it.
        """
        names = ATTENTION if self.experts else ATTENTION + FEED_FORWARD
        return rf".*\b{LANGUAGE}\b.*\.({'|'.join(names)})"


FAMILIES = (
    ChatFamily(
        model_types=("qwen2_5_omni", "qwen2_5_omni_thinker"),
        takes=frozenset({"audio", "video"}),
        interleaves=True,
    ),
    ChatFamily(
        model_types=("qwen3_omni_moe", "qwen3_omni_moe_thinker"),
        takes=frozenset({"audio", "video"}),
        interleaves=True,
        experts=("mlp.experts.gate_up_proj", "mlp.experts.down_proj"),
    ),
    ChatFamily(
        model_types=("qwen2_audio",),
        takes=frozenset({"audio"}),
        interleaves=False,
    ),
)


def chat_family(model_type: str) -> ChatFamily:
    """The family of a configuration.

    Raises:
        ValueError: It is none of those that can be fine-tuned here.

    Example:
        >>> sorted(chat_family("qwen2_audio").takes)
        ['audio']
    """
    for family in FAMILIES:
        if model_type in family.model_types:
            return family
    known = [name for family in FAMILIES for name in family.model_types]
    raise unknown_name("`model_type` of a chat model to fine-tune", model_type, known)
