"""Files that are all but whole: bytes are exchanged, cut out and put in, and the reader has no other word for it."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from torture.row import SIZES, bounded
from torture.targets import FOUND, WHOLE, target

EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 40), st.binary(max_size=8)), min_size=1, max_size=6
)
"""Where in the file, how many bytes are cut out there, and what is put in."""


def edited(content: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for where, length, put in edits:
        at = int(where * len(content))
        content = content[:at] + put + content[at + length :]
    return content


@pytest.mark.filterwarnings("ignore")  # Pillow's and torch's own complaints
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", WHOLE)
def test_a_file_that_is_all_but_whole_is_read_or_refused(name: str, size: int, tmp_path: Path, capfd) -> None:
    aim = target(name, tmp_path)

    @settings(max_examples=20 * size, suppress_health_check=list(HealthCheck))
    @given(EDITS)
    def meet(edits: list[tuple[float, int, bytes]]) -> None:
        with bounded():
            aim.meet(edited(aim.whole, edits))

    meet()
    capfd.readouterr()  # libtiff's own complaints


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "found", sorted(FOUND.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}"
)
def test_what_fuzzing_found_is_read_or_refused(found: Path, tmp_path: Path) -> None:
    with bounded():
        target(found.parent.name, tmp_path).meet(found.read_bytes())
