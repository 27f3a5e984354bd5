"""The built-in lexicon: made from its tables, unambiguous on every wheel, and sane."""

import re
from collections import Counter

import pytest

from affecthub import labels
from affecthub.metrics.lexicon.concepts import concept_of
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.lexicon.resources import make_lexicon, read_lexicon, tables
from affecthub.metrics.parsing import normalise

# The six basic emotions and neutral, as adjectives and in Chinese.
BASIC = {
    "anger": ("angry", "愤怒", "憤怒"),
    "disgust": ("disgusted", "厌恶", "厭惡"),
    "fear": ("fearful", "恐惧", "恐懼"),
    "joy": ("happy", "快乐", "快樂"),
    "neutral": ("neutral", "中性"),
    "sadness": ("sad", "悲伤", "悲傷"),
    "surprise": ("surprised", "惊讶", "驚訝"),
}


@pytest.fixture(scope="module")
def document() -> dict:
    return read_lexicon()


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return load_lexicon()


def all_words(document: dict, language: str) -> list[list[str]]:
    """The forms of every word of a language, the name first."""
    concepts = document["concepts"].values()
    return [word.split("|") for concept in concepts for word in concept["words"][language]]


def wheel_words(wheel: dict) -> dict[str, set[tuple[str, str | None]]]:
    """Word to the places it stands at: (inner, middle), middle None for a core emotion."""
    places: dict[str, set[tuple[str, str | None]]] = {}
    for inner, groups in wheel["sectors"].items():
        places.setdefault(inner, set()).add((inner, None))
        for middle, words in groups.items():
            for word in (middle, *words):
                places.setdefault(word, set()).add((inner, middle))
    return places


def test_size(document: dict) -> None:
    assert len({word for wheel in document["wheels"] for word in wheel_words(wheel)}) >= 250
    assert len(document["wheels"]) == 5
    english, chinese = all_words(document, "en"), all_words(document, "zh")
    assert len(english) >= 1500 and sum(map(len, english)) >= 8000
    assert len(chinese) >= 2500
    assert make_lexicon.TARGET.stat().st_size < 300_000


def test_every_form_has_one_owner_and_the_spelling_of_a_lookup(document: dict) -> None:
    words = [*all_words(document, "en"), *all_words(document, "zh")]
    owners = Counter(form for forms in words for form in forms)
    assert [form for form, n in owners.items() if n > 1] == []
    assert [form for form in owners if form != normalise(form, "any")] == []


def test_all_candidates_of_a_concept_share_one_place_on_every_wheel(
    document: dict, lexicon: Lexicon
) -> None:
    for wheel in lexicon.wheels:
        for name, concept in document["concepts"].items():
            words = concept["wheel_words"]
            places = {(wheel.inner.get(word), wheel.middle.get(word)) for word in words}
            assert len(places) == 1 and (None, None) not in places, (wheel.name, name)
    for name in ("happy", "fed-up", "开心", "neutral", "disgusted", "surprised"):
        for ring in ("inner", "middle"):
            composed = lexicon.sectors(name, ring, mapping="composed")
            assert composed == lexicon.sectors(name, ring) and None not in composed


def test_wheel_words_stay_in_their_own_sector(document: dict, lexicon: Lexicon) -> None:
    for number, wheel in enumerate(document["wheels"]):
        for word, places in wheel_words(wheel).items():
            assert lexicon.base_form(word) is not None
            found = (lexicon.sectors(word)[number], lexicon.sectors(word, "middle")[number])
            assert {inner for inner, _ in places} == {found[0]}, (wheel["name"], word)
            assert {middle for _, middle in places} <= {found[1], None}, (wheel["name"], word)


def test_the_basic_emotions_stay_apart_on_every_wheel(lexicon: Lexicon) -> None:
    sectors = {basic: lexicon.sectors(forms[0]) for basic, forms in BASIC.items()}
    for number, wheel in enumerate(lexicon.wheels):
        assert len({found[number] for found in sectors.values()}) == 7, wheel.name
    for basic, forms in BASIC.items():
        assert {lexicon.sectors(form) for form in forms} == {sectors[basic]}
    for number, wheel in enumerate(lexicon.wheels):
        assert wheel.neutral == sectors["neutral"][number]


def test_basic_words_agree_with_the_label_sets() -> None:
    agreeing = 0
    for emotion in labels.EMOTIONS:
        for word in emotion.words:
            concept = concept_of(word)
            if emotion.basic7 is not None and concept is not None:
                assert concept.basic7 == emotion.basic7, word
                assert concept.polarity == emotion.polarity, word
                agreeing += 1
    assert agreeing >= 50
    for basic, forms in BASIC.items():
        assert {concept_of(form).basic7 for form in forms} == {basic}


