import pytest

from herbnb.book.parameters import Parameter, check_names, converted, read_parameters
from herbnb.book.ranges import RANGES
from herbnb.errors import BadInput

CELL = """# %% tags=["parameters"]
margin: float = 1.0  # how much farther
networks: list = ["triplet"]  # which
seed: int = 89  # of every draw
fit: str = "letterbox"  # or crop
quick: bool = False  # or slow
shape: str = "round"  # or not
"""


def chapter(folder, cell=CELL):
    path = folder / "leaves.py"
    path.write_text(cell)
    return path


def test_a_parameters_cell_is_read_with_types_defaults_and_help(tmp_path):
    found = read_parameters(chapter(tmp_path))
    assert list(found) == ["margin", "networks", "seed", "fit", "quick", "shape"]
    assert found["margin"] == Parameter("margin", "float", 1.0, "how much farther", RANGES["margin"])
    assert found["quick"].range is None
    assert found["networks"].default == ["triplet"]
    assert found["quick"].default is False


@pytest.mark.parametrize(
    "line",
    [
        "margin = 1.0  # bare",
        "margin: dict = {}  # odd",
        "margin: float = 1  # int",
    ],
)
def test_a_parameter_must_have_a_type_and_a_default_of_it(tmp_path, line):
    with pytest.raises(BadInput, match=r"leaves.py.*'margin'"):
        read_parameters(chapter(tmp_path, f'# %% tags=["parameters"]\n{line}\n'))


def test_a_default_lies_in_its_range(tmp_path):
    cell = '# %% tags=["parameters"]\nmargin: float = 0.0  # none\n'
    with pytest.raises(BadInput, match=r"leaves.py: margin takes a number from .* and not 0\.0"):
        read_parameters(chapter(tmp_path, cell))


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("margin", "2", 2.0),
        ("margin", "1e-3", 0.001),
        ("networks", '["triplet", "colour"]', ["triplet", "colour"]),
        ("seed", "7", 7),
        ("shape", "07", "07"),
        ("quick", "true", True),
    ],
)
def test_text_becomes_the_declared_type(tmp_path, name, text, value):
    result = converted(text, read_parameters(chapter(tmp_path))[name], "leaves")
    assert result == value and type(result) is type(value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("margin", "far"),
        ("margin", True),
        ("seed", "8.5"),
        ("seed", "true"),
        ("networks", "triplet"),
        ("networks", "[triplet"),
        ("quick", "1"),
        ("fit", 3),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(tmp_path, name, value):
    with pytest.raises(BadInput, match=f"leaves: {name}"):
        converted(value, read_parameters(chapter(tmp_path))[name], "leaves")


def test_an_unknown_name_is_answered_with_the_nearest(tmp_path):
    known = read_parameters(chapter(tmp_path))
    with pytest.raises(BadInput, match="leaves has no parameter 'network': did you mean 'networks'"):
        check_names(["seed", "network"], known, "leaves")
    with pytest.raises(
        BadInput, match="no parameter 'xyz': it has margin, networks, seed, fit, quick, shape"
    ):
        check_names(["xyz"], known, "leaves")
