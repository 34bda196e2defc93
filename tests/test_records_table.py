"""From records of any download to the specimens table."""

import pandas as pd
import pytest

from herbnb.data.records import terms
from herbnb.data.records.media import join_records
from herbnb.data.records.selection import choose_specimens
from herbnb.errors import BadInput
from herbnb.specimens import RECORD, check_specimens

SPECIMENS = [
    dict(coreid="a", barcode="k000001", institution="k", basis="preservedspecimen", genus="syzygium"),
    dict(coreid="b", barcode="K000002", institution="K", basis="PRESERVED_SPECIMEN", genus="Eugenia"),
    dict(coreid="c", barcode="K000003", institution="K", basis="PreservedSpecimen", genus="Syzygium"),
    dict(coreid="d", barcode="K000003", institution="ny", basis="PreservedSpecimen", genus="Acer"),
    dict(coreid="e", barcode="K000005", institution="K", basis="LivingSpecimen", genus="Syzygium"),
    dict(coreid="f", barcode="K000006", institution="K", basis="PreservedSpecimen", family="Myrtaceae"),
    dict(coreid="g", barcode="", institution="", basis="PreservedSpecimen", name="Acer cf. rubrum L."),
]
MEDIA = [
    dict(coreid="a", access="http://x.example/1.jpg", licence="CC0"),
    dict(coreid="a", access="http://x.example/1.jpg"),
    dict(coreid="a", access="http://x.example/1b.jpg", format="image/tiff"),
    dict(coreid="b", access="http://x.example/2.jpg", format="StillImage"),
    dict(coreid="c", access="http://x.example/3.mp3", format="audio/mpeg"),
    dict(coreid="c", access="http://x.example/3.jpg", format="JPG"),
    dict(coreid="d", access="http://x.example/4.jpg", format="application/octet-stream"),
    dict(coreid="e", access="http://x.example/5.jpg"),
    dict(coreid="f", access="http://x.example/6.jpg"),
    dict(coreid="g", access="http://x.example/7.jpg"),
    dict(coreid="g", access="file:///etc/passwd"),
    dict(coreid="nobody", access="http://x.example/8.jpg"),
]


def table(rows, columns):
    return pd.DataFrame(rows, columns=list(columns), dtype=object).fillna("").astype(str)


def joined(specimens=SPECIMENS, media=MEDIA):
    return join_records(table(specimens, terms.OCCURRENCE), table(media, terms.MULTIMEDIA), "occurrence.csv")


def one(specimen, **medium):
    """The one image of a specimen."""
    medium = {"coreid": "a", "access": "http://x.example/1.jpg"} | medium
    specimens, _ = choose_specimens(joined([{"coreid": "a", "genus": "Acer"} | specimen], [medium]), basis="")
    return specimens.iloc[0]


def test_records_become_specimens_and_each_step_is_counted():
    specimens, steps = choose_specimens(joined())
    assert dict(zip(steps["step"], steps["images"], strict=True)) == {
        "media described": 12,
        "with a specimen record": 11,
        "an image with an address": 9,
        "basis of record PreservedSpecimen": 8,
        "institution any": 8,
        "named to a genus": 7,
        "each address of a specimen once": 6,
        "1 of a specimen at most": 5,
    }
    assert list(specimens["image_id"]) == ["K000001", "K000002", "K-K000003", "NY-K000003", "G"]
    assert list(specimens["institution"]) == ["K", "K", "K", "NY", "unknown"]
    assert list(specimens["species"])[::4] == ["Syzygium sp.", "Acer sp."]
    assert check_specimens(specimens, "x")["split"].eq("collection").all()
    assert list(specimens["path"]) == [f"images/{name}.jpg" for name in specimens["image_id"]]


def test_further_images_of_a_specimen_are_kept_apart_on_request():
    specimens, _ = choose_specimens(joined(), images_per_specimen=5)
    assert list(specimens["image_id"][:2]) == ["K000001", "K000001_2"]
    assert specimens["gathering"][0] == specimens["gathering"][1]


def test_one_institution_on_request_in_the_spelling_asked_for():
    specimens, _ = choose_specimens(joined(), institution="k")
    assert list(specimens["image_id"]) == ["K000001", "K000002", "K000003"]
    assert set(specimens["institution"]) == {"k"}
    with pytest.raises(BadInput, match="institution P"):
        choose_specimens(joined(), institution="P")


def test_candidates_are_in_order_without_blanks_repeats_and_other_schemes():
    full = dict(
        access="http://x.example/1",
        best="http://x.example/best",
        identifier="http://x.example/page",
        good="http://x.example/good",
        etag="0123456789abcdef",
        uuid="1a56754c-d897-497b-8451-5578f8730cd0",
    )
    idigbio = "https://api.idigbio.org/v2/media/{}?size=webview"
    copies = [idigbio.format(full["etag"]), idigbio.format(full["uuid"])]
    assert one({}, **full)["urls"] == ["http://x.example/1", "http://x.example/good", *copies]
    assert one({}, **full | {"access": ""})["urls"][:2] == ["http://x.example/best", "http://x.example/good"]
    assert one({}, access="", identifier="http://x.example/page")["urls"] == ["http://x.example/page"]
    assert one({}, identifier="urn:uuid:1", good="http://x.example/1.jpg")["urls"] == [
        "http://x.example/1.jpg"
    ]
    assert one({}, access="ftp://x.example/1", good="HTTPS://x.example/2")["urls"] == ["HTTPS://x.example/2"]
    assert one({}, etag="../../records", uuid="javascript:alert(1)")["urls"] == ["http://x.example/1.jpg"]


