"""Captioners: what a voice sounds like, in a sentence."""

from typing import Any

from affecthub.hub_cards.models.families.family import Family, Section
from affecthub.hub_cards.models.known import Known
from affecthub.hub_cards.models.naming import base_in_words
from affecthub.hub_cards.models.origins import corpora_of
from affecthub.hub_cards.models.sizes import n_parameters

_KINDS = {
    "speaker": "the speaker's voice",
    "style": "the way of speaking",
    "emotion": "the emotion that is expressed",
    "overall": "voice, way of speaking and emotion together",
}
_TOLD = {
    "cross_attention": "the decoder listens to them by cross-attention",
    "prefix": "the decoder reads them as a prefix of the caption",
    "encoder": "an encoder-decoder reads them as its input",
}
_LIMITS = (
    "It writes a sentence about whatever it hears, music and silence too, and says nothing of how "
    "sure it is. What it says of a speaker's age, sex or temper is how annotators described "
    "voices, and no fact about a person. Trained on recordings of few people (EmotionTalk has 19 "
    "actors), it will do worse on others. Scores of captions count words in common, so that a "
    "sentence that is always the same can score well: compare with the best constant caption."
)


def _title(known: Known) -> str:
    kind = "Captioner adapters" if known.is_adapter else "Captioner of speech"
    names = [each["corpus"] for each in corpora_of(known)]
    return f"{kind} trained on {' and '.join(names)}" if names else kind


def _what(known: Known) -> str:
    kind = str(known.recipe.get("caption") or "")
    about = _KINDS.get(kind, "how somebody speaks")
    n = n_parameters(known)
    size = f" It has {n:,} parameters." if n else ""
    lead = "Adapters of a model that" if known.is_adapter else "A model that"
    return (
        f"{lead} hears a clip of speech and describes {about} in a sentence. Made from "
        f"{base_in_words(known)}, in affecthub's form for transformers of the captioners of "
        f"EmotionTalk's Table 5.{size}"
    )


def _sections(known: Known) -> list[Section]:
    config = known.config
    sections: list[Section] = []
    if config:
        sections.append(("How it works", _works(config, known)))
    captions = known.record.get("captions") or {}
    if captions:
        sections.append(("Captions of the test clips", _scores(captions)))
    return sections


def _works(config: dict[str, Any], known: Known) -> str:
    ears = (config.get("encoder_config") or {}).get("model_type", "speech")
    mouth = (config.get("decoder_config") or {}).get("model_type", "decoder")
    bridge = (
        f"{config.get('n_queries')} queries of a Q-Former look at its frames"
        if config.get("bridge") == "qformer"
        else "a linear layer projects its frames"
    )
    told = _TOLD.get(str(config.get("decoder_input")), "the decoder is told of them")
    frozen = ", which stays as it was," if config.get("freeze_encoder", True) else ""
    given = known.recipe.get("modalities") or ["audio"]
    text = " The transcript is given as a prompt." if "text" in given else ""
    return (
        f"An encoder ({ears}){frozen} hears the clip; {bridge}; {told} ({mouth}). Padding a batch "
        f"never changes a caption, and every token of a caption was learnt, the first too.{text}"
    )


def _scores(captions: dict[str, Any]) -> str:
    ours, constant = captions["captioner"], captions.get("best constant") or {"scores": {}}
    rows = [
        f"| {name} | {value:.3f} | {_number(constant['scores'].get(name))} |"
        for name, value in ours["scores"].items()
    ]
    head = "| score | this model | best constant caption |\n|---|---|---|\n"
    made = ours.get("made") or {}
    how = f"{ours['n']:,} clips, preset `{made.get('preset')}`, tokens `{made.get('tokenizer')}`."
    why = "".join(
        f" {name} was not computed: {reason.rstrip('.')}."
        for name, reason in (ours.get("unavailable") or {}).items()
    )
    table = "\n".join(rows)
    return f"{head}{table}\n\n{how} Higher is better.{why}"


def _number(value: Any) -> str:
    return f"{value:.3f}" if isinstance(value, int | float) else "-"


CAPTIONER = Family(
    title=_title,
    what=_what,
    citations=lambda known: ["sun2025emotiontalk", "xu2024secap"],
    usage="usage_captioner",
    limits=_LIMITS,
    auto_classes=("AutoConfig", "AutoModel", "AutoProcessor"),
    pipeline_tag="audio-text-to-text",
    tags=("speech-captioning",),
    sections=_sections,
    has_processor=True,
)
