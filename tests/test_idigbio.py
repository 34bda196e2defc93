"""The reader of iDigBio downloads, on small files in the columns of today and of 2015."""

import pytest

from herbnb.data.idigbio import choose_specimens, read_records
from herbnb.data.specimens import check_specimens
from herbnb.errors import BadInput

TODAY = (
    "coreid,dwc:occurrenceID,idigbio:barcodeValue,dwc:catalogNumber,dwc:institutionCode,"
    "dwc:basisOfRecord,dwc:genus,dwc:specificEpithet,dwc:family,dwc:order,dwc:recordedBy,"
    "dwc:recordNumber,dwc:eventDate,dcterms:rights"
)
RECORDS = [
    "a,urn:a,,k000001,k,preservedspecimen,syzygium,jambos,myrtaceae,myrtales,Hill,12,1901-02-03,",
    "b,urn:b,k000002,x,K,PreservedSpecimen,Eugenia,,Myrtaceae,,Hill,12,1901-02-03,CC0",
    "c,urn:c,k000003,,K,PreservedSpecimen,Syzygium,cumini,Myrtaceae,Myrtales,Hill,s.n.,1901,",
    "d,urn:d,n1,,ny,PreservedSpecimen,Syzygium,cumini,Myrtaceae,Myrtales,,,,",
    "e,urn:e,k000005,,K,LivingSpecimen,Syzygium,cumini,Myrtaceae,Myrtales,,,,",
    "f,urn:f,k000006,,K,PreservedSpecimen,,,Myrtaceae,Myrtales,,,,",
    'g,urn:g,../../k7,,K,PreservedSpecimen,Dendrobium,nobile,Orchidaceae,Asparagales,"A, B",7,,',
]
MEDIA = "coreid,ac:accessURI,dcterms:format,xmpRights:WebStatement,dcterms:rights,idigbio:uuid"
IMAGES = [
    "a,http://kew.example/1.jpg,image/jpeg,http://creativecommons.org/licenses/by/4.0/,all,m1",
    "a,http://kew.example/1b.jpg,image/jpeg,,,m2",
    "b,http://kew.example/2.jpg,,,,m3",
    "c,http://kew.example/3.jpg,image/jpeg,,,m4",
    "c,http://kew.example/3.mp3,audio/mpeg,,,m5",
    "d,http://kew.example/4.jpg,image/jpeg,,,m6",
    "e,http://kew.example/5.jpg,image/jpeg,,,m7",
    "f,http://kew.example/6.jpg,image/jpeg,,,m8",
    "g,,image/jpeg,,,m9",
    "g,http://kew.example/7.jpg,image/jpeg,,,m10",
    "unknown,http://kew.example/8.jpg,image/jpeg,,,m11",
]


def write(folder, occurrence, multimedia, suffix="csv"):
    paths = folder / f"occurrence.{suffix}", folder / f"multimedia.{suffix}"
    for path, lines in zip(paths, (occurrence, multimedia), strict=True):
        path.write_text("\n".join(lines) + "\n", "utf-8")
    return paths


@pytest.fixture
def records(tmp_path):
    return read_records(*write(tmp_path, [TODAY, *RECORDS], [MEDIA, *IMAGES]))


def test_a_download_of_today_becomes_a_specimens_table(records):
    specimens, steps = choose_specimens(records)
    assert list(specimens["image_id"]) == ["K000001", "K000002", "K000003", "-K7"]
    assert list(steps["images"]) == [11, 10, 8, 7, 6, 5, 4]
    first = specimens.iloc[0]
    assert first["species"] == "Syzygium jambos" and first["family"] == "Myrtaceae"
    assert first["institution"] == "K" and first["path"] == "images/K000001.jpg"
    assert first["licence"] == "http://creativecommons.org/licenses/by/4.0/"
    assert check_specimens(specimens, "kew")["split"].eq("kew").all()


def test_blanks_are_said_not_guessed(records):
    specimens, _ = choose_specimens(records)
    second = specimens.iloc[1]
    assert (second["species"], second["order"], second["licence"]) == (
        "Eugenia sp.",
        "unknown",
        "CC0",
    )


def test_duplicates_of_a_gathering_share_its_name_and_unnumbered_sheets_do_not(records):
    specimens, _ = choose_specimens(records)
    gathering = list(specimens["gathering"])
    assert gathering[0] == gathering[1] == "hill|12|1901-02-03"
    assert gathering[2] == "K000003"


def test_a_barcode_never_becomes_a_path(records):
    specimens, _ = choose_specimens(records)
    assert not specimens["path"].str.contains(r"\.\.").any()


def test_further_images_of_a_barcode_are_kept_on_request(records):
    specimens, _ = choose_specimens(records, images_per_specimen=2)
    assert list(specimens["image_id"][:2]) == ["K000001", "K000001_2"]


def test_every_institution_on_request(records):
    specimens, _ = choose_specimens(records, institution="")
    assert {"k", "ny", "K"} == set(specimens["institution"])


def test_a_tab_separated_download_with_the_older_columns(tmp_path):
    occurrence = ["id\tdwc:catalogNumber\tdwc:institutionCode\tdwc:basisOfRecord\tdwc:genus"]
    occurrence += ["x\tK1\tK\tPreservedSpecimen\tEugenia"]
    multimedia = ["coreid\tac:accessURI\tac:goodQualityAccessURI", "x\t\thttp://kew.example/x"]
    records = read_records(*write(tmp_path, occurrence, multimedia, "txt"))
    specimens, _ = choose_specimens(records)
    assert specimens.loc[0, "url"] == "http://kew.example/x"


def test_a_stray_quotation_mark_in_the_header_swallows_no_row(tmp_path):
    media = 'coreid,"http://purl.org/dc/terms/identifier,ac:accessURI'
    images = ['a,,"http://kew.example/1?size=225,225"', "b,,http://kew.example/2"]
    records = read_records(*write(tmp_path, [TODAY, *RECORDS], [media, *images]))
    assert list(records["url"]) == ["http://kew.example/1?size=225,225", "http://kew.example/2"]


@pytest.mark.parametrize(
    ("occurrence", "multimedia", "said"),
    [
        ([TODAY], [MEDIA, *IMAGES], "holds no record"),
        ([TODAY, *RECORDS, RECORDS[0]], [MEDIA, *IMAGES], "'a' occurs twice"),
        ([MEDIA, *IMAGES], [TODAY, *RECORDS], "lacks the column"),
    ],
)
def test_files_that_cannot_be_used_are_refused(tmp_path, occurrence, multimedia, said):
    with pytest.raises(BadInput, match=said):
        read_records(*write(tmp_path, occurrence, multimedia))


def test_a_missing_file_and_another_encoding_are_named(tmp_path):
    occurrence, multimedia = write(tmp_path, [TODAY, *RECORDS], [MEDIA, *IMAGES])
    occurrence.write_bytes("coreid\nMünchen\n".encode("latin-1"))
    with pytest.raises(BadInput, match="not UTF-8"):
        read_records(occurrence, multimedia)
    with pytest.raises(BadInput, match=r"nowhere\.csv is missing"):
        read_records(tmp_path / "nowhere.csv", multimedia)


def test_an_institution_without_sheets_is_said(records):
    with pytest.raises(BadInput, match="institution P"):
        choose_specimens(records, institution="P")