def test_every_concept_says_what_it_means(document: dict, lexicon: Lexicon) -> None:
    signs = {basic: labels.polarity(basic) for basic in labels.BASIC7}
    for name, concept in document["concepts"].items():
        assert concept["polarity"] in (-1, 0, 1, None)
        assert concept["valence"] in (-1, 0, 1) and concept["arousal"] in (-1, 0, 1)
        if concept["basic7"] is None:
            assert concept["reason"] in tables.REASONS, name
        else:
            assert concept["reason"] is None
            assert concept["polarity"] == signs[concept["basic7"]], name
        assert concept["words"]["en"] and concept["words"]["zh"], name
        if concept["negated"]:
            assert concept_of(concept["negated"]).name != name


@pytest.mark.parametrize(
    ("label", "polarity", "basic7", "reason", "valence", "arousal"),
    [
        ("furious", -1, "anger", None, -1, 1),
        ("平静", 0, "neutral", None, 0, -1),
        ("surprised", None, "surprise", None, 0, 1),
        ("nostalgic", None, None, "blend", 0, -1),
        ("担心", -1, None, "blend", -1, 1),
        ("bored", -1, None, "arousal", -1, -1),
        ("grateful", 1, None, "relation", 1, 0),
        ("not happy", -1, None, "judgement", -1, 0),
    ],
)
def test_meaning_of_labels(
    label: str,
    polarity: int | None,
    basic7: str | None,
    reason: str | None,
    valence: int,
    arousal: int,
) -> None:
    found = concept_of(label)
    assert (found.polarity, found.basic7, found.reason) == (polarity, basic7, reason)
    assert (found.valence, found.arousal) == (valence, arousal)


@pytest.mark.parametrize("label", ["", "table", "不", "not", "not angry"])
def test_a_label_without_emotion_has_no_meaning(label: str) -> None:
    assert concept_of(label) is None


def test_chinese_words_come_in_both_scripts(lexicon: Lexicon) -> None:
    for simplified, traditional in [
        ("开心", "開心"),
        ("焦虑", "焦慮"),
        ("松了一口气", "鬆了一口氣"),
    ]:
        assert lexicon.base_form(simplified) == lexicon.base_form(traditional) == simplified
    assert lexicon.sectors("高兴") == lexicon.sectors("happy")
    assert lexicon.sectors("不高兴") == lexicon.sectors("displeased")


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("happiest", "happy"),
        ("worriedly", "worried"),
        ("looks forward to", "look forward to"),
        ("fed up", "fed-up"),
        ("sympathising", "sympathize"),
        ("Fearlessly", "fearless"),
        ("very anxious", "anxious"),
        ("sense of happiness", "happiness"),
        ("Not happy", "displeased"),
        ("not very confident", "insecure"),
        ("lack of enthusiasm", "unenthusiastic"),
        ("no longer interested", "uninterested"),
        ("not without hope", "hope"),
        ("can't help feeling sad", "sad"),
        ("不高兴", "不高兴"),
        ("不太开心", "displeased"),
        ("很不开心", "不开心"),
        ("有点难过", "难过"),
        ("忍不住难过", "难过"),
        ("毫无疑问的愤怒", "愤怒"),
        ("怀着感激之情", "感激"),
        ("沒有那麼開心", "displeased"),
        ("有點難過", "难过"),
    ],
)
def test_forms_lead_to_their_word(lexicon: Lexicon, form: str, name: str) -> None:
    assert lexicon.base_form(form) == name


@pytest.mark.parametrize(
    "label",
    [
        "not angry",  # says which emotion is absent, not which is there
        "没有不高兴",
        "un happy",
        "slightly",
        "of happiness sense",
        "the",
        "very " * 12 + "happy",  # a sentence, not a label
    ],
)
def test_what_does_not_compose_is_unknown(lexicon: Lexicon, label: str) -> None:
    assert not lexicon.owners(label)
    assert lexicon.sectors(label) == (None,) * 5


def test_negation_turns_the_sign_and_never_keeps_the_sector(
    document: dict, lexicon: Lexicon
) -> None:
    turned = 0
    for concept in document["concepts"].values():
        name = concept["words"]["en"][0].split("|")[0]
        label = f"not {name}"
        if label in lexicon.names or concept["negated"] is None:
            continue
        assert lexicon.base_form(label) == concept["negated"]
        assert lexicon.sectors(label) != lexicon.sectors(name)
        if concept["polarity"] == 1:
            assert concept_of(label).polarity in (-1, 0), label
            turned += 1
    assert turned >= 20


def test_composing_words(document: dict) -> None:
    for language, chinese in (("en", False), ("zh", True)):
        table = document["composition"][language]
        assert set(table) == {*tables.KINDS, "reach"}
        for kind in tables.KINDS:
            assert table[kind] == sorted(table[kind], key=lambda words: (-len(words), words))
            for words in table[kind]:
                assert words == normalise(words, "any")
                assert bool(re.search("[\u3400-\u9fff]", words)) is chinese, words


def test_words_with_opposite_endings_stay_apart(lexicon: Lexicon) -> None:
    for one, other in [("fear", "fearless"), ("help", "helpless"), ("joyful", "joyless")]:
        assert not set(lexicon.sectors(one)) & set(lexicon.sectors(other))
