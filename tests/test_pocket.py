"""The pocket herbarium: the same seed, the same bytes, in the layout that the readers read."""

import csv
import hashlib
import json
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from herbnb.applications.standing import people
from herbnb.errors import BadInput
from herbnb.pocket import accession, draw_herbarium, herbarium, institution, kew, records
from herbnb.pocket.determination import draw_determinations
from herbnb.pocket.folder import read_traits
from herbnb.pocket.history import draw_histories
from herbnb.pocket.records import MULTIMEDIA, OCCURRENCE, PAGES, SERVER
from herbnb.pocket.taxonomy import HALF_EARTH, KEW, species_of
from herbnb.pocket.traits import (
    Traits,
    inherit,
    pure_traits,
    relatives_of,
    take_after,
    traits_of,
    traits_of_specimen,
)

SHEETS, KEW_SHEETS = 130, 40


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    out = tmp_path_factory.mktemp("drawn") / "pocket"
    return draw_herbarium(out, 89, SHEETS, KEW_SHEETS, processes=2, progress=False)


@pytest.fixture(scope="module")
def metadata(drawn):
    return json.loads((drawn / "train" / "metadata.json").read_bytes())


@pytest.fixture(scope="module")
def traits(drawn):
    return pd.read_parquet(drawn / "traits.parquet")


