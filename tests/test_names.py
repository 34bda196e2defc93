"""Scientific names, taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herbnb.data.records.names import parse_name


@pytest.mark.parametrize(
    ("text", "genus", "epithet"),
    [
        ("Acer rubrum", "Acer", "rubrum"),
        ("Acer rubrum L.", "Acer", "rubrum"),
        ("acer rubrum", "Acer", "rubrum"),
        ("ACER RUBRUM L.", "Acer", "rubrum"),
        ("  Acer\u00a0 rubrum\n", "Acer", "rubrum"),
        ("Acer_rubrum", "Acer", "rubrum"),
        ("Eugenia jambos L., Sp. Pl. 1: 470 (1753)", "Eugenia", "jambos"),
        ("Isoëtes lacustris L., 1753", "Isoëtes", "lacustris"),
        ("Isoe\u0308tes lacustris", "Isoëtes", "lacustris"),
        ("Symphyotrichum novae-angliae (L.) G.L.Nesom", "Symphyotrichum", "novae-angliae"),
        ("Acer × freemanii A.E.Murray", "Acer", "freemanii"),
        ("Acer ×freemanii", "Acer", "freemanii"),
        ("Acer x freemanii", "Acer", "freemanii"),
        ("× Cuprocyparis leylandii", "Cuprocyparis", "leylandii"),
        ("×Cuprocyparis leylandii (A.B.Jacks. & Dallim.) Farjon", "Cuprocyparis", "leylandii"),
        ("X Cuprocyparis leylandii", "Cuprocyparis", "leylandii"),
        ("Acer rubrum var. trilobum Torr. & A.Gray ex K.Koch", "Acer", "rubrum"),
        ("Acer rubrum subsp. carolinianum", "Acer", "rubrum"),
        ("Acer rubrum f. pallidum", "Acer", "rubrum"),
        ("Acer rubrum var. cf. trilobum", "Acer", "rubrum"),
        ("Acer rubrum cf. var. trilobum", "Acer", "rubrum"),
        ("Acer palmatum 'Atropurpureum'", "Acer", "palmatum"),
        ("Acer (Rubra) rubrum", "Acer", "rubrum"),
        ("Aa paludosa", "Aa", "paludosa"),
    ],
)
def test_a_name_is_taken_apart(text, genus, epithet):
    assert parse_name(text) == (genus, epithet, "")


@pytest.mark.parametrize(
    ("text", "genus", "problem"),
    [
        ("Acer", "Acer", "stops at the genus"),
        ("Acer L.", "Acer", "stops at the genus"),
        ("ACER L.", "Acer", "stops at the genus"),
        ("Acer sp.", "Acer", "stops at the genus"),
        ("Acer spp. 3", "Acer", "stops at the genus"),
        ("Acer Rubrum", "Acer", "stops at the genus"),
        ("Acer auct. non L.", "Acer", "stops at the genus"),
        ("Acer sect. Rubra", "Acer", "stops at the genus"),
        ("Acer var rubrum", "Acer", "stops at the genus"),
        ("Acer cf. rubrum", "Acer", "doubtful"),
        ("Acer aff. rubrum L.", "Acer", "doubtful"),
        ("Acer rubrum?", "Acer", "doubtful"),
        ("Acer rubrum vel saccharinum", "Acer", "doubtful"),
        ("Acer rubrum × Acer saccharinum", "Acer", "two parents"),
        ("Acer rubrum L. x A. saccharinum L.", "Acer", "two parents"),
        ("cf. Acer rubrum", "", "doubtful"),
        ("Acer? rubrum", "", "doubtful"),
        ("A. rubrum", "", "abbreviated"),
        ("Sapindaceae", "", "family"),
        ("Leguminosae", "", "family"),
        ("indet.", "", "not been named"),
        ("Unknown", "", "not been named"),
        ("nan", "", "not been named"),
        ("", "", "blank"),
        (" \t ", "", "blank"),
        ("×", "", "blank"),
        ("<script>alert(1)</script>", "", "not a scientific name"),
        ("../../etc/passwd", "", "not a scientific name"),
        ("Клён красный", "", "not a scientific name"),
        ("12345", "", "not a scientific name"),
        ("A" * 5000 + "1", "", "not a scientific name"),
    ],
)
def test_what_a_name_leaves_open_is_said_and_not_guessed(text, genus, problem):
    found, epithet, said = parse_name(text)
    assert (found, epithet) == (genus, "")
    assert problem in said


@given(st.text())
def test_any_text_is_taken_apart_or_refused(text):
    genus, epithet, problem = parse_name(text)
    assert (problem == "") == bool(genus and epithet)
    assert genus == genus.capitalize() and epithet == epithet.lower()
    assert not set(genus + epithet) & set(" <>&/\\.\0")


LETTERS = st.text("abcdefghijklmnopqrstuvwxyzë-×.? ()", min_size=1)


@given(
    st.lists(st.sampled_from(["Acer", "acer", "rubrum", "×", "x", "var.", "cf.", "?", "L.", "sp."]) | LETTERS)
)
def test_a_parsed_name_is_parsed_to_itself(words):
    genus, epithet, problem = parse_name(" ".join(words))
    if not problem:
        assert parse_name(f"{genus} {epithet}") == (genus, epithet, "")
        assert parse_name(f"{genus} {epithet}".upper()) == (genus, epithet, "")
