"""Exercises: the three at the end of a chapter, each with a hint and a solution, as the page shows them.

A solution that can be run says so in blocks: `sh` has commands; `diff` has lines to change, below the line
that names their file; `text` has words of the sentence with which the command above it stops. They are done
in the order of the page, and a solution that ends in a change ends in a run of the chapter.
"""

import re
import shlex
from dataclasses import dataclass

from herbnb.book.chapters import chapter_path
from herbnb.book.percent import read_chapter
from herbnb.errors import BadInput

EXERCISE = re.compile(
    r"^::::\{admonition\} Exercise (\d): ([^\n]+)\n(.+?)\n\n"
    r":::\{dropdown\} Hint\n(.+?)\n:::\n\n"
    r":::\{dropdown\} Solution\n(.+?)\n:::\n::::$",
    re.MULTILINE | re.DOTALL,
)
BLOCK = re.compile(r"^```(sh|diff|text)\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Command:
    """What to type, word by word, and words of the sentence with which it stops; "" if it does not."""

    words: list[str]
    stops: str = ""


@dataclass(frozen=True)
class Edit:
    """Lines of a file of the book, and the lines that take their place; both without the last line's end."""

    path: str
    old: str
    new: str

    def applied(self, text: str) -> str:
        """Return the file's text with the lines changed.

        Raises:
            BadInput: the lines do not stand in it exactly once.
        """
        found = re.findall(rf"^{re.escape(self.old)}$", text, re.MULTILINE)
        if len(found) != 1:
            raise BadInput(f"{self.path} has {len(found)} times, and not once: {self.old.strip()!r}.")
        return f"\n{text}".replace(f"\n{self.old}\n", f"\n{self.new}\n")[1:]


@dataclass(frozen=True)
class Exercise:
    """One exercise; all texts are Markdown, without the boxes that they stand in."""

    chapter: str
    number: int
    title: str
    task: str
    hint: str
    solution: str

    @property
    def steps(self) -> list[Command | Edit]:
        """What the solution does, in order; nothing where it is a thought."""
        steps = []
        for kind, block in BLOCK.findall(self.solution):
            if kind == "sh":
                lines = block.replace("\\\n", "").splitlines()
                steps += [Command(shlex.split(line)) for line in lines]
            elif kind == "diff":
                steps += edits(block)
            else:
                steps[-1] = Command(steps[-1].words, stops=block)
        if steps and isinstance(steps[-1], Edit):
            steps.append(Command(["herbnb", "run", self.chapter]))
        return steps


def edits(block: str) -> list[Edit]:
    """Read a block `diff`: "--- " and a file, then lines that stay (" "), go ("-") and come ("+").

    What follows upon a line that comes, and is none, begins the next edit.
    """
    head, *lines = block.splitlines()
    found = re.findall(r"(?:^[ -].*\n)+(?:^\+.*\n)+", "\n".join(lines) + "\n", re.MULTILINE)
    if not head.startswith("--- ") or "".join(found) != "\n".join(lines) + "\n":
        raise BadInput(
            f"A block `diff` names its file first, and then has lines by ' ', '-' and '+': {block}"
        )
    return [
        Edit(head[4:], *("\n".join(kept(lines, signs)) for signs in (" -", " +")))
        for lines in (each.splitlines() for each in found)
    ]


def kept(lines: list[str], signs: str) -> list[str]:
    """Return the lines that bear one of the signs, without it."""
    return [line[1:] for line in lines if line[0] in signs]


def read_exercises(chapter: str) -> list[Exercise]:
    """Return the exercises of a chapter, in their order."""
    cells = read_chapter(chapter_path(chapter)).cells
    prose = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return [Exercise(chapter, int(number), *texts) for number, *texts in EXERCISE.findall(prose)]
