"""Standing: types and specialists, however a database writes them."""

import unicodedata

import pandas as pd
import pytest

from herbnb.applications.standing import by_specialist, is_type, people, standing
from herbnb.errors import BadInput


@pytest.mark.parametrize(
    "name",
    [
        "B. E. Walker",
        "Walker, B.E.",
        "B.E.Walker",
        "WALKER B E",
        "walker b. e.",
        " Walker , B.  E. ",
        "B.E. Walker (K), 2019",
        "Walker, B.E. [scripsit]",
        "A. Tucker; B.E. Walker",
        "A. Tucker | Walker, B.E.",
        "B.E. Walker & A. Tucker",
        "B.E. Walker&A. Tucker;",
    ],
)
def test_a_person_is_the_same_in_every_spelling_and_company(name):
    for specialist in ("B. E. Walker", "Walker, B.E."):
        assert by_specialist(pd.Series([name]), [specialist]).tolist() == [True]


@pytest.mark.parametrize(
    "name",
    [
        "",
        "?",
        "2019",
        "B. Walker",
        "E. Walker",
        "Walker",
        "BE Walker",
        "B. E. Walkers",
        "B. E. J. Walker",
        "Barnaby E. Walker",
        "B. E.; Walker",
        "Walker, B.E., Tucker, A.",
        "named by A. Tucker after B.E. Walker",
    ],
)
def test_another_name_is_another_person(name):
    assert by_specialist(pd.Series([name]), ["B. E. Walker"]).tolist() == [False]


def test_names_are_words_whatever_letters_they_have():
    assert people("J.-P. Müller & A. O'Brien | Smith-Jones, T. ; J. J. Dock") == {
        ("j", "müller", "p"),
        ("a", "o'brien"),
        ("smith-jones", "t"),
        ("dock", "j", "j"),
    }
    assert people("J. Dock") != people("J. J. Dock")
    assert people(unicodedata.normalize("NFD", "Müller, J.")) == {("j", "müller")}
    assert people("王 伟") == {tuple(sorted("王伟"))} and people(" ; | & 1999 (K)") == set()


@pytest.mark.parametrize("nobody", ["", " ; ", "1999", "(K)", 5, None, ["B. E. Walker"]])
def test_a_specialist_that_names_nobody_is_refused(nobody):
    with pytest.raises(BadInput, match=r"specialists has .* names nobody"):
        by_specialist(pd.Series(["B. E. Walker"]), ["B. E. Walker", nobody])


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("Holotype", True),
        ("ISOTYPE", True),
        ("isotype of Eugenia jambos L.", True),
        ("Neotypus", True),
        ("holotipo", True),
        ("Type?", True),
        ("Drawing of type", True),
        ("Isotype; not a type of anything else", True),
        ("Nomenclatural type", True),
        ("", False),
        ("none", False),
        ("Not a type", False),
        ("NOTATYPE", False),
        ("non-type", False),
        ("nontype", False),
        ("No type.", False),
        ("typical", False),
        ("voucher", False),
    ],
)
def test_a_type_status_makes_a_type_unless_it_denies_it(status, said):
    assert is_type(pd.Series([status])).tolist() == [said]


def test_a_name_has_the_standing_of_its_type_and_of_its_determiner():
    sheets = pd.DataFrame(
        {
            "type_status": ["", "Isotype", "", "Isotype", "Not a type"],
            "identified_by": ["", "", "Sundew, M.E.", "A. Nettle; M. E. Sundew", "A. Nettle"],
        }
    )
    both = "type, specialist"
    assert standing(sheets, ["M. E. Sundew"]) == ["", "type", "specialist", both, ""]
    assert standing(sheets) == ["", "type", "", "type", ""]
    assert standing(sheets.head(0).astype(object), ["M. E. Sundew"]) == []
