"""Markdown: the text of a chapter where nobody knows the roles and boxes of MyST, as in JupyterLab and Colab.

Boxes become what folds away, terms and labels become words, and citations become links.
"""

import re

from pybtex.database import Entry, parse_file

from herbnb.files import located

BOX = re.compile(r"^:::\{dropdown\} (.+)\n((?:.*\n)*?):::$", re.MULTILINE)
LABEL = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
TERM = re.compile(r"\{term\}`([^`<]+?)(?:\s*<[^`]+>)?`")
CITATION = re.compile(r"\{cite:([pt])\}`([^`]+)`")
LINK_WITHIN = re.compile(r"\[([^\]]+)\]\((?!https?:)(?!\w+\.ipynb\))[^)]*\)")
"""A link to a place that only the book has; other chapters lie beside a notebook."""


def plain_markdown(text: str) -> str:
    """Return the MyST of a chapter as Markdown."""
    text = BOX.sub(lambda box: folded(box[1], box[2].strip()), text)
    text = LABEL.sub("", text)
    text = TERM.sub(r"\1", text)
    text = LINK_WITHIN.sub(r"\1", text)
    return CITATION.sub(lambda role: cited(role[2], in_brackets=role[1] == "p"), text).strip()


def folded(title: str, text: str) -> str:
    """Return a text that opens when its title is pressed."""
    return f"<details><summary>{title}</summary>\n\n{text}\n\n</details>"


def cited(keys: str, in_brackets: bool) -> str:
    """Return works by their keys in `book/references.bib`, separated by commas, as authors and years."""
    works = parse_file(located("book/references.bib")).entries
    said = "; ".join(named(works[key.strip()]) for key in keys.split(","))
    return f"({said})" if in_brackets else said


def named(work: Entry) -> str:
    """Return the authors and the year of a work, as a link to its DOI if it has one."""
    people = [" ".join(person.last_names) for person in work.persons["author"]]
    others = f" and {people[1]}" if len(people) == 2 else " et al." if people[2:] else ""
    name = f"{people[0]}{others} {work.fields['year']}".translate(str.maketrans("", "", "{}"))
    return f"[{name}](https://doi.org/{work.fields['doi']})" if "doi" in work.fields else name
