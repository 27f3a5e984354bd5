"""The road to the Hub, on the real one: for whoever has a token and asks for it.

``AFFECTHUB_NETWORK=1 HF_HUB_OFFLINE=0 python -m pytest -m network`` pushes a small dataset to a
private repository of the token's owner, looks at it and deletes it.
"""

import os
import uuid
from pathlib import Path

import pytest

from affecthub.hub_cards.publishing import publish
from affecthub.hub_cards.staged import Staged

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(
        os.environ.get("AFFECTHUB_NETWORK") != "1",
        reason="writes to the real Hub; set AFFECTHUB_NETWORK=1 and HF_TOKEN to allow it",
    ),
]

CARD = """---
pretty_name: A test
license: apache-2.0
configs:
- config_name: default
  data_files: data/*.parquet
---

# A test

Made by a test of affecthub, which deletes it.
"""


def stage(folder: Path, n_rows: int) -> Staged:
    """A dataset of some rows."""
    from datasets import Dataset

    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    Dataset.from_dict({"row": list(range(n_rows))}).to_parquet(folder / "data" / "0.parquet")
    return Staged(folder, "dataset", f"{n_rows} rows")


@pytest.fixture
def repository():
    """A name that nobody has; whatever stands there is deleted."""
    from huggingface_hub import HfApi

    api = HfApi()
    name = f"{api.whoami()['name']}/affecthub-test-{uuid.uuid4().hex[:12]}"
    yield api, name
    api.delete_repo(name, repo_type="dataset", missing_ok=True)


def test_a_push_is_whole_and_repeats_to_nothing(repository, tmp_path) -> None:
    api, name = repository
    staged = stage(tmp_path / "staged", 3)
    first = publish(staged, name)
    assert first.changed and api.dataset_info(name).private
    assert publish(staged, name).commit == first.commit
    again = publish(stage(tmp_path / "staged", 4), name)
    assert again.changed and again.commit != first.commit
    proposed = publish(stage(tmp_path / "staged", 5), name, create_pr=True)
    assert proposed.pull_request
    assert api.dataset_info(name).sha == again.commit


def test_what_was_pushed_loads(repository, tmp_path) -> None:
    import datasets

    _, name = repository
    publish(stage(tmp_path / "staged", 3), name)
    rows = datasets.load_dataset(name, split="train", cache_dir=str(tmp_path / "cache"))
    assert rows["row"][:] == [0, 1, 2]
