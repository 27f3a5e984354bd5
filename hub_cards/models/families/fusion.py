"""The ten fusions of sound, text and faces."""

from typing import Any

from affecthub.hub_cards.models.families.family import Family, Section
from affecthub.hub_cards.models.families.fusion_texts import FUSIONS, SHARED, Told
from affecthub.hub_cards.models.known import Known
from affecthub.hub_cards.models.origins import corpora_of
from affecthub.hub_cards.models.sizes import n_parameters

_SENSES = {"audio": "sound", "text": "text", "vision": "faces or frames"}
_LIMITS = (
    "It reads features and no media: of other encoders, other layers or another pooling than those "
    "it was trained on it makes nothing sensible, and no error tells so where the width is the "
    "same. Trained on recordings of few people (EmotionTalk has 19 actors), it will do worse on "
    "others, and may have learned speakers and scenes beside emotion: check it on your own clips "
    "before you rely on any number. It always names some class, whatever it is given."
)


def _told(known: Known) -> Told:
    name = str(known.config.get("algorithm", ""))
    return FUSIONS.get(name) or Told(name or "Fusion", "lian2024merbench", "a fusion", ())


def _title(known: Known) -> str:
    names = [each["corpus"] for each in corpora_of(known)]
    kind = "baseline" if known.config.get("algorithm") == "unimodal" else "fusion"
    on = f" trained on {' and '.join(names)}" if names else ""
    return f"{_told(known).name} {kind}{on}"


def _what(known: Known) -> str:
    config = known.config
    alone = config.get("algorithm") == "unimodal"
    one = (config.get("options") or {}).get("modality")
    widths = [
        f"{sense} ({config[f'{name}_dim']:,} values)"
        for name, sense in _SENSES.items()
        if isinstance(config.get(f"{name}_dim"), int) and one in (None, name)
    ]
    reads = " and ".join([*([", ".join(widths[:-1])] if widths[1:] else []), *widths[-1:]])
    reads = reads or "sound, text and faces"
    tables = "Table 3" if alone else "Tables 4 and 12"
    n = n_parameters(known)
    size = f" It has {n:,} parameters." if n else ""
    return (
        f"A small network that reads features of {reads} of a clip and gives {_given(config)}. "
        f"{_told(known).name} as compared in EmotionTalk's {tables}, in affecthub's version "
        f"for transformers; trained from random weights.{size}"
    )


def _given(config: dict[str, Any]) -> str:
    labels = [str(each) for each in (config.get("id2label") or {}).values()]
    named = [each for each in labels if not each.startswith("LABEL_")]
    classes = f"{len(labels)} classes" + (f" ({', '.join(named)})" if named else "")
    kinds = [classes] if labels else []
    kinds += ["a continuous score"] if config.get("score") else []
    return " and ".join(kinds) or "classes that its configuration does not name"


def _sections(known: Known) -> list[Section]:
    told, config = _told(known), known.config
    level = "one vector per clip and modality"
    if config.get("level") == "frame":
        level = "a sequence of steps per modality"
    sizes = {"width": config.get("hidden_dim"), "dropout": config.get("dropout")}
    told_sizes = [f"{name} {value}" for name, value in sizes.items() if value is not None]
    told_sizes += [f"`{name}` {value}" for name, value in (config.get("options") or {}).items()]
    facts = [
        f"It is {told.form}.",
        f"It reads {level}{''.join(f', {each}' for each in told_sizes)}.",
        *_encoders(known),
    ]
    return [("How it computes", " ".join(facts)), _fixes(told, config)]


def _encoders(known: Known) -> list[str]:
    """Where the features come from, as far as the run recorded it."""
    named = known.record.get("encoders") or {}
    if not isinstance(named, dict) or not named:
        return ["Which encoders made the features is not recorded beside the weights."]
    each = ", ".join(f"{_SENSES.get(sense, sense)} from `{name}`" for sense, name in named.items())
    return [f"The features: {each}."]


def _fixes(told: Told, config: dict[str, Any]) -> Section:
    pairs = [*told.fixes, *SHARED]
    if config.get("fidelity") == "official":
        lines = "\n".join(f"- {quirk}." for quirk, _ in pairs)
        title = "What the released code does"
        lead = "`fidelity` is `official`: the model computes what the released code computes."
        return title, f"{lead} That includes:\n\n{lines}"
    rows = "\n".join(f"| {quirk} | {fix} |" for quirk, fix in pairs)
    lead = (
        "`fidelity` is `fixed`: it is no bit-for-bit reproduction of the released code, whose "
        "outputs `official` gives."
    )
    table = f"| in the released code | here |\n|---|---|\n{rows}"
    return "What was repaired", f"{lead}\n\n{table}"


FUSION = Family(
    title=_title,
    what=_what,
    citations=lambda known: [_told(known).paper, "lian2024merbench", "sun2025emotiontalk"],
    usage="usage_fusion",
    limits=_LIMITS,
    auto_classes=("AutoConfig", "AutoModel", "AutoModelForSequenceClassification"),
    pipeline_tag="other",
    tags=("multimodal-fusion",),
    sections=_sections,
    from_random=True,
)
