"""Pages: the finished pages of the book, read again for what is made of them."""

from copy import copy
from pathlib import Path

from bs4 import BeautifulSoup, Tag


def read_page(path: Path) -> Tag:
    """Return what a page says, without the signs that link to its headings."""
    article = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser").article
    for sign in article.select(".headerlink, .sd-summary-state-marker"):
        sign.decompose()
    return article


def text(tag: Tag) -> str:
    """Return the words of an element."""
    return " ".join(tag.get_text().split())


def inside(tag: Tag) -> str:
    """Return the HTML within an element."""
    return unlinked(tag).decode_contents().strip()


def outside(*tags: Tag) -> str:
    """Return the HTML of elements."""
    return "\n".join(str(unlinked(tag)) for tag in tags)


def unlinked(tag: Tag) -> Tag:
    """Return a copy of an element whose links are plain words, for a file that lies by itself."""
    tag = copy(tag)
    for link in tag.find_all("a"):
        link.unwrap()
    return tag
