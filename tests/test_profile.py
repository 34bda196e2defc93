import pytest

from herbnb.book.chapters import chapter_names
from herbnb.book.profile import read_profile
from herbnb.errors import BadInput
from herbnb.files import located


@pytest.mark.parametrize("path", sorted(located("profiles").glob("*.yml")), ids=lambda path: path.stem)
def test_our_profiles_fit_our_chapters(path):
    profile = read_profile(path.stem)
    for chapter in chapter_names():
        assert set(profile.parameters) & {"data", "results"} <= set(profile.of(chapter)) | {"data"}


def test_the_pocket_profile_leaves_the_chapters_their_defaults():
    assert set(read_profile("pocket").parameters) == {"data", "results", "networks"}
    assert not read_profile("pocket").chapters


def test_a_chapter_of_its_own_comes_before_what_is_shared(tmp_path):
    path = tmp_path / "own.yml"
    path.write_text("parameters: {max_epochs: 2}\nchapters: {triplet: {max_epochs: 5}}\n")
    profile = read_profile(str(path))
    assert profile.of("autoencoder") == {"max_epochs": 2}
    assert profile.of("triplet") == {"max_epochs": 5}
    assert profile.of("silhouettes") == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("parameters: {max_epoch: 2}", "the book has no parameter 'max_epoch': did you mean 'max_epochs'"),
        ("chapters: {triplet: {n: 2}}", "triplet has no parameter 'n'"),
        ("chapters: {33_leaves: {seed: 2}}", "There is no chapter '33_leaves'"),
        ("parameters: {seed: soon}", "seed takes int, such as 89, and not 'soon'"),
        ("pocket: {leaves: 2}", "pocket.leaves: Extra inputs"),
        ("settings: {}", "settings: Extra inputs"),
        ("parameters: [", "is not YAML"),
        ("just text", "Input should be a valid dictionary"),
    ],
)
def test_a_wrong_profile_is_refused_with_the_place(tmp_path, text, message):
    path = tmp_path / "own.yml"
    path.write_text(text)
    with pytest.raises(BadInput, match=message):
        read_profile(str(path))


def test_a_missing_profile_is_answered_with_those_there_are():
    with pytest.raises(BadInput, match=r"absent.yml is missing: choose paper, pocket, smoke"):
        read_profile("absent")