def test_duplicates_of_a_gathering_share_its_name_and_unnumbered_sheets_do_not():
    rows = [
        dict(coreid="a", barcode="K1", recorded_by="Hill", record_number="12", event_date="1901-02-03"),
        dict(
            coreid="b",
            barcode="NY1",
            recorded_by="HILL",
            record_number="12",
            event_date="1901-02-03T00:00:00",
        ),
        dict(coreid="c", barcode="K3", recorded_by="Hill", record_number="s.n.", event_date="1901-02-03"),
        dict(coreid="d", barcode="K4", recorded_by="", record_number="12", event_date="1901-02-03"),
    ]
    rows = [row | {"genus": "Acer"} for row in rows]
    media = [dict(coreid=row["coreid"], access=f"http://x.example/{row['coreid']}") for row in rows]
    specimens, _ = choose_specimens(joined(rows, media), basis="")
    assert list(specimens["gathering"]) == ["hill|12|1901-02-03"] * 2 + ["K3", "K4"]


def test_the_words_of_a_record_travel_with_its_specimen():
    told = {column: f"<{column}> é; |&" for column in RECORD}
    specimen = one(told | {"genus": "Acer"})
    assert specimen[list(RECORD)].to_dict() == told
    assert list(check_specimens(specimen.to_frame().T, "x")[list(RECORD)].iloc[0]) == [*told.values()]
    assert (one({})[[name for name in RECORD if name != "scientific_name"]] == "").all()


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        (dict(scientific_name="Acer cf. rubrum L.", name="acer"), "Acer cf. rubrum L."),
        (dict(name="ACER RUBRUM"), "ACER RUBRUM"),
        (dict(genus="ACER", epithet="cf. rubrum"), "ACER cf. rubrum"),
        (dict(genus="Acer", epithet="Acer rubrum L."), "Acer rubrum L."),
        (dict(genus="", epithet="Acer rubrum"), "Acer rubrum"),
        (dict(genus="Acer"), "Acer"),
    ],
)
def test_the_whole_name_is_kept_as_the_record_has_it(given, whole):
    assert one(given)["scientific_name"] == whole


@pytest.mark.parametrize(
    ("given", "species"),
    [
        (dict(genus="ACER", epithet="RUBRUM"), "Acer rubrum"),
        (dict(genus="× Cuprocyparis", epithet="leylandii"), "Cuprocyparis leylandii"),
        (dict(genus="Acer", epithet="× freemanii"), "Acer freemanii"),
        (dict(genus="Acer", epithet="cf. rubrum"), "Acer sp."),
        (dict(genus="Acer", epithet="sp. 3"), "Acer sp."),
        (dict(genus="Acer L.", epithet="rubrum"), "Acer rubrum"),
        (dict(genus="Acer", epithet="Acer rubrum"), "Acer rubrum"),
        (dict(genus="ACER", epithet="RUBRUM L."), "Acer rubrum"),
        (dict(genus="Eugenia", epithet="Syzygium jambos"), "Eugenia sp."),
        (dict(genus="", name="Acer rubrum L."), "Acer rubrum"),
        (dict(genus="", epithet="Acer rubrum"), "Acer rubrum"),
        (dict(genus="<script>alert(1)</script>", epithet="x"), "<script>alert(1)</script> x"),
    ],
)
def test_names_are_parsed_and_a_hostile_one_stays_text(given, species):
    assert one(given)["species"] == species


@pytest.mark.parametrize("genus", ["Orchidaceae", "indet.", "A.", "cf. Acer"])
def test_what_is_no_genus_is_not_taken_for_one(genus):
    with pytest.raises(BadInput, match="named to a genus"):
        one(dict(genus=genus))
    records = joined([{"coreid": "a", "genus": genus}], MEDIA[:1])
    assert records.loc[0, "problem"]


def test_licence_and_holder_are_those_of_the_image_else_of_the_record():
    record = dict(record_licence="CC BY", record_holder="Kew")
    assert tuple(one(record)[["licence", "rights_holder"]]) == ("CC BY", "Kew")
    both = one(record, licence="CC0", rights_holder="Someone")
    assert tuple(both[["licence", "rights_holder"]]) == ("CC0", "Someone")


@pytest.mark.parametrize("barcode", ["../../../etc/passwd", "CON", "a" * 300, "K1\\..\\x", "标本", "..."])
def test_a_barcode_never_leads_out_of_the_folder(barcode):
    specimen = one(dict(barcode=barcode))
    assert specimen["path"].count("/") == 1 and ".." not in specimen["path"]
    assert len(specimen["path"]) <= 100 and specimen["image_id"] not in ("CON", "")


def test_a_record_id_that_occurs_twice_is_refused_and_blank_ones_join_nothing():
    with pytest.raises(BadInput, match=r"occurrence\.csv: the coreid 'a' occurs twice"):
        joined([*SPECIMENS, SPECIMENS[0]])
    records = joined([dict(coreid="", genus="Acer")] * 2, [dict(coreid="", access="http://x.example/1")])
    assert list(records["record"]) == ["left_only"]
