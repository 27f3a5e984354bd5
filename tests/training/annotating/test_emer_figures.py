import pytest

from affecthub.datasets_scripts import load_dataset
from affecthub.training.annotating.emer_figures import PAPER, emer_figures


def test_the_released_files_give_what_can_be_counted(reference_data, tmp_path):
    for name in ("emer/final-EMER-reason.csv", "ov_store/check-openset.csv"):
        source = reference_data / name
        (tmp_path / source.name).write_bytes(source.read_bytes())
    found = emer_figures(load_dataset("emer", data_dir=tmp_path, split="test"))
    assert found["n"] == 332
    assert found["checked"]["n_labels"] == 1121 and found["checked"]["n_candidates"] == 248
    assert found["checked"]["per_clip"] == pytest.approx(3.38, abs=0.01)
    score = {
        name: round(100 * found[name]["set_overlap"], 1) for name in ("en_checked", "zh_checked")
    }
    assert abs(score["en_checked"] - PAPER["en"]) < 2
    assert score["zh_checked"] < PAPER["zh"]
    assert 0.75 < found["en_zh"]["overlap_s"] < 0.85


def test_rows_without_labels_count_nothing():
    assert emer_figures([{"description": "一笑", "description_en": "a smile"}]) == {"n": 0}
    row = {"description": "他很生气。", "description_en": "He is angry."}
    found = emer_figures([row | {"open_vocabulary_en": ["angry"]}])
    assert found["en_checked"]["set_overlap"] == found["zh_checked"]["set_overlap"] == 1.0
