"""The row every corpus shares, and the rules that cut corpora into splits."""

import json

import pyarrow as pa
import pytest
from datasets import Audio, ClassLabel, Video

from affecthub.datasets_scripts.protocols.rules import (
    SplitRule,
    connected_groups,
    read_rule,
    require_disjoint,
    shared_groups,
)
from affecthub.datasets_scripts.reading.tables import require_unique
from affecthub.datasets_scripts.row import LEADING_COLUMNS, complete, leading_features

FEATURES = leading_features(("neutral", "happy", "frustrated"))


def test_leading_columns_in_order():
    assert LEADING_COLUMNS[:5] == ("id", "corpus", "split_official", "audio", "video")
    assert LEADING_COLUMNS[-1] == "media_issue" and len(LEADING_COLUMNS) == 21
    assert FEATURES["audio"] == Audio(decode=False) and FEATURES["video"] == Video(decode=False)
    assert FEATURES["emotion"] == ClassLabel(names=["neutral", "happy", "frustrated"])
    assert FEATURES["emotion_basic7"].names[3] == "joy"


def test_a_partial_table_is_completed_with_nulls():
    table = complete(pa.table({"id": ["a", "b"], "emotion": ["happy", None]}), FEATURES)
    assert table.schema.equals(FEATURES.arrow_schema)
    first, second = table.to_pylist()
    assert first["emotion"] == 1 and first["emotion_basic7"] == 3  # joy
    assert second["emotion"] is None and second["emotion_basic7"] is None
    assert first["text"] is None and first["audio"] is None and first["open_vocabulary"] is None


def test_a_near_relation_has_no_basic_emotion():
    table = complete(pa.table({"id": ["a"], "emotion": ["frustrated"]}), FEATURES)
    assert table["emotion_basic7"].to_pylist() == [None]


def test_an_empty_table_is_completed():
    assert complete(pa.table({"id": pa.array([], pa.string())}), FEATURES).num_rows == 0


def test_an_unknown_label_names_the_clip():
    with pytest.raises(ValueError, match=r"`emotion` of clip b: got 'hapy', expected one of neutr"):
        complete(pa.table({"id": ["a", "b"], "emotion": ["happy", "hapy"]}), FEATURES)


def test_an_undeclared_column_is_refused():
    with pytest.raises(ValueError, match=r"got \['mood'\]"):
        complete(pa.table({"id": ["a"], "mood": ["x"]}), FEATURES)


def test_a_value_of_the_wrong_type_is_refused():
    with pytest.raises(ValueError, match="column `start_s` does not fit"):
        complete(pa.table({"id": ["a"], "start_s": ["soon"]}), FEATURES)


def test_a_repeated_clip_is_named():
    with pytest.raises(ValueError, match="labels.csv: clip 'b' stands 2 times"):
        require_unique(pa.array(["a", "b", "b"]), "labels.csv")
    require_unique(pa.array([], pa.string()), "labels.csv")


def test_a_rule_assigns_by_its_column():
    rule = SplitRule("official", "speaker_id", {"train": ("1", "2"), "test": ("3",)})
    table = pa.table({"speaker_id": ["3", "1", "9", None]})
    assert rule.assign(table).to_pylist() == ["test", "train", None, None]
    with pytest.raises(ValueError, match="decides by column `speaker_id`"):
        rule.assign(pa.table({"id": ["a"]}))


def test_a_rule_is_read_and_checked(tmp_path):
    def write(content: dict) -> None:
        (tmp_path / "official.json").write_text(json.dumps(content))

    write({"column": "id", "splits": {"train": ["a"], "test": ["b"]}, "note": "x"})
    assert read_rule(tmp_path, "official").splits == {"train": ("a",), "test": ("b",)}
    write({"column": "id", "splits": {"train": ["a"], "test": ["a"]}})
    with pytest.raises(ValueError, match=r"\['a'\] stand in both 'train' and 'test'"):
        read_rule(tmp_path, "official")
    write({"splits": {}})
    with pytest.raises(ValueError, match="column"):
        read_rule(tmp_path, "official")


def test_shared_groups_of_tables_and_lists():
    rows = {
        "train": pa.table({"group_id": ["a", "b", None]}),
        "validation": {"group_id": ["c", "b", None]},
        "test": {"group_id": []},
    }
    # Null is nobody: it does not count as shared.
    assert shared_groups(rows) == {("train", "validation"): ["b"]}
    with pytest.raises(ValueError, match=r"train and validation share 1 groups \(b\)"):
        require_disjoint(rows, "demo", "speaker_independent")


def test_connected_groups_do_not_depend_on_order():
    pairs = [("1", "2"), ("3", "4"), ("2", "3"), ("5", "6")]
    expected = {**dict.fromkeys("1234", "1+2+3+4"), **dict.fromkeys("56", "5+6")}
    assert connected_groups(pairs) == connected_groups(pairs[::-1]) == expected
