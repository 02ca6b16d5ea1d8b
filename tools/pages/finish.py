"""What the theme leaves out for people who use a keyboard or listen: put into the pages that were built."""

from __future__ import annotations

from pathlib import Path

#: What stands in pages, and what stands there afterwards.
MENDED = {
    # what scrolls sideways on a narrow screen can be reached
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
    # landmarks that can be told apart, and no headings before the first
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Pages">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="On this page">',
    'class="caption" role="heading"': 'class="caption"',
    # a corner of a table is no head
    '<th class="head"><p></p></th>': "<td></td>",
    '<div id="search-results">': '<h1>Search</h1><div id="search-results">',
}


def finish(site: Path) -> None:
    """Mend every page of a site that was built."""
    for page in site.rglob("*.html"):
        text = page.read_text(encoding="utf-8")
        for old, new in MENDED.items():
            text = text.replace(old, new)
        page.write_text(text, encoding="utf-8")
