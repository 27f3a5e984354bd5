"""A lexicon small enough to score by hand, and a cache folder of the tests' own."""

import pytest

from affecthub.metrics.lexicon.emotion_lexicon import Lexicon

# Two wheels. On the first, "glad" and "proud" share a core; "shame" stands on the second only.
# "bright" has two candidates on the first wheel: alphabetical order picks joy over wise.
TOY = {
    "name": "toy",
    "version": "1",
    "wheels": [
        {
            "name": "one",
            "source": "made up",
            "sectors": {
                "happy": {"glad": ["joy"], "proud": ["wise"]},
                "sad": {"low": ["gloom"]},
                "calm": {"still": []},
            },
        },
        {
            "name": "two",
            "source": "made up",
            "sectors": {"happy": {"glad": []}, "sad": {"low": ["shame"]}},
        },
    ],
    "words": {
        "happy": {"forms": ["happy", "happiness", "开心"], "wheel_words": ["happy"]},
        "proud": {"forms": ["proud", "pride"], "wheel_words": ["proud"]},
        "glad": {"forms": ["glad"], "wheel_words": ["glad"]},
        "sad": {"forms": ["sad", "sadness", "难过"], "wheel_words": ["sad"]},
        "shame": {"forms": ["shame"], "wheel_words": ["shame"]},
        "calm": {"forms": ["calm"], "wheel_words": ["calm"]},
        "bright": {"forms": ["bright"], "wheel_words": ["wise", "joy"]},
        "hungry": {"forms": ["hungry"], "wheel_words": []},
    },
}


@pytest.fixture(scope="session")
def toy() -> Lexicon:
    return Lexicon.from_document(TOY)


@pytest.fixture(autouse=True, scope="session")
def _own_lexicon_cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFFECTHUB_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
