"""Fixtures of tests that meet a Hub."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from textwrap import dedent

import pytest
from hub_server import HubServer


@pytest.fixture
def hub() -> Iterator[HubServer]:
    """A Hub of this test's own, empty."""
    with HubServer() as server:
        yield server


@pytest.fixture
def hub_client(hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubServer:
    """The same Hub, and this process' libraries talk to it, as a user with the right to write."""
    home = tmp_path / "hub_home"
    for name, value in hub.environment(home).items():
        if name.startswith("HF_"):
            monkeypatch.setenv(name, value)
    cache = str(home / "hub")
    template = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
    names = {
        "huggingface_hub.constants": {
            "ENDPOINT": hub.url,
            "HUGGINGFACE_CO_URL_TEMPLATE": template,
            "HF_HUB_OFFLINE": False,
            "HF_HUB_DISABLE_XET": True,
            "HF_HOME": str(home),
            "HF_HUB_CACHE": cache,
            "HF_XET_CACHE": str(home / "xet"),
            "HF_TOKEN_PATH": str(home / "token"),
            "HF_STORED_TOKENS_PATH": str(home / "stored_tokens"),
        },
        "huggingface_hub.hf_api": {"api.endpoint": hub.url},
        "huggingface_hub.hf_file_system": {"HfFileSystem._cache": {}},
        "datasets.config": {
            "HF_ENDPOINT": hub.url,
            "HF_HUB_OFFLINE": False,
            "HF_DATASETS_OFFLINE": False,
            "HF_CACHE_HOME": str(home),
            "HF_DATASETS_CACHE": str(home / "datasets"),
            "HF_MODULES_CACHE": str(home / "modules"),
        },
        "evaluate.config": {
            "HF_EVALUATE_OFFLINE": False,
            "HF_EVALUATE_CACHE": str(home / "evaluate"),
            "HF_METRICS_CACHE": str(home / "metrics"),
            "HF_MODULES_CACHE": str(home / "modules"),
            "HUB_EVALUATE_URL": hub.url + "/spaces/{path}/resolve/{revision}/{name}",
        },
    }
    for module, values in names.items():
        # evaluate takes seconds to import: only a process that has it needs to be told.
        if module.startswith("evaluate") and module not in sys.modules:
            continue
        for name, value in values.items():
            holder = import_module(module)
            *inner, last = name.split(".")
            for each in inner:
                holder = getattr(holder, each)
            monkeypatch.setattr(holder, last, value, raising=False)
    return hub


@pytest.fixture
def stock_python(tmp_path: Path) -> Callable[..., str]:
    """Run lines of Python where affecthub is not installed, and return what they print."""

    def run(code: str, environment: dict[str, str] | None = None, timeout: float = 240) -> str:
        env = dict(os.environ if environment is None else environment)
        env.pop("PYTHONPATH", None)
        blocked = tmp_path / "stock"
        blocked.mkdir(exist_ok=True)
        # The path of an editable install would bring it back.
        (blocked / "sitecustomize.py").write_text(_WITHOUT_US)
        done = subprocess.run(
            [sys.executable, "-c", dedent(code)],
            env=env | {"PYTHONPATH": str(blocked)},
            cwd=blocked,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


_WITHOUT_US = '''"""A machine without affecthub: neither it nor an entry point of it is found."""

import importlib.metadata
import sys
from importlib.abc import MetaPathFinder


class Without(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "affecthub":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Without())
_found = importlib.metadata.Distribution.discover.__func__


def discover(cls, **kwargs):
    return (d for d in _found(cls, **kwargs) if d.metadata["Name"] != "affecthub")


importlib.metadata.Distribution.discover = classmethod(discover)
'''
