"""The cabinet: a review list is worked through by people, and what they decided goes into the database."""

from herbnb.cabinet.card import list_card

__all__ = ["list_card"]
