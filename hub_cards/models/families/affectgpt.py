"""AffectGPT, whole or as adapters."""

from affecthub.hub_cards.models.families.family import Family
from affecthub.hub_cards.models.known import Known
from affecthub.hub_cards.models.naming import base_in_words
from affecthub.hub_cards.models.origins import corpora_of

_MODALITIES = {"audio": "sound", "face": "faces", "video": "video frames", "text": "transcripts"}
_LIMITS = (
    "Trained on recordings of few kinds (films, series, talk) and of few languages, it will do "
    "worse on others: check it on your own clips and people before you rely on any number. It "
    "answers in words of its own choosing, and answers whatever it is shown. It may have learned "
    "what its corpora have in common beside emotion: scenes, speakers, ways of speaking."
)


def _title(known: Known) -> str:
    kind = "AffectGPT adapters" if known.is_adapter else "AffectGPT"
    names = [each["corpus"] for each in corpora_of(known)]
    if known.conversion:
        return f"{kind}, converted from a released checkpoint"
    if not names:
        return kind
    return f"{kind} {'reinforced' if known.grpo else 'fine-tuned'} on {' and '.join(names)}"


def _what(known: Known) -> str:
    recipe = known.recipe or known.grpo
    senses = [_MODALITIES.get(each, each) for each in recipe.get("modalities") or ()]
    reads = (
        f"reads {', '.join(senses)}" if senses else "reads sound, video or faces, and transcripts"
    )
    n = known.record.get("n_parameters")
    size = f" It has {n:,} parameters." if n else ""
    kind = "Adapters of a model that" if known.is_adapter else "A model that"
    return (
        f"{kind} {reads} of a clip and answers in words what emotion is expressed. Made from "
        f"{base_in_words(known)}; the architecture is AffectGPT (arXiv 2501.16566), in affecthub's "
        f"version for transformers.{size}"
    )


AFFECTGPT = Family(
    title=_title,
    what=_what,
    citations=lambda known: ["lian2025affectgpt"],
    usage="usage_affectgpt",
    limits=_LIMITS,
    auto_classes=("AutoConfig", "AutoModel", "AutoModelForMultimodalLM", "AutoProcessor"),
    pipeline_tag="any-to-any",
    tags=("affectgpt",),
    trained="fine-tuning",
    has_processor=True,
    no_results="no scores of MER-UniBench: `affecthub bench mer-unibench` makes them",
)
