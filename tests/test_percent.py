import json
import shutil
import subprocess
import sys

import pytest

from herbnb.book.percent import handler, read_chapter
from herbnb.errors import BadInput

CHAPTER = """# %% [markdown]
# # Leaves

# %% tags=["parameters"]
leaves: int = 2  # on a twig

# %%
print(leaves * 3)
"""


@pytest.fixture
def chapter(tmp_path):
    (tmp_path / "chapters").mkdir()
    path = tmp_path / "chapters" / "leaves.py"
    path.write_text(CHAPTER)
    return path


def test_a_chapter_is_a_notebook_with_a_kernel_and_stable_ids(chapter):
    notebook = read_chapter(chapter)
    assert [cell.cell_type for cell in notebook.cells] == ["markdown", "code", "code"]
    assert notebook.cells[1].metadata.tags == ["parameters"]
    assert notebook.metadata.kernelspec.name == "python3"
    assert handler.read(str(chapter)) == handler.read(str(chapter))


def test_a_missing_chapter_says_how_to_find_one(tmp_path):
    with pytest.raises(BadInput, match=r"absent.py is missing: `herbnb list`"):
        read_chapter(tmp_path / "absent.py")


def test_a_chapter_is_never_written_over(chapter):
    with pytest.raises(BadInput, match="is a chapter's source"):
        handler.write("{}", str(chapter))


def test_plain_papermill_gets_a_cell_that_checks_behind_the_parameters(chapter):
    cells = json.loads(handler.read(str(chapter)))["cells"]
    assert [cell["metadata"].get("tags") for cell in cells] == [None, ["parameters"], ["remove-cell"], None]
    assert "check_cell('leaves', {'leaves': 2}, globals())" in "".join(cells[2]["source"])
    assert len(read_chapter(chapter).cells) == 3, "the runner checks before it starts a kernel"


def test_plain_papermill_runs_a_chapter_with_parameters(chapter):
    papermill = shutil.which("papermill", path=sys.prefix + "/bin")
    command = [papermill, "chapters/leaves.py", "out.ipynb", "-p", "leaves", "5"]
    subprocess.run(command, cwd=chapter.parent.parent, check=True, capture_output=True)
    executed = json.loads((chapter.parent.parent / "out.ipynb").read_text())
    assert executed["cells"][-1]["outputs"][0]["text"] == ["15\n"]
    assert chapter.read_text() == CHAPTER
