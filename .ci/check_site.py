"""Check the built documentation: links and anchors lead somewhere, nothing is fetched to read it.

    python .ci/check_site.py site [--external]

External links are counted, and listed with ``--external``; they are not followed.
"""

import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

# Tags whose address a browser fetches by itself.
FETCHED = {"script": "src", "img": "src", "iframe": "src", "video": "src", "audio": "src"}
# A page that a server shows in the place of any other has no place of its own.
ANYWHERE = ("404.html",)


class Page(HTMLParser):
    """Addresses and anchors of one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag points at and what points at it."""
        of = {key: value or "" for key, value in attrs}
        self.anchors |= {of[key] for key in ("id", "name") if key in of}
        if tag == "a" and of.get("href"):
            self.links.append(of["href"])
        elif tag == "link" and of.get("rel") not in ("canonical", "prev", "next", "alternate"):
            self.fetched.append(of.get("href", ""))
        elif tag in FETCHED and of.get(FETCHED[tag]):
            self.fetched.append(of[FETCHED[tag]])


@cache
def page(path: Path) -> Page:
    """A page, read once."""
    return Page(path.read_text(encoding="utf-8"))


def wrong(site: Path) -> tuple[list[str], set[str]]:
    """What is broken, a line each, and the external links.

    Args:
        site: Folder of the built pages.
    """
    broken, external = [], set()
    for path in sorted(site.rglob("*.html")):
        here = path.relative_to(site).as_posix()
        if here in ANYWHERE:
            continue
        found = page(path)
        for address in found.fetched:
            if urlsplit(address).netloc:
                broken.append(f"{here}: fetches {address}")
            elif urlsplit(address).path and not _target(path, address).exists():
                broken.append(f"{here}: {address} is not there")
        for address in found.links:
            parts = urlsplit(address)
            if parts.scheme in ("http", "https"):
                external.add(address)
            elif not parts.scheme:
                target = _target(path, address) if parts.path else path
                if target.is_dir():
                    target /= "index.html"
                if not target.exists():
                    broken.append(f"{here}: {address} is not there")
                elif parts.fragment and target.suffix == ".html":
                    if unquote(parts.fragment) not in page(target).anchors:
                        broken.append(f"{here}: {address} has no such anchor")
    return broken, external


def _target(path: Path, address: str) -> Path:
    return (path.parent / unquote(urlsplit(address).path)).resolve()


def main() -> None:
    """Say what is broken, and leave with 1 where anything is."""
    site = Path(sys.argv[1]).resolve()
    broken, external = wrong(site)
    n = sum(1 for _ in site.rglob("*.html"))
    print(f"{n} pages, {len(external)} external links, {len(broken)} broken")
    if "--external" in sys.argv:
        print("\n".join(sorted(external)))
    if broken or not n:
        sys.exit("\n".join(broken) or f"no pages in {site}")


if __name__ == "__main__":
    main()
