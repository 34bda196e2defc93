"""Scientific names, taken apart into genus and epithet; what a name leaves open stays open.

GBIF's own parser (gbif-name-parser 0.4.0) was tried on 916 names of real records, with the same results,
and left: it guesses (`Acer et`, `Acer nov.` are species, Cyrillic letters and a page's markup become
Latin names, the doubt of `Prunus avium (?)` is lost), so nine tenths of what stands here would stay.
"""

import re
import unicodedata

import pandas as pd

WORD = r"[A-Za-zÀ-ÖØ-Þà-öø-ÿŒœŸ]+(?:[-'’][A-Za-zÀ-ÖØ-Þà-öø-ÿŒœŸ]+)*"
"""Latin letters; the code of nomenclature knows others only as misspellings."""

KINDS = {
    "unnamed": """incertae indet indetermined indeterminate na nan nil no none null plant plantae
        sterile undet undetermined unident unidentified unknown unnamed""",
    "families": """compositae cruciferae gramineae guttiferae labiatae leguminosae palmae
        umbelliferae""",
    "no epithet": """and auct bis comb de del der des du et ex f fil hort in indet la le ined nec nom
        non nov or s sect sensu ser sp species spp stat subg subgen und van vel von x""",
    "doubt": "cf aff nr near ? vel",
    "infraspecific": "subsp ssp var subvar f fo forma subf cv",
}
WORDS = {kind: frozenset(words.split()) for kind, words in KINDS.items()}
"""Words of a name that are none, or that say what the next one is; the eight families that may also
be called by an older name; and words in small letters that may follow a genus and are no epithet."""

HYBRID = frozenset("×xX")

NO_NAME = "is not a scientific name"


def parse_name(text: str) -> tuple[str, str, str]:
    """Take a scientific name apart: return the genus, the specific epithet, and what is wrong.

    Authors, years, infraspecific ranks and cultivars are left out, and so is the sign of a hybrid that
    has a name of its own (`Acer × freemanii`, `× Cuprocyparis leylandii`). Case does not count, except
    that a capital after the genus begins an author (`Acer L.`), unless all is in capitals. Nothing is
    guessed: of `Acer cf. rubrum`, `Acer sp.` or `Acer rubrum × A. saccharinum` only the genus is
    returned, of `cf. Acer rubrum`, `A. rubrum`, `Sapindaceae` or `indet.` nothing.

    Returns:
        `genus` ("" when unknown), `epithet` ("" when unknown), and `problem`: "" when both are known,
        else words that can follow "the name ...".
    """
    words = text_to_words(text)
    if words and words[0] in HYBRID:
        words = words[1:]
    if not words:
        return "", "", "is blank"
    if bare(words[0]) in WORDS["doubt"] or words[0].endswith("?") or words[1:2] == ["?"]:
        return "", "", "is doubtful, genus and all"
    genus = words[0].rstrip(",;")
    problem = not_a_genus(genus)
    if problem:
        return "", "", problem
    epithet, problem = epithet_of(words[1:], shouted=text == text.upper())
    return genus.capitalize(), epithet, problem


def text_to_words(text: str) -> list[str]:
    """Split a name into words; the signs of hybrids and of doubt are words of their own."""
    text = unicodedata.normalize("NFC", text).replace("_", " ")
    return re.sub(r"([×?])", r" \1 ", text).split()


def bare(word: str) -> str:
    """Return a word in small letters without its full stops and commas."""
    return word.strip(".,;:").lower()


def not_a_genus(word: str) -> str:
    """Say why a word cannot be the name of a genus, or "" if it can."""
    if bare(word) in WORDS["unnamed"] or bare(word) in WORDS["no epithet"]:
        return "says that the plant has not been named"
    if re.fullmatch(r"[^\W\d_]{1,3}\.", word):
        return "has an abbreviated genus"
    if not re.fullmatch(WORD, word) or len(word) < 2:
        return NO_NAME
    if bare(word).endswith("aceae") or bare(word) in WORDS["families"]:
        return "is of a family, not of a genus"
    return ""


def epithet_of(words: list[str], shouted: bool) -> tuple[str, str]:
    """Find the specific epithet among the words after the genus: return it and what is wrong."""
    if words and re.fullmatch(r"\(\w+\)", words[0]) and len(words) > 1 and words[1][:1].islower():
        words = words[1:]  # a subgenus
    named_hybrid = bool(words) and words[0] in HYBRID
    words = words[named_hybrid:]
    species = words
    for number, word in enumerate(words[1:], 1):
        if bare(word) in WORDS["infraspecific"] and word != "f.":  # what follows is not about the species
            species = words[:number]
            break
    if any(word in HYBRID for word in words):
        return "", "is a formula of two parents"
    doubts = [word for word in species if bare(word) in WORDS["doubt"]]
    about_the_variety = len(species) == 2 and len(words) > 2 and doubts == species[1:]
    if doubts and not about_the_variety:
        return "", f"is doubtful ({doubts[0]})"
    word = species[0].rstrip(",;") if species else ""
    no_epithet = bare(word) in WORDS["no epithet"] | WORDS["infraspecific"]
    small = word[:1].islower() or shouted
    if no_epithet or not small or len(word) < 2 or not re.fullmatch(WORD, word):
        return "", "stops at the genus"
    return word.lower(), ""


def parse_names(records: pd.DataFrame) -> dict[str, pd.Series]:
    """Parse the names of the records: `genus`, `epithet` and `problem` (which quotes the name).

    A blank genus is taken from the scientific name. A genus that is not the name of a plant at all is
    kept as the text it is, for a reader to see. So is the whole name as the record has it: a blank
    `scientific_name` is filled with the name, or with genus and epithet, before they are taken apart.
    """
    names = list(zip(records["genus"], records["epithet"], records["name"], strict=True))
    found = {}
    for name in dict.fromkeys(names):
        genus, epithet, problem = parse_columns(*name)
        said = " ".join(filter(None, name[:2] if name[0] else name[1:]))
        problem = problem and f"the name {said!r} {problem}"
        found[name] = genus, epithet, problem, whole_name(*name)
    parsed = {
        part: pd.Series([found[name][number] for name in names], index=records.index, dtype=str)
        for number, part in enumerate(("genus", "epithet", "problem", "scientific_name"))
    }
    given = records["scientific_name"]
    return parsed | {"scientific_name": given.where(given != "", parsed["scientific_name"])}


def whole_name(genus: str, epithet: str, name: str) -> str:
    """Return the name of a record as it stands there, in whichever of these three columns."""
    parts = [epithet] if epithet.startswith(f"{genus} ") else [genus, epithet]
    return name or " ".join(filter(None, parts))


def parse_columns(genus: str, epithet: str, name: str) -> tuple[str, str, str]:
    """Return genus, epithet and problem of a record that has these three columns."""
    if not genus:
        return parse_name(name or (epithet if " " in epithet else ""))
    word, _, problem = parse_name(genus)
    if not word:
        return (genus, epithet, problem) if problem == NO_NAME else ("", "", problem)
    other, species, _ = parse_name(epithet)
    if species and epithet[0].isupper():  # a whole name under `species`
        if other != word:
            return word, "", "has another genus in its species"
        epithet = species
    return parse_name(f"{word} {epithet.lower()}")
