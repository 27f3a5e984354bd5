"""``affecthub doctor``: versions, and what each missing part switches off."""

from typing import Any

from affecthub.cli.printing import AsJson, console, print_json, print_table
from affecthub.errors import extras

# Extras that nobody should install for completeness' sake: whoever does accepts terms of use.
UNDER_TERMS = ("pretrained-gemma",)


def doctor(as_json: AsJson = False) -> None:
    """Show versions, what each missing package switches off, and which jobs are ready here."""
    from affecthub.cli.diagnosis import diagnose

    found = diagnose()
    if as_json:
        print_json(found)
        return
    for key in ("affecthub", "python", "platform"):
        console.print(f"{key}: {found[key]}")
    console.print(f"accelerator: {found['accelerator'] or 'none, models run on the CPU'}")
    java = found["java"] or "none, the reference SPICE and METEOR cannot run"
    console.print(f"java: {java}")
    rows = [
        (part["package"], part["version"] or f"missing, for {part['needed_for']}", part["extra"])
        for part in found["parts"]
    ]
    print_table(["package", "version", "extra"], rows)
    print_table(
        ["job", "ready", "what to do"],
        [
            (each["job"], "yes" if each["ready"] else "; ".join(each["missing"]), each["fix"])
            for each in found["jobs"]
        ],
    )
    missing = [
        extra
        for extra, complete in found["extras"].items()
        if not complete and extra not in UNDER_TERMS
    ]
    for line in advice(missing, has_torch=_has_torch(found["parts"])):
        console.print(line, soft_wrap=True)


def advice(missing: list[str], *, has_torch: bool) -> list[str]:
    """What to type for the extras that are missing, a line each.

    Args:
        missing: Names of extras.
        has_torch: Whether torch is installed; where it is not, pip would take the build for CUDA.
    """
    if not missing:
        return []
    lines = [f"Add what is missing with: pip install 'affecthub[{','.join(missing)}]'"]
    brings_torch = [extra for extra in missing if "torch" in extras()[extra]]
    if brings_torch and not has_torch:
        lines.append(
            "Without a GPU install torch first, or pip brings gigabytes of CUDA packages: "
            "pip install torch --index-url https://download.pytorch.org/whl/cpu"
        )
    if "deepspeed" in missing:
        lines.append("Leave out deepspeed unless you train on several GPUs: it builds with CUDA.")
    return lines


def _has_torch(parts: list[dict[str, Any]]) -> bool:
    return any(part["package"] == "torch" and part["version"] for part in parts)
