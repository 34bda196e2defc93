import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from conftest import row
from herbnb.data.images.decoding import unreadable
from herbnb.data.sampling import draw_splits, keep_readable, keep_shared_genera, split_card
from herbnb.errors import BadInput
from herbnb.specimens import HELD_OUT

DESIGN = dict(max_images=3, train_institution="NY", species_sample=0.3, rand_sample=0.3, seed=89)


@st.composite
def herbaria(draw):
    """A table of up to 120 sheets of up to 12 species in up to 5 genera at three institutions."""
    codes = st.tuples(st.integers(0, 11), st.sampled_from(["NY", "NY", "Kew", "Leiden"]))
    sheets = [(0, "NY"), *draw(st.lists(codes, min_size=1, max_size=120))]
    return pd.DataFrame(
        {
            "image_id": [f"{number:03d}" for number in range(len(sheets))],
            "species": [f"Genus{species % 5} epithet{species}" for species, _ in sheets],
            "genus": [f"Genus{species % 5}" for species, _ in sheets],
            "institution": [institution for _, institution in sheets],
        }
    )


@given(herbaria(), st.integers(0, 2**32 - 1))
def test_the_published_design_holds_for_any_herbarium(herbarium, seed):
    sample = draw_splits(herbarium, **DESIGN | {"seed": seed})
    assert sample["image_id"].is_unique
    assert sample["species"].value_counts().max() <= 3
    expected = herbarium["species"].value_counts().clip(upper=3).to_dict()
    assert sample["species"].value_counts().to_dict() == expected
    elsewhere = sample["institution"] != "NY"
    assert (elsewhere == (sample["split"] == "institutions")).all()
    held_out = set(sample.loc[sample["split"] == "species", "species"])
    home = sample[~elsewhere]
    assert len(held_out) == round(0.3 * home["species"].nunique())
    assert not held_out & set(home.loc[home["split"] != "species", "species"])
    remaining = home[home["split"] != "species"]
    assert (remaining["split"] == "random").sum() == round(0.3 * len(remaining))


@given(herbaria(), st.randoms(use_true_random=False))
def test_the_draw_does_not_depend_on_the_order_of_the_file(herbarium, random):
    order = random.sample(range(len(herbarium)), len(herbarium))
    pd.testing.assert_frame_equal(
        draw_splits(herbarium, **DESIGN), draw_splits(herbarium.iloc[order], **DESIGN)
    )


@given(herbaria())
def test_what_is_kept_can_be_learnt_and_named(herbarium):
    try:
        kept = keep_shared_genera(draw_splits(herbarium, **DESIGN))
    except BadInput as error:
        assert "comes out empty" in str(error)
        return
    train = kept[kept["split"] == "train"]
    assert train["genus"].value_counts().min() >= 2
    assert set(kept["genus"]) == set(train["genus"])


def test_seeds_matter():
    herbarium = pd.DataFrame(
        {
            "image_id": [f"{i:04d}" for i in range(400)],
            "species": [f"Poa s{i % 40}" for i in range(400)],
        }
    ).assign(genus="Poa", institution="NY")
    first, second = (draw_splits(herbarium, **DESIGN | {"seed": seed}) for seed in (1, 2))
    assert not first.equals(second)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"max_images": 0}, "max_images is 0"),
        ({"species_sample": 1.0}, "species_sample is 1.0"),
        ({"rand_sample": -0.1}, "rand_sample is -0.1"),
        (
            {"train_institution": "Atlantis"},
            "train_institution 'Atlantis' holds no sheet here; choose",
        ),
    ],
)
def test_parameters_out_of_range_are_named(specimens, change, message):
    with pytest.raises(BadInput, match=message):
        draw_splits(specimens, **DESIGN | {"train_institution": "New York Botanical Garden"} | change)


@pytest.mark.parametrize("split", ["train", *HELD_OUT])
def test_an_empty_split_names_the_parameter_to_change(specimens, split):
    others = specimens[specimens["split"] != split]
    if split == "train":
        others = specimens.drop_duplicates("genus").assign(split="train")
    with pytest.raises(BadInput, match=f"The split '{split}' comes out empty: .*(lower|raise|choose)"):
        keep_shared_genera(others)


def test_a_split_that_is_empty_for_want_of_images_says_so(specimens):
    others = specimens[specimens["split"] != "random"]
    with pytest.raises(
        BadInput, match=r"empty: 1,200 images could not be read, .*skipped\.csv.*raise rand_sample"
    ):
        keep_shared_genera(others, 1200)


def test_a_table_without_its_images_is_the_one_thing_that_is_said(tmp_path):
    table = pd.DataFrame([row("1"), row("2")])
    said = rf"None of 2 images could be read: .*{tmp_path}.* is said: {tmp_path}/1\.jpg is missing: fetch it"
    with pytest.raises(BadInput, match=said):
        keep_readable(table, unreadable(table, tmp_path), tmp_path)
    (tmp_path / "2.jpg").write_bytes(b"")
    Image.new("RGB", (8, 8)).save(tmp_path / "1.jpg")
    assert keep_readable(table, unreadable(table, tmp_path), tmp_path)["image_id"].tolist() == ["1"]


def test_the_split_card_counts_what_training_never_showed():
    table = pd.DataFrame(
        [
            row("1"),
            row("2"),
            row("3", "species", "Acer saccharum"),
            row("4", "institutions", "Acer rubrum", "Kew"),
            row("5", "random"),
        ]
    )
    card = split_card(table).set_index("split")
    assert card["images"].to_dict() == {"train": 2, "random": 1, "species": 1, "institutions": 1}
    assert card["new_species"].to_dict() == {
        "train": 0,
        "random": 0,
        "species": 1,
        "institutions": 0,
    }
    assert card.loc["institutions", "new_institutions"] == 1
    assert card["new_genera"].sum() == 0
    counts = ["species", "genera", "families", "orders", "institutions"]
    assert list(card)[1:6] == counts and (card.loc["train", counts] == 1).all()


def test_the_split_card_has_a_row_for_a_split_without_a_sheet():
    card = split_card(pd.DataFrame([row("1"), row("2")])).set_index("split")
    assert list(card.index) == ["train", *HELD_OUT] and (card.loc["random"] == 0).all()
