"""The runner: one chapter through papermill, always executed, whole or not at all."""

import os
import re
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

import nbformat
import papermill
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from herbnb.book.chapters import chapter_parameters, chapter_path
from herbnb.book.ground import check_ground
from herbnb.book.parameters import check_names, converted
from herbnb.book.percent import read_chapter
from herbnb.book.profile import Profile
from herbnb.book.provenance import commit, footer, versions
from herbnb.data.images.decoding import Unreadable
from herbnb.errors import BadInput, not_installed
from herbnb.files import folder_beside, located, whole, writable
from herbnb.following import LEADER, ended_alone
from herbnb.journal import begin
from herbnb.pocket import draw_herbarium

ALLOCATION = {"MALLOC_MMAP_THRESHOLD_": str(2**32), "MALLOC_TRIM_THRESHOLD_": str(2**29)}
"""How a kernel's C library, if it is glibc, treats memory that has been freed: it keeps half a gigabyte for
the next layer of a network, instead of giving each layer's back and asking for it again. So an encoder looks
at a sheet in two thirds of the time. Whoever has set one of these variables keeps it."""

SOCKETS = Path(tempfile.gettempdir(), "herbnb")
"""Beside which a kernel's sockets are, in a folder of their own: paths of sockets are short."""

LONGEST_SOCKET = 100
"""Bytes of the path of a kernel's sockets, to which two are added: macOS takes 103, and Linux 107."""

EXECUTED = "book/executed"
"""Where the book looks for executed chapters, relative to its folder."""

BEGUN = "_build/begun"
"""What is there while the book is rendered. Some pages of a rendering that was killed may be new and some
old, and Sphinx cannot tell: the next one makes all of them."""

