"""A kernel at hand: `herbnb run` in a process that has the libraries already, and the package of any folder.

On the smoke profile a chapter mostly waits for torch to be imported. Here one process imports the libraries,
and each run is forked from it; the package itself is imported anew, since an exercise may have changed it.
"""

import multiprocessing
import os
import sys
from pathlib import Path

from IPython.core.interactiveshell import InteractiveShell
from nbformat.v4 import new_output
from papermill.engines import Engine, papermill_engines

LIBRARIES = [
    "kernel_at_hand",
    "torchvision",
    "timm",
    "pytorch_lightning",
    "torchmetrics.classification",
    "umap",
]
LIBRARIES += ["cleanlab", "sklearn.linear_model", "plotly.express", "jupytext", "grimp", "httpx"]

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(LIBRARIES)


class Here(Engine):
    """Papermill's engine, without a kernel: cells run in this very process, as IPython runs them."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, **_):
        """Run the cells up to the first that raises an error, and note that."""
        shell = InteractiveShell.instance()
        for cell in nb_man.nb.cells:
            if cell.cell_type == "code":
                ran = shell.run_cell(cell.source)
                if error := ran.error_before_exec or ran.error_in_exec:
                    cell.outputs = [new_output("error", ename=type(error).__name__, evalue=str(error))]
                    return


def run(words: list[str], book: Path) -> str:
    """Run `herbnb` with these words in the folder of a book, and return what it said if it failed, else ""."""
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=run_here, args=(words, book, theirs))
    process.start()
    theirs.close()
    try:
        return ours.recv()
    finally:
        process.join()


def run_here(words: list[str], book: Path, answer) -> None:
    """Run it in this process, and answer."""
    for module in [name for name in sys.modules if name.partition(".")[0] == "herbnb"]:
        del sys.modules[module]  # of another folder: papermill asks for our reader of chapters
    sys.path.insert(0, str(book))
    os.chdir(book)
    papermill_engines.register(None, Here)

    from click.testing import CliRunner

    from herbnb.cli import main

    ran = CliRunner().invoke(main, words)
    answer.send(f"{ran.output}{ran.exception!r}" if ran.exit_code else "")
