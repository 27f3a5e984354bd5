"""The eight conversation models: emotions of utterances, and of the next ones."""

from typing import Any

from affecthub.hub_cards.models.families.erc_texts import CONVERSATIONS, Told
from affecthub.hub_cards.models.families.family import Family, Section
from affecthub.hub_cards.models.known import Known
from affecthub.hub_cards.models.origins import corpora_of
from affecthub.hub_cards.models.sizes import n_parameters

_LIMITS = (
    "It reads features and no media: of another encoder, another layer or another pooling than "
    "those it was trained on it makes nothing sensible, and no error tells so where the width is "
    "the same. In conversations an emotion mostly stays what it was: compare any score with naming "
    "the emotion before and with naming the most frequent one. Trained on conversations of few "
    "people, it will do worse on others, and may have learned who speaks beside emotion: check it "
    "on your own before you rely on any number. It always names some class, whatever it is given."
)


def _told(known: Known) -> Told:
    name = str(known.config.get("algorithm", ""))
    return CONVERSATIONS.get(name) or Told(name or "Conversation", (), "a conversation model")


def _forecasts(known: Known) -> bool:
    return known.config.get("task") == "forecast"


def _title(known: Known) -> str:
    names = [each["corpus"] for each in corpora_of(known)]
    kind = "forecasting emotion" if _forecasts(known) else "in conversations"
    return f"{_told(known).name} {kind}" + (f", trained on {' and '.join(names)}" if names else "")


def _what(known: Known) -> str:
    config = known.config
    gives = "the emotion of each utterance"
    if _forecasts(known):
        gives = "what emotion the next utterance will have, from those before it"
    n = n_parameters(known)
    size = f" It has {n:,} parameters." if n else ""
    width = f" ({config['feature_dim']} values each)" if config.get("feature_dim") else ""
    return (
        f"A small network that reads features of the utterances of a dialogue{width} and says "
        f"{gives}{_classes(config)}. "
        f"{_told(known).name} as compared in EmotionTalk's Tables 13 and 14, in affecthub's "
        f"version for transformers; trained from random weights.{size}"
    )


def _classes(config: dict[str, Any]) -> str:
    labels = [str(each) for each in (config.get("id2label") or {}).values()]
    named = [each for each in labels if not each.startswith("LABEL_")]
    if not labels:
        return ""
    return f", of {len(labels)} classes" + (f" ({', '.join(named)})" if named else "")


def _sections(known: Known) -> list[Section]:
    told, config = _told(known), known.config
    options = config.get("options") or {}
    said = ", ".join(f"`{name}` {value}" for name, value in options.items() if value is not None)
    heard = "It hears nothing after the utterance in question."
    if not config.get("causal"):
        heard = "It hears the whole dialogue, what comes after an utterance, too: not for live use."
    facts = [
        f"It is {told.form}.",
        heard,
        *_sizes(config, said),
        *_about_speakers(options),
        *([told.ours] if told.ours else []),
    ]
    return [("How it computes", " ".join(facts)), *_fixes(told, config)]


def _sizes(config: dict[str, Any], said: str) -> list[str]:
    known = [f"width {config['hidden_dim']}"] if config.get("hidden_dim") else []
    if config.get("n_speakers"):
        known.append(f"at most {config['n_speakers']} speakers in a dialogue")
    text = "; ".join(filter(None, [", ".join(known), said]))
    return [f"{text[0].upper()}{text[1:]}."] if text else []


def _about_speakers(options: dict[str, Any]) -> list[str]:
    """Who speaks next is an input that whoever uses the model has to have."""
    if options.get("next_speaker") == "given":
        return ["**Who speaks next is an input**: it has to be known, or guessed, beforehand."]
    if options.get("next_speaker") == "unknown":
        return ["Who speaks next is not asked; roles go by who spoke last."]
    return []


def _fixes(told: Told, config: dict[str, Any]) -> list[Section]:
    if not told.fixes:
        return []
    if config.get("fidelity") == "official":
        lines = "\n".join(f"- {quirk}." for quirk, _ in told.fixes)
        lead = "`fidelity` is `official`: the model computes what the released code computes."
        return [("What the released code does", f"{lead} That includes:\n\n{lines}")]
    rows = "\n".join(f"| {quirk} | {fix} |" for quirk, fix in told.fixes)
    lead = (
        "`fidelity` is `fixed`: it is no bit-for-bit reproduction of the released code, whose "
        "outputs `official` gives."
    )
    table = f"| in the released code | here |\n|---|---|\n{rows}"
    return [("What was repaired", f"{lead}\n\n{table}")]


ERC = Family(
    title=_title,
    what=_what,
    citations=lambda known: [*_told(known).papers, "sun2025emotiontalk"],
    usage="usage_erc",
    limits=_LIMITS,
    auto_classes=("AutoConfig", "AutoModel", "AutoModelForTokenClassification"),
    pipeline_tag="other",
    tags=("emotion-recognition-in-conversation",),
    sections=_sections,
    from_random=True,
)