PAGES = "book"
"""What the making of the pages is called as a job, beside the chapters."""

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""How a terminal is asked for a colour."""

PAGES_MADE = re.compile(r"(reading sources|writing output)\.\.\. \S*\[ *(\d+)%\]")
"""How Sphinx says how far it is, in colours or without."""


def settle_parameters(chapter: str, profile: Profile, given: dict[str, object]) -> dict[str, object]:
    """Return what `chapter` runs with: what is given, else what the profile sets; the rest is
    default.

    Raises:
        BadInput: a name that the chapter does not declare, or a value of another type or out of its range.
    """
    known = chapter_parameters(chapter)
    check_names(list(given), known, f"{chapter}")
    return profile.of(chapter) | {
        name: converted(value, known[name], chapter) for name, value in given.items()
    }


def run_chapter(name: str, profile: Profile, given: dict[str, object], to: Path) -> Path:
    """Execute a chapter and write the notebook, with its provenance, to `to/<chapter>.ipynb`.

    Args:
        name: the chapter, such as `silhouettes`.
        profile: whose parameters it takes.
        given: parameters that come before the profile's.
        to: a folder; it gets the executed notebook only if every cell succeeded.

    Raises:
        BadInput: a wrong parameter, also one that names what is not there; a cell that failed: then
            `to/failed/<chapter>.ipynb` shows where; a kernel that has been ended from outside.
    """
    source = chapter_path(name)
    chapter = source.stem
    values = settle_parameters(chapter, profile, given)
    defaults = {name: parameter.default for name, parameter in chapter_parameters(chapter).items()}
    check_ground(chapter, defaults | values)
    failed = to / "failed" / f"{chapter}.ipynb"
    failed.unlink(missing_ok=True)
    for variable, value in ALLOCATION.items():  # a kernel takes over the environment
        os.environ.setdefault(variable, value)
    notebook = read_chapter(source)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells) + bool(values)  # papermill adds theirs
    numbers = count(1)
    started = time.monotonic()
    with whole(to / f"{chapter}.ipynb") as temporary, folder_beside(SOCKETS) as sockets:
        try:
            executed = papermill.execute_notebook(
                notebook,
                str(temporary),
                values,
                cwd=str(located(".")),
                progress_bar=False,
                kernel_name="python3",
                config=kernel_in(sockets),
                extra_arguments=["--ext=herbnb.following", "--log-level=CRITICAL"],
                on_cell_execute=lambda **_: begin(f"cell {next(numbers)} of {cells}"),
            )
        except PapermillExecutionError as error:
            with whole(failed) as kept:
                kept.write_bytes(temporary.read_bytes())
            raise BadInput(f"{chapter} stopped: {words_of_failure(error)} {shown_in(failed)}") from error
        except RuntimeError as error:  # nbclient's, or while the kernel begins, that of Jupyter's client
            if not str(error).startswith("Kernel died"):
                raise
            raise ended_alone(f"{chapter} stopped: its kernel") from error
        seconds = time.monotonic() - started
        executed.cells.append(nbformat.v4.new_markdown_cell(footer(defaults | values, seconds)))
        executed.metadata["herbnb"] = {"commit": commit(), "versions": versions()}
        nbformat.write(executed, temporary)
    return to / f"{chapter}.ipynb"


def kernel_in(folder: Path) -> Config:
    """Return the settings of a kernel that is spoken to through sockets in `folder`.

    They are private to the user and to this run, where ports could be read by anyone on the machine.

    Raises:
        BadInput: no socket can have so long a path.
    """
    config = Config()
    if os.name == "posix":
        sockets = str(folder / "kernel")
        if len(os.fsencode(sockets)) > LONGEST_SOCKET:
            raise BadInput(
                f"{folder.parent} is too long for a kernel's sockets: set TMPDIR to a shorter path."
            )
        config.KernelManager.transport = "ipc"
        config.KernelManager.ip = sockets
    config.KernelManager.connection_file = str(folder / "kernel.json")
    return config


def words_of_failure(error: PapermillExecutionError) -> str:
    """Return the failing cell's own words: a BadInput's sentence, or the exception and its cell."""
    if error.ename in (BadInput.__name__, Unreadable.__name__):  # of a kernel the name is all that comes
        return error.evalue
    if error.ename == ModuleNotFoundError.__name__:
        return not_installed(error.evalue)
    said = "".join(f": {line}" for line in error.evalue.splitlines()[:1])
    return f"cell {error.exec_count} raised {error.ename}{said}."


def shown_in(notebook: Path) -> str:
    """Return where the traceback can be read."""
    return f"(The cell and its traceback: {notebook}.)"


def prepare_data(profile: Profile) -> Path:
    """Draw the profile's pocket herbarium, if it has one, into its `data` folder, and return that."""
    folder = located(str(profile.value("data")))
    if profile.pocket:
        draw_herbarium(folder, **profile.pocket.model_dump(), progress=False)
    return folder


def place_of(profile: Profile, replicate: bool) -> Path:
    """Return where the executed chapters of a profile go: a replicate's lie with its results."""
    return located(str(profile.value("results"))) / "chapters" if replicate else located(EXECUTED)


def journal_of(job: str, executed: Path) -> Path:
    """Return where the journal of a chapter, or of the pages, is kept: beside the executed chapters."""
    return executed / "journals" / f"{job}.jsonl"


def build_book() -> Path:
    """Render the book from the executed chapters and return the path of its first page.

    Raises:
        BadInput: jupyter-book failed, where warnings count as errors, or has been ended from outside.
    """
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", ".", "-W", "-n", "--keep-going"]
    lines, begun = [], located(BEGUN)
    if begun.exists():
        command.append("--all")
    with writable(begun):
        begun.parent.mkdir(exist_ok=True)
        begun.touch()
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    env = os.environ | {"PYTHONUNBUFFERED": "1", LEADER: str(os.getpid())}  # it says at once how far it is
    with subprocess.Popen(command, cwd=located("."), env=env, **piped) as building:
        for line in building.stdout:
            lines.append(COLOUR.sub("", line.rstrip()))
            if far := PAGES_MADE.search(line):
                begin(f"{far[1]}, {far[2]} %")
    if building.returncode < 0:
        raise ended_alone("The book was not built: jupyter-book")
    begun.unlink()
    page = located("_build/html/index.html")
    if building.returncode or not page.exists():
        telling = [line for line in lines if "WARNING" in line or "ERROR" in line]
        shown = "\n".join(telling[:20] or lines[-20:])
        raise BadInput(f"The book was not built; jupyter-book says:\n{shown}")
    return page