def digests(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes_whatever_the_number_of_processes(drawn, tmp_path):
    again = draw_herbarium(tmp_path / "again", 89, SHEETS, KEW_SHEETS, processes=1, progress=False)
    assert digests(again) == digests(drawn)


def test_another_seed_gives_other_pictures_and_another_plan():
    plans = [accession.plan_half_earth(seed, 400) for seed in (89, 90)]
    assert [sheet.image_id for sheet in plans[0]] != [sheet.image_id for sheet in plans[1]]
    species = plans[0][0].species
    assert traits_of(89, species) != traits_of(90, species)


def test_another_seed_draws_another_sheet(tmp_path):
    sheet = accession.plan_half_earth(89, 400)[0]
    (tmp_path / sheet.path).parent.mkdir(parents=True)
    pictures = []
    for seed in (89, 90):
        herbarium.draw(tmp_path, seed, sheet)
        pictures.append((tmp_path / sheet.path).read_bytes())
    assert pictures[0] != pictures[1]


def test_ids_of_annotations_are_never_ids_of_images(metadata):
    images = [image["id"] for image in metadata["images"]]
    annotations = metadata["annotations"]
    assert not {row["id"] for row in annotations} & set(images)
    assert len(set(images)) == len(images) == SHEETS
    assert max(images) - min(images) >= 2 * SHEETS, "image ids have gaps"
    assert sorted(row["image_id"] for row in annotations) == sorted(images)


def test_every_image_is_where_the_layout_puts_it_and_decodes(drawn, metadata):
    category = {row["image_id"]: row["category_id"] for row in metadata["annotations"]}
    for image in metadata["images"]:
        number = category[image["id"]]
        assert image["file_name"] == f"images/{number // 100:03d}/{number % 100:02d}/{image['id']}.jpg"
        with Image.open(drawn / "train" / image["file_name"]) as picture:
            picture.load()
            assert picture.size == (image["width"], image["height"])
            assert max(picture.size) >= 320 and picture.height > picture.width
    assert len(list((drawn / "train" / "images").rglob("*.jpg"))) == SHEETS


def test_a_sheet_shows_a_plant(drawn, metadata):
    middle = []
    for image in metadata["images"]:
        with Image.open(drawn / "train" / image["file_name"]) as picture:
            wide, tall = picture.size
            grey = np.asarray(picture.convert("L"))[tall // 8 : 3 * tall // 4, wide // 8 : -wide // 8]
        middle.append((grey < 0.72 * np.median(grey)).mean())
    assert np.median(middle) > 0.04
    assert np.mean(np.array(middle) > 0.003) > 0.97


@pytest.mark.parametrize("tree", [HALF_EARTH, KEW])
def test_every_taxon_has_one_parent(tree):
    species = species_of(tree)
    assert len({kin.name for kin in species}) == len(species)
    for lower, upper in ((2, 1), (1, 0)):
        parents = {}
        for kin in species:
            parents.setdefault(kin[lower], set()).add(kin[upper])
        assert all(len(names) == 1 for names in parents.values())
    assert all(kin.name.split()[0] == kin.genus for kin in species)


def test_kew_asks_about_genera_that_half_earth_lacks():
    assert not {kin.genus for kin in species_of(KEW)} & {kin.genus for kin in species_of(HALF_EARTH)}
    orders = {kin.genus: (kin.order, kin.family) for kin in species_of(KEW)}
    assert orders["Syzygium"] == orders["Eugenia"] == ("Myrtales", "Myrtaceae")
    assert orders["Dendrobium"] == ("Asparagales", "Orchidaceae")


def test_the_whole_herbarium_has_its_ranks_and_its_long_tail():
    plan = accession.plan_half_earth(89, 2200)
    species = Counter(sheet.species for sheet in plan)
    assert len(plan) == 2200 and len(species) >= 150
    assert len({kin.genus for kin in species}) >= 24
    assert len({kin.family for kin in species}) >= 8
    assert len({kin.order for kin in species}) >= 4
    assert min(species.values()) == 3 and 45 <= max(species.values()) <= 100
    assert sum(min(count, 25) for count in species.values()) >= 1600
    keepers = Counter(sheet.institution.name for sheet in plan)
    assert len(keepers) == 5
    assert 0.62 < keepers["New York Botanical Garden"] / 2200 < 0.72


@pytest.mark.parametrize("sheets", [124, 400, 900])
def test_a_smaller_herbarium_keeps_every_genus_and_three_sheets_a_species(sheets):
    counts = accession.sheets_by_species(89, sheets)
    assert sum(counts.values()) == sheets and min(counts.values()) >= 3
    assert {kin.genus for kin in counts} == {kin.genus for kin in species_of(HALF_EARTH)}


def test_the_shares_of_the_institutions_are_shares():
    assert sum(keeper.share for keeper in institution.HALF_EARTH) == pytest.approx(1.0)


def test_leaves_differ_more_between_genera_than_within(traits):
    leaves = traits[traits["collection"] == "half_earth"]
    for trait in ("length", "ratio", "internode", "flower_size"):
        values = np.log(leaves[trait])
        within = values.groupby(leaves["genus"]).var().mean()
        between = values.groupby(leaves["genus"]).mean().var()
        assert between > 1.5 * within, trait


@pytest.fixture(scope="module")
def plan():
    return accession.plan_half_earth(89, 2200)


def test_a_few_sheets_bear_a_wrong_name(plan):
    wrong = [sheet for sheet in plan if sheet.species != sheet.true_species]
    assert 40 <= len(wrong) <= 110
    kin = sum(sheet.species in relatives_of(89, sheet.true_species) for sheet in wrong)
    assert kin > 0.6 * len(wrong), "most are taken for a relative"
    for sheet in wrong:
        assert sheet.species.name in sheet.label() and sheet.true_species.name not in sheet.label()


def test_pieces_of_a_gathering_lie_in_several_institutions(plan):
    pieces = {}
    for sheet in plan:
        pieces.setdefault(sheet.gathering, []).append(sheet)
    split = [sheets for sheets in pieces.values() if len(sheets) > 1]
    assert 0.06 * len(pieces) < len(split) < 0.16 * len(pieces)
    for sheets in split:
        assert len({sheet.institution.code for sheet in sheets}) == len(sheets)
        assert len({(sheet.collected, sheet.date, sheet.true_species) for sheet in sheets}) == 1


def test_institutions_have_their_own_floras_and_years(plan):
    table = pd.DataFrame(
        [(s.institution.code, s.true_species.order, s.true_species.genus, s.collector) for s in plan],
        columns=["house", "order", "genus", "collector"],
    )
    shares = pd.crosstab(table["order"], table["house"], normalize="columns")
    for keeper in institution.HALF_EARTH[1:]:
        for order in keeper.flora:
            assert shares.loc[order, keeper.code] > 1.3 * shares.loc[order, "NY"], (keeper.code, order)
    of_genus = table[table["house"] == "NY"].groupby("genus")["collector"]
    most = of_genus.agg(lambda names: names.value_counts(normalize=True).iloc[0])
    assert most.median() > 0.4, "one collector brought much of a genus, of ten who might have"
    homes = table[table["house"] == "L"].groupby("genus")["collector"].agg(lambda names: names.mode()[0])
    ours = of_genus.agg(lambda names: names.mode()[0])
    assert (homes == ours.reindex(homes.index)).mean() < 0.4, "and another one brought it elsewhere"


def test_old_paper_is_browner(drawn, traits):
    occurrences = read(drawn / "kew" / "occurrence.csv")
    years = {row["dwc:catalogNumber"]: int(row["dwc:eventDate"][:4]) for row in occurrences}
    sheets = traits[traits["collection"] == "kew"]
    assert np.corrcoef(sheets["image_id"].map(years), sheets["age"])[0, 1] < -0.2


def test_plants_take_after_relatives():
    kin = {species.name: species for species in species_of(HALF_EARTH)}
    oak, relatives = kin["Quercus alba"], relatives_of(89, kin["Quercus alba"])
    assert {relative.genus for relative in relatives} == {"Castanea"}
    assert relatives_of(89, kin["Plantago major"]) == (), "nobody else here grows as it does"
    own, other = pure_traits(89, oak), pure_traits(89, relatives[0])
    rng = np.random.default_rng(0)
    assert take_after(own, other, 0.0, rng).lobes == pytest.approx(own.lobes)
    whole = take_after(own, other, 1.0, rng)
    assert whole.ratio == pytest.approx(other.ratio) and whole.inflorescence == other.inflorescence
    half = take_after(own, other, 0.5, rng)
    assert half.length == pytest.approx((own.length * other.length) ** 0.5)
    assert take_after(Traits(lobes=0.0), Traits(lobes=4.0), 0.5, rng).lobes == 2.0
    specimens = [traits_of_specimen(89, oak, np.random.default_rng(lot)) for lot in range(200)]
    odd = [plant for plant in specimens if plant.inflorescence != "catkin" or plant.fruit != "acorn"]
    assert 4 < len(odd) < 60


def test_the_oracle_is_the_traits_as_numbers(drawn, traits):
    features = pd.read_parquet(drawn / "oracle.parquet")
    assert list(features["image_id"]) == list(traits["image_id"])
    vectors = np.stack(features["feature"])
    assert vectors.dtype == np.float32 and np.isfinite(vectors).all()
    assert np.abs(vectors.mean(axis=0)).max() < 1e-5
    spread = vectors.std(axis=0)
    assert (np.isclose(spread, 1, atol=1e-4) | (spread < 1e-6)).all()
    lengths = np.log(traits["length"]) - np.log(traits["length"]).mean()
    assert np.allclose(vectors[:, 0], lengths / lengths.std(ddof=0), atol=1e-5)


def test_a_rank_is_handed_down():
    parent = traits_of(89, species_of(KEW)[0])
    children = [inherit(parent, "specimen", np.random.default_rng(lot)) for lot in range(200)]
    lengths = np.log([child.length for child in children]) - np.log(parent.length)
    assert abs(lengths.mean()) < 0.05 and 0.08 < lengths.std() < 0.3
    assert len({child.length for child in children}) == 200
    assert sum(child.arrangement == parent.arrangement for child in children) > 180
    told = inherit(parent, "genus", np.random.default_rng(0), arrangement="whorled")
    assert told.arrangement == "whorled"


def test_the_table_of_traits_has_a_row_for_every_image(drawn, traits, metadata):
    images = {str(image["id"]) for image in metadata["images"]}
    barcodes = {path.stem for path in (drawn / "kew" / "images").iterdir()}
    assert set(traits.loc[traits["collection"] == "half_earth", "image_id"]) == images
    assert set(traits.loc[traits["collection"] == "kew", "image_id"]) == barcodes
    assert len(barcodes) == KEW_SHEETS and traits["image_id"].is_unique


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_two_files_of_kew_join_and_have_the_columns_of_today(drawn):
    occurrences, media = read(drawn / "kew" / "occurrence.csv"), read(drawn / "kew" / "multimedia.csv")
    assert list(occurrences[0]) == OCCURRENCE and list(media[0]) == MULTIMEDIA
    assert len(OCCURRENCE) == 81 and len(MULTIMEDIA) == 22
    known = {row["coreid"]: row for row in occurrences}
    assert len(known) == len(occurrences) == KEW_SHEETS + 3
    assert {row["coreid"] for row in media} < set(known), "all media join, one occurrence has none"
    assert len(media) == KEW_SHEETS + 2

    sheets = [row for row in media if known[row["coreid"]]["dwc:basisOfRecord"] == "PreservedSpecimen"]
    urls = [row["ac:accessURI"] for row in sheets]
    assert all(url.startswith(f"{SERVER}/K") for url in urls)
    lost = [url for url in urls if not (drawn / "kew" / "images" / url.rpartition("/")[2]).exists()]
    assert len(lost) == 1
    assert sum(row["dwc:basisOfRecord"] == "HumanObservation" for row in occurrences) == 1
    assert all(
        url.endswith(f"/{known[row['coreid']]['dwc:catalogNumber']}.jpg")
        for url, row in zip(urls, sheets, strict=True)
    )


def test_some_duplicates_go_under_different_names(drawn, traits):
    sheets = traits[traits["collection"] == "kew"]
    wrong = sheets[sheets["species"] != sheets["true_species"]]
    assert 0 < len(wrong) < 0.25 * len(sheets)
    for gathering in wrong["gathering"]:
        duplicates = sheets[sheets["gathering"] == gathering]
        assert len(duplicates) >= 2 and duplicates["species"].nunique() == 2
        assert duplicates["true_species"].nunique() == 1
        assert duplicates["length"].nunique() == 1, "duplicates are parts of one specimen"
    occurrences = {row["dwc:catalogNumber"]: row for row in read(drawn / "kew" / "occurrence.csv")}
    for row in sheets.itertuples():
        record = occurrences[row.image_id]
        assert record["dwc:scientificName"] == row.species and record["dwc:genus"] == row.genus
        assert f"{record['dwc:recordedBy']} {record['dwc:recordNumber']}" == row.gathering


def test_the_herbarium_says_more_of_kew_than_the_portal(drawn):
    occurrences = {row["coreid"]: row for row in read(drawn / "kew" / "occurrence.csv")}
    written = read(drawn / "kew" / "occurrence_raw.csv")
    assert [row["coreid"] for row in written] == [*occurrences]
    for row in written:
        portal = occurrences[row["coreid"]]
        assert all(portal[term] == word for term, word in row.items() if term in portal)
        assert row["dcterms:references"] == f"{PAGES}/{row['dwc:catalogNumber']}" and row["dwc:country"]
    assert {"dwc:identifiedBy", "dwc:dateIdentified"} <= {*written[0]} - {*OCCURRENCE}


def test_determinations_of_kew_are_plausible():
    plan = kew.plan_kew(89, 360)
    found = draw_determinations(plan, 89)
    assert found == draw_determinations(plan, 89) != draw_determinations(plan, 90)
    regions, types = {}, {}
    for sheet, known in zip(plan, found, strict=True):
        assert bool(known.identified_by) == bool(known.date_identified)
        assert known.date_identified[:4] >= sheet.date[:4] or not known.date_identified
        regions.setdefault(sheet.gathering, set()).add((known.country, known.state))
        if sheet.species != sheet.true_species:
            assert known.identified_by not in ("", sheet.collector), "the collector knew better"
        if known.type_status:
            types.setdefault(sheet.true_species, []).append((sheet.gathering, known.type_status))
    assert all(len(places) == 1 for places in regions.values())
    assert 1 <= len(types) <= 10
    for sheets in types.values():
        assert len({gathering for gathering, _ in sheets}) == 1
        assert sum(status == "Neotype" for _, status in sheets) == 1
    named = Counter(known.identified_by for known in found)
    assert 0.15 < named[""] / 360 < 0.35
    sundew = {name for name in named if ("e", "m", "sundew") in people(name)}
    assert sundew == {"M. E. Sundew", "Sundew, M.E."}
    assert 5 <= sum(known.qualifier in ("cf.", "aff.") for known in found) <= 40


def test_what_sheets_were_called_before_moves_nothing_else():
    plan = kew.plan_kew(89, 360)
    known = draw_determinations(plan, 89)
    found = draw_histories(plan, known, 89)
    assert found == draw_histories(plan, known, 89) != draw_histories(plan, known, 90)
    assert [each._replace(previous="") for each in found] == known
    told = {"true": 0, "silent": 0, "other": 0}
    for sheet, each in zip(plan, found, strict=True):
        if each.identified_by in ("", sheet.collector):
            assert not each.previous, "nobody has named it again"
            continue
        years = [int(name.rsplit(", ", 1)[1]) for name in each.previous.split(" | ") if name]
        assert years == sorted(years) and years[:1] in ([], [int(sheet.date[:4])])
        assert all(year < int(each.date_identified[:4]) for year in years)
        if sheet.species != sheet.true_species:
            right = sheet.true_species.name in each.previous
            told["true" if right else "other" if each.previous else "silent"] += 1
    assert min(told["true"], told["silent"]) >= 3, "of a wrong name the earlier one is right, or unknown"
    named = [(sheet, each.previous) for sheet, each in zip(plan, found, strict=True) if each.previous]
    assert 0.2 < len(named) / 360 < 0.4 and any(" | " in previous for _, previous in named)
    right = [(sheet, previous) for sheet, previous in named if sheet.species == sheet.true_species]
    assert any(not previous.startswith(sheet.species.genus) for sheet, previous in right), "and the reverse"


def test_what_the_herbarium_wrote_is_the_same_but_for_earlier_names(tmp_path, monkeypatch):
    plan, files = kew.plan_kew(89, 60), ("occurrence.csv", "multimedia.csv", "occurrence_raw.csv")
    for folder in ("with", "without"):
        (tmp_path / folder).mkdir()
        records.write_records(tmp_path / folder, plan, 89)
        monkeypatch.setattr(records, "draw_histories", lambda accessions, known, seed: known)
    texts = [
        [(tmp_path / folder / name).read_text("utf-8") for name in files] for folder in ("with", "without")
    ]
    assert texts[0][:2] == texts[1][:2] and texts[0][2] != texts[1][2]
    rows = [read(tmp_path / folder / files[2]) for folder in ("with", "without")]
    earlier = [[row.pop("dwc:previousIdentifications") for row in table] for table in rows]
    assert rows[0] == rows[1] and any(earlier[0]) and not any(earlier[1])


def test_kew_has_its_three_genera_in_their_shares():
    plan = kew.plan_kew(89, 360)
    genera = Counter(sheet.true_species.genus for sheet in plan)
    assert genera == {"Syzygium": 150, "Eugenia": 130, "Dendrobium": 80}
    crossed = [sheet for sheet in plan if sheet.species.genus != sheet.true_species.genus]
    assert len(crossed) >= 5
    assert len({sheet.image_id for sheet in plan}) == 360


def test_drawing_again_leaves_it(drawn):
    before = (drawn / "pocket.json").stat().st_mtime_ns
    assert draw_herbarium(drawn, 89, SHEETS, KEW_SHEETS, progress=False) == drawn
    assert (drawn / "pocket.json").stat().st_mtime_ns == before


def test_other_parameters_are_refused(drawn):
    with pytest.raises(BadInput, match="other parameters"):
        draw_herbarium(drawn, 90, SHEETS, KEW_SHEETS, progress=False)


def test_a_folder_of_someone_else_is_refused_and_kept(tmp_path):
    theirs = tmp_path / "pocket" / "thesis.txt"
    theirs.parent.mkdir()
    theirs.write_text("years of work")
    with pytest.raises(BadInput, match="no pocket herbarium"):
        draw_herbarium(theirs.parent, progress=False)
    part = tmp_path / "other.part"
    part.mkdir()
    (part / "thesis.txt").write_text("more years")
    with pytest.raises(BadInput, match="not ours"):
        draw_herbarium(tmp_path / "other", progress=False)
    assert theirs.read_text() == "years of work" and (part / "thesis.txt").exists()


def test_an_interrupted_drawing_leaves_nothing(tmp_path, monkeypatch):
    def draw(folder, seed, sheet):
        if sheet.number == 5:
            raise KeyboardInterrupt
        return drawing(folder, seed, sheet)

    drawing = herbarium.draw
    monkeypatch.setattr(herbarium, "draw", draw)
    with pytest.raises(KeyboardInterrupt):
        draw_herbarium(tmp_path / "pocket", 89, 124, 24, processes=1, progress=False)
    assert [left.name for left in tmp_path.iterdir()] == [".pocket.lock"]


def test_two_who_draw_at_once_draw_one_herbarium(tmp_path):
    asked = tmp_path / "pocket", 89, 124, 24, 1, False
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        folders = {each.result() for each in [pool.submit(draw_herbarium, *asked) for _ in range(2)]}
    assert folders == {tmp_path / "pocket"}
    assert sorted(left.name for left in tmp_path.iterdir()) == [".pocket.lock", "pocket"]
    assert len(read_traits(tmp_path / "pocket")) == 148


@pytest.mark.parametrize(
    ("parameters", "match"),
    [({"sheets": 50}, "at least 124"), ({"kew_sheets": 3}, "at least 24"), ({"seed": -1}, "seed is -1")],
)
def test_too_little_is_refused_before_anything_is_made(tmp_path, parameters, match):
    with pytest.raises(BadInput, match=match):
        draw_herbarium(tmp_path / "pocket", progress=False, **parameters)
    assert list(tmp_path.iterdir()) == []
