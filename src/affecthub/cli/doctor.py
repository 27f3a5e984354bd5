"""``affecthub doctor``: versions, and what each missing part switches off."""

from affecthub.cli.printing import AsJson, console, print_json, print_table

# Extras that nobody should install for completeness' sake: whoever does accepts terms of use.
UNDER_TERMS = ("pretrained-gemma",)


def doctor(as_json: AsJson = False) -> None:
    """Show versions, extras present and missing, and what each missing one switches off."""
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
    missing = [
        extra
        for extra, complete in found["extras"].items()
        if not complete and extra not in UNDER_TERMS
    ]
    if missing:
        console.print(f"Add what is missing with: pip install 'affecthub[{','.join(missing)}]'")
