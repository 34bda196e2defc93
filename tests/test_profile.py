import pytest

from herbnb.book.chapters import chapter_names
from herbnb.book.profile import read_profile
from herbnb.errors import BadInput
from herbnb.files import located
from herbnb.networks import NETWORKS
from herbnb.pocket.determination import DETERMINERS


@pytest.mark.parametrize("path", sorted(located("profiles").glob("*.yml")), ids=lambda path: path.stem)
def test_our_profiles_fit_our_chapters(path):
    profile = read_profile(path.stem)
    for chapter in chapter_names():
        assert set(profile.parameters) & {"data", "results"} <= set(profile.of(chapter)) | {"data"}


def test_the_pocket_profile_leaves_the_chapters_their_defaults():
    assert set(read_profile("pocket").parameters) == {"data", "results", "networks", "specialists"}
    assert read_profile("pocket").chapters == {"embedding": {"collections": ["kew"]}}


def test_the_specialists_of_the_pocket_herbarium_are_its_determiners():
    known = {name for who in DETERMINERS for name in who.spellings if who.family}
    for profile in ("pocket", "smoke", "workshop"):
        assert set(read_profile(profile).parameters["specialists"]) < known


def test_the_workshop_has_all_chapters_and_the_lessons_of_the_pocket_herbarium():
    pocket, workshop = read_profile("pocket"), read_profile("workshop")
    assert workshop.pocket.sheets < pocket.pocket.sheets / 2 and workshop.pocket.seed == pocket.pocket.seed
    for chapter in chapter_names():
        text = str(workshop.of(chapter).values())
        assert "pocket" not in text, "it has folders of its own"
        if chapter in NETWORKS:
            changed = workshop.of(chapter).keys() - {"data", "results", "input_height"}
            assert changed <= ({"max_epochs"} if chapter == "autoencoder" else set())
    assert workshop.value("rate", "verdict") in workshop.value("mislabel_frac", "mislabels")


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ("{}", "by.name: Field required"),
        ('{name: A, orcid: "0000"}', "by.orcid: String should match pattern"),
    ],
)
def test_who_says_who_they_are_says_it_well(tmp_path, by, message):
    path = tmp_path / "own.yml"
    path.write_text(f"by: {by}")
    with pytest.raises(BadInput, match=message):
        read_profile(str(path))


def test_a_chapter_of_its_own_comes_before_what_is_shared(tmp_path):
    path = tmp_path / "own.yml"
    path.write_text("parameters: {max_epochs: 2}\nchapters: {triplet: {max_epochs: 5}}\n")
    profile = read_profile(str(path))
    assert profile.of("autoencoder") == {"max_epochs": 2}
    assert profile.of("triplet") == {"max_epochs": 5}
    assert profile.of("silhouettes") == {}


def test_a_replicate_draws_all_but_the_sample_by_its_own_seed(tmp_path):
    path = tmp_path / "own.yml"
    path.write_text("parameters: {results: r, seed: 5, margin: 2.0}\nseeds: [1, 2]\n")
    profile = read_profile(str(path))
    assert profile.of("verdict")["replicates"] == ["r/seed-1", "r/seed-2"]
    replicate = profile.replicate(2)
    assert replicate.of("sampling") == {"results": "r/seed-2", "seed": 5}
    assert replicate.of("triplet") == {"results": "r/seed-2", "seed": 2, "margin": 2.0}
    assert "replicates" not in replicate.of("verdict") and replicate.seeds == []


def test_the_profile_of_replicates_is_the_pockets_with_seeds():
    pocket, replicates = read_profile("pocket"), read_profile("replicates")
    assert len(replicates.seeds) == 4
    assert replicates.model_copy(update={"seeds": []}) == pocket


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seeds: [1, 1]", "seeds: name every seed once, and not 89"),
        ("seeds: [89]", "seeds: name every seed once, and not 89, which the first run has"),
        ("seeds: [soon]", "seeds.0: Input should be a valid integer"),
        ("parameters: {max_epoch: 2}", "the book has no parameter 'max_epoch': did you mean 'max_epochs'"),
        ("chapters: {triplet: {n: 2}}", "triplet has no parameter 'n'"),
        ("chapters: {33_leaves: {seed: 2}}", "There is no chapter '33_leaves'"),
        ("parameters: {seed: soon}", "seed takes a whole number from 0 to .*, and not 'soon'"),
        ("pocket: {leaves: 2}", "pocket.leaves: Extra inputs"),
        ("settings: {}", "settings: Extra inputs"),
        ("parameters: [", "is not plain YAML"),
        ("just text", "Input should be a valid dictionary"),
    ],
)
def test_a_wrong_profile_is_refused_with_the_place(tmp_path, text, message):
    path = tmp_path / "own.yml"
    path.write_text(text)
    with pytest.raises(BadInput, match=message):
        read_profile(str(path))


def test_a_missing_profile_is_answered_with_those_there_are():
    with pytest.raises(BadInput, match=r"absent.yml is missing: choose paper, pocket, replicates, smoke"):
        read_profile("absent")
