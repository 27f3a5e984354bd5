"""Published figures: they agree with each other as far as they can, and stand beside ours."""

import pytest

from affecthub.labels import BASIC7, GOEMOTIONS
from affecthub.training.asking.scoring.targets import beside, paper_tables, targets

TABLES = {table.id: table for table in paper_tables()}


def figures(table, system):
    return dict(zip(TABLES[table].scores, TABLES[table].systems[system], strict=True))


@pytest.mark.parametrize("system", TABLES["emos_table_7"].systems)
def test_table_7_agrees_with_itself(system):
    found = figures("emos_table_7", system)
    f1 = []
    for label in BASIC7:
        p, r = found[f"{label} precision"], found[f"{label} recall"]
        f1.append(found[f"{label} f1"])
        # Rounding of P and R to three digits moves F1 by some thousandths where one is small.
        assert f1[-1] == pytest.approx(2 * p * r / (p + r) if p + r else 0, abs=0.002)
    assert found["macro_f1"] == pytest.approx(sum(f1) / 7, abs=0.0006)


def test_table_8_agrees_with_itself():
    for system in TABLES["emos_table_8"].systems:
        found = figures("emos_table_8", system)
        assert found["tier_difference"] == pytest.approx(found["low"] - found["high"], abs=1e-9)


def test_table_12_has_every_label():
    table = TABLES["emos_table_12"]
    both = [f"{label} {rate}" for label in GOEMOTIONS for rate in ("precision", "recall")]
    assert sorted(table.scores) == sorted(both)
    assert figures("emos_table_12", "Gemini-3")["neutral recall"] == 0.343
    assert figures("emos_table_12", "Qwen-3 (FT)")["amusement precision"] == 0.095


def test_the_whole_lies_between_its_languages():
    # Table 7 is of the clips whose languages Table 13 tells apart.
    names = {"Gemini-3": "Gemini", "Qwen-3": "Qwen-3 (Base)", "Qwen-3 (FT)": "Qwen-3 (FT)"}
    for whole, part in names.items():
        english, chinese = (figures(f"emos_table_13_{x}", part)["accuracy"] for x in ("en", "zh"))
        assert english <= figures("emos_table_7", whole)["accuracy"] <= chinese


@pytest.mark.parametrize("language", ["en", "zh"])
def test_table_3_of_emer_agrees_with_itself(language):
    table = TABLES[f"emer_table_3_{language}"]
    assert len(table.systems) == 21
    for system in table.systems:
        found = figures(table.id, system)
        mean = (found["accuracy_s"] + found["recall_s"]) / 2
        assert found["set_overlap"] == pytest.approx(mean, abs=0.011), system
    best = {"en": 80.05, "zh": 85.20}
    assert figures(table.id, "EMER(Multi)")["set_overlap"] == best[language]


def result(corpus, metric, scores, **more):
    entry = {
        "column": "emotion",
        "scores": {name: {"value": value} for name, value in scores.items()},
        "subsets": {},
        "per_label": [],
        "details": {},
    }
    return {"corpus": corpus, "split": "test", "language": "", "scores": {metric: entry | more}}


def test_a_table_of_a_part_takes_our_scores_of_that_part():
    ours = result("emos", "emotion_classification", {"accuracy": 0.5})
    part = {
        "n": 3,
        "scores": {"accuracy": {"value": 0.25}},
        "per_label": [{"label": "joy", "precision": 0.5, "recall": 1.0, "f1": 0.667, "support": 1}],
    }
    entry = ours["scores"]["emotion_classification"]
    whole = beside([("mine", ours)])[0][0]
    assert whole.columns[:3] == ["score", "mine (all clips)", "Gemini-3"]
    assert whole.rows[0][:3] == ["accuracy", "0.500", "0.611"]
    entry["subsets"]["tier high"] = part
    table, note = beside([("mine", ours), ("other", ours)])[0]
    assert table.columns[:3] == ["score", "mine", "other"]
    assert table.rows[0][1:4] == ["0.250", "0.250", "0.611"]
    (joy,) = [row for row in table.rows if row[0] == "joy recall"]
    assert joy[1] == "1.000" and "No exact target" in note
    (fear,) = [row for row in table.rows if row[0] == "fear recall"]
    assert fear[1] == ""


def test_tables_go_by_corpus_language_and_kind():
    emer = result("emer", "set_overlap", {"set_overlap": 0.5, "accuracy_s": 0.4, "recall_s": 0.6})
    assert [t.id for t in targets(emer)] == ["emer_table_3_en", "emer_table_3_zh"]
    assert [t.id for t in targets(emer | {"language": "zh"})] == ["emer_table_3_zh"]
    (table, _), *_ = beside([("mine", emer)])
    assert table.rows[0] == ["mine", "50.00", "40.00", "60.00"]
    captions = result("emotiontalk", "speaking_style_caption", {"rouge_l": 0.4})
    captions["scores"]["speaking_style_caption"]["column"] = "captions"
    ((table, _),) = beside([("mine", captions)])
    decoders = [row[0] for row in table.rows]
    assert decoders[0] == "mine" and decoders[-1] == "Qwen3-Omni-30B-A3B"
    (omni,) = [row for row in table.rows if row[0] == "Qwen2.5-Omni"]
    assert omni[table.columns.index("rouge_l")] == "0.345"
    meld = result("mer_unibench", "hit_rate", {"hit_rate": 0.5}) | {"split": "meld"}
    ((table, _),) = beside([("mine", meld)])
    assert table.rows[-1] == ["AffectGPT (audio, video, text)", "55.65"]
    assert targets(result("demo", "hit_rate", {"hit_rate": 0.5})) == []
