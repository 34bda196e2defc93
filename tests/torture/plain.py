"""YAML as no file of the book is: profiles, quizzes, and a parameter on the command line."""

from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from conftest import ROOT
from herbnb.book.plain_yaml import DEEPEST
from herbnb.book.profile import read_profile
from herbnb.book.quiz import read_quiz
from herbnb.cli import main
from herbnb.errors import BadInput
from torture import places
from torture.row import Row

FILE = "own.yml"

LAUGHS = "a0: &a0 [ha, ha]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 60)
)
"""Text that stands for more texts than there are atoms."""

ANCHORS = "anchors, aliases and tags, & \\* !, are not read here: write it out"

TEXTS = {
    "a bomb": (LAUGHS, f"line 1: {ANCHORS}"),
    "an endless list": ("a: &a [*a]", "line 1: anchors"),
    "an alias": ("a: 1\nb: *a", "line 2: anchors"),
    "an anchor": ("- &a 1", "line 1: anchors"),
    "a tag": ("when: !!timestamp soon", "line 1: anchors, aliases and tags"),
    "a tag of Python": ("!!python/object/apply:os.system [ls]", "line 1: anchors, aliases and tags"),
    "brackets": ("[" * 50_000, f"line 1: more than {DEEPEST} lists and mappings lie in one another"),
    "braces": ("{a: " * 20_000, f"more than {DEEPEST} lists"),
    "dashes": ("- " * 40_000 + "a", f"more than {DEEPEST} lists"),
    "question marks": ("? " * 40_000 + "a", f"more than {DEEPEST} lists"),
    "indents": ("\n".join(" " * n + "a:" for n in range(400)), f"more than {DEEPEST} lists"),
    "a key twice": ("seed: 1\nname: a\nseed: 2", "line 3: 'seed' is there twice"),
    "a key twice, within": ("- {a: {b: 1, 'b': 2}}", "line 1: 'b' is there twice"),
    "a key that is a list": ("? [a, b]\n: 1", "line 1: a key must be a single value"),
    "no key": ("a: 1\n~: 2", "line 2: a key must be a single value"),
    "a list that does not end": ("a: [1,", "line 1: "),
    "two documents": ("a: 1\n---\na: 2", "line 2: "),
    "a control character": ("a: \x07", "special characters are not allowed"),
    "a tab": ("a:\n\t- 1", "line 2: "),
    "a month that there is not": ("when: 2020-13-01", "has a number or a date that there is not"),
    "too many digits": ("seed: " + "9" * 5000, "has a number or a date that there is not"),
    "too large a number": ("x: " + ":".join(["59"] * 400) + ".5", "has a number or a date that there is not"),
}


def profile(path: Path) -> list[tuple[str, object]]:
    """Read a profile: the parameters that it sets."""
    return list(read_profile(str(path)).parameters.items())


def quiz(path: Path) -> list[str]:
    """Read a quiz: how each question begins."""
    return [question.ask[:4] for question in read_quiz(path)]


def parameter(path: Path) -> object:
    """Let `herbnb run` read a parameter, which the file holds."""
    ran = CliRunner().invoke(main, ["run", "silhouettes", "-p", "networks", path.read_text()])
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    raise BadInput(f"{path}: {ran.output.strip()}")  # a parameter has no file of its own


def row(kind: str, read: Callable, name: str, content: object, said: str = "", comes: object = None) -> Row:
    """Return a row of the text or the bytes of a file, or of a function that makes them in a size."""

    def make(folder: Path, size: int) -> Path:
        text = content(size) if isinstance(content, Callable) else content
        (folder / FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
        return folder / FILE

    return Row(f"{kind}: {name}", make, read, said, comes)


WHOLE = {
    "profile": (profile, "parameters: {seed: 7}\n", [("seed", 7)]),
    "quiz": (quiz, (ROOT / "book/quizzes/silhouettes.yml").read_text(), ["A sh", "Fami", "Why "]),
}
"""By what is read: its reader, a text that is right, and what is read of it."""

NO_UTF8 = "is not UTF-8 text .*: save it as UTF-8"

ROWS = [
    *(
        each
        for kind, (read, text, known) in WHOLE.items()
        for each in (
            row(kind, read, "as it should be", text, comes=known),
            row(kind, read, "a byte order mark", "\ufeff" + text, comes=known),
            *(row(kind, read, name, *refused) for name, refused in TEXTS.items()),
            row(kind, read, "UTF-16", text.encode("utf-16"), NO_UTF8),
            row(kind, read, "Latin-1", f"# Köhler\n{text}".encode("latin-1"), NO_UTF8),
            row(kind, read, "a NUL", text + "\0", "special characters are not allowed"),
            row(
                kind,
                read,
                "ten megabytes",
                lambda size, text=text: text + "# and so on\n" * 1_000_000 * min(size, 10),
                "has more than 100,000 bytes: it is not one of ours",
            ),
            row(kind, read, "a list of nothing", "[]", r": the file: .*; see "),
            row(kind, read, "a number", "7", r": the file: .*; see "),
            *places.rows(
                kind,
                FILE,
                read,
                pipe="is no file: name one that is",
                endless="is no file: name one that is",
                mkdir="is no file: name one that is",
                sparse="has more than 100,000 bytes",
                forbidden="cannot be read",
            ),
        )
    ),
    row("profile", profile, "nothing", "", comes=[]),
    *(
        row("profile", profile, name, text, said)
        for name, (text, said) in {
            "a parameter that there is not": (
                "parameters: {q___e: 7}",
                "the book has no parameter 'q___e': it has",
            ),
            "a parameter of a long name": (
                f"parameters: {{'{'x' * 1_000}': 7}}",
                "the book has no parameter 'xxx",
            ),
            "a parameter of a strange name": ('parameters: {"a\\nb": 7}', "the book has no parameter"),
            "a parameter that is text": ("parameters: {seed: w}", "for sampling: seed takes a whole number"),
            "a parameter of a long value": (
                f"parameters: {{data: {'x' * 50_000}}}",
                "data takes the path of",
            ),
            "a chapter of a long name": (f"chapters: {{'{'x' * 1_000}': {{}}}}", "xxx"),
            "a key of a long name": (f"'{'x' * 1_000}': 7", "Extra inputs are not permitted"),
            "many seeds": (f"seeds: [{', '.join(['7'] * 20_000)}]", "name every seed once"),
            "seeds that are text": ("seeds: [a, b]", "seeds.0: Input"),
        }.items()
    ),
    row("quiz", quiz, "nothing", "", "the file: "),
    *(
        row("parameter", parameter, name, value, rf"silhouettes: networks = .*{said}")
        for name, (value, said) in {
            "an alias": ("[&a 1, *a]", ANCHORS),
            "a tag": ("!!int 7", ANCHORS),
            "a tag of Python": ("!!python/object/apply:os.system [ls]", ANCHORS),
            "brackets": ("[" * 1000, f"more than {DEEPEST} lists"),
            "a key twice": ("{a: 1, a: 2}", "'a' is there twice"),
            "a month that there is not": ("2020-13-01", "a number or a date that there is not"),
            "too many digits": ("9" * 5000, "a number or a date that there is not"),
            "a control character": ("\x07", "special characters are not allowed"),
        }.items()
    ),
]
