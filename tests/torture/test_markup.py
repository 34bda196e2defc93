"""Markup and commands: text from data arrives as text, wherever it stands."""

import pytest

from torture.markup import ROWS, Place


@pytest.mark.parametrize(("place", "texts"), ROWS, ids=[place.name for place, _ in ROWS])
def test_text_arrives_as_text(place: Place, texts: dict[str, str]) -> None:
    for text in texts.values():
        letters = ("Poa annua " * 9)[: len(text) - 1] + "L"
        place.check(place.show(text), place.show(letters), text)


def test_every_place_has_a_name_of_its_own() -> None:
    assert len({place.name for place, _ in ROWS}) == len(ROWS) >= 40
