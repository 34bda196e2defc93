"""iDigBio: the files of a download of today and of 2015, and the search API."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from conftest import REAL_RECORDS, on_real_records
from herbnb.applications.standing import is_type
from herbnb.data.fetching.idigbio import API, fetch_records
from herbnb.data.records import terms
from herbnb.data.records.columns import read_columns
from herbnb.data.records.idigbio import read_records
from herbnb.data.records.selection import choose_specimens
from herbnb.errors import BadInput
from herbnb.specimens import RECORD

TODAY = (
    "coreid,dwc:occurrenceID,idigbio:barcodeValue,dwc:catalogNumber,dwc:institutionCode,"
    "dwc:basisOfRecord,dwc:genus,dwc:specificEpithet,dwc:family,dwc:order,dwc:recordedBy,"
    "dwc:recordNumber,dwc:eventDate,dcterms:rights"
)
RECORDS = [
    "a,urn:a,,k000001,k,preservedspecimen,syzygium,jambos,myrtaceae,myrtales,Hill,12,1901-02-03,",
    "b,urn:b,k000002,x,K,PreservedSpecimen,Eugenia,,Myrtaceae,,Hill,12,1901-02-03,CC0",
    'g,urn:g,../../k7,,K,PreservedSpecimen,Dendrobium,nobile,Orchidaceae,Asparagales,"A, B",7,,',
]
MEDIA = "coreid,ac:accessURI,dcterms:format,xmpRights:WebStatement,dcterms:rights,idigbio:uuid,idigbio:etag"
IMAGES = [
    "a,http://kew.example/1.jpg,image/jpeg,http://creativecommons.org/licenses/by/4.0/,all,,",
    "b,http://kew.example/2.jpg,,,,,0123456789abcdef",
    "g,http://kew.example/7.jpg,image/jpeg,,,,",
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
    specimens, steps = choose_specimens(records, institution="K")
    assert list(specimens["image_id"]) == ["K000001", "K000002", "K7"]
    assert list(steps["images"]) == [3] * 8
    first = specimens.iloc[0]
    assert first["species"] == "Syzygium jambos" and first["family"] == "Myrtaceae"
    assert first["institution"] == "K" and first["path"] == "images/K000001.jpg"
    assert first["licence"] == "http://creativecommons.org/licenses/by/4.0/"
    assert first["occurrence_id"] == "urn:a"
    copy = "https://api.idigbio.org/v2/media/0123456789abcdef?size=webview"
    assert specimens.loc[1, "urls"] == ["http://kew.example/2.jpg", copy]


def test_blanks_are_said_not_guessed(records):
    specimens, _ = choose_specimens(records)
    second = specimens.iloc[1]
    assert (second["species"], second["order"], second["licence"]) == ("Eugenia sp.", "unknown", "CC0")


def test_the_chapter_finds_the_columns_it_shows(records):
    shown = records[["barcode", "institution", "genus", "epithet", "recorded_by", "record_number", "url"]]
    assert list(shown.iloc[2]) == [
        "../../k7",
        "K",
        "Dendrobium",
        "nobile",
        "A, B",
        "7",
        "http://kew.example/7.jpg",
    ]


def test_a_tab_separated_download_with_the_older_columns(tmp_path):
    occurrence = ["id\tdwc:catalogNumber\tdwc:institutionCode\tdwc:basisOfRecord\tdwc:genus"]
    occurrence += ["x\tK1\tK\tPreservedSpecimen\tEugenia"]
    multimedia = ["coreid\tac:accessURI\tac:goodQualityAccessURI", "x\t\thttp://kew.example/x"]
    records = read_records(*write(tmp_path, occurrence, multimedia, "txt"))
    specimens, _ = choose_specimens(records)
    assert specimens.loc[0, "urls"] == ["http://kew.example/x"]


def test_a_stray_quotation_mark_in_the_header_swallows_no_row(tmp_path):
    media = 'coreid,"http://purl.org/dc/terms/identifier,ac:accessURI'
    images = ['a,,"http://kew.example/1?size=225,225"', "b,,http://kew.example/2"]
    records = read_records(*write(tmp_path, [TODAY, *RECORDS], [media, *images]))
    assert list(records["url"]) == ["http://kew.example/1?size=225,225", "http://kew.example/2"]


def test_the_files_of_gbif_are_read_too(tmp_path):
    occurrence = [
        "gbifID\tinstitutionCode\tcatalogNumber\tbasisOfRecord\tgenus\tgenericName\tspecificEpithet\tspecies",
        '1\tK\tK1\tPRESERVED_SPECIMEN\tSyzygium\tEugenia\tjambos\t"Syzygium jambos',
    ]
    multimedia = [
        "gbifID\ttype\tformat\tidentifier\treferences\tlicense\trightsHolder",
        "1\tStillImage\timage/jpeg\thttp://kew.example/1\thttp://kew.example/page\tCC BY\tKew",
    ]
    specimens, _ = choose_specimens(read_records(*write(tmp_path, occurrence, multimedia, "txt")))
    assert list(specimens.loc[0, ["species", "licence", "rights_holder"]]) == [
        "Eugenia jambos",
        "CC BY",
        "Kew",
    ]
    assert specimens.loc[0, "urls"] == ["http://kew.example/1"]


@pytest.mark.parametrize(
    ("occurrence", "multimedia", "said"),
    [
        ([TODAY], [MEDIA, *IMAGES], "holds no record"),
        ([TODAY, *RECORDS, RECORDS[0]], [MEDIA, *IMAGES], "'a' occurs twice"),
        ([MEDIA, *IMAGES], [TODAY, *RECORDS], "lacks the column 'genus'"),
        ([TODAY, *RECORDS], [TODAY, *RECORDS], "lacks the column 'access'"),
        ([TODAY, *RECORDS], [MEDIA, IMAGES[0] + ",more"], "record 1: it has more fields"),
    ],
)
def test_files_that_cannot_be_used_are_refused(tmp_path, occurrence, multimedia, said):
    with pytest.raises(BadInput, match=said):
        read_records(*write(tmp_path, occurrence, multimedia))


def test_a_missing_file_and_another_encoding_are_named(tmp_path):
    occurrence, multimedia = write(tmp_path, [TODAY, *RECORDS], [MEDIA, *IMAGES])
    with pytest.raises(BadInput, match=r"nowhere\.csv is missing"):
        read_records(tmp_path / "nowhere.csv", multimedia)
    occurrence.write_bytes(f"{TODAY}\n{RECORDS[0]}\n".replace("Hill", "Büttner").encode("latin-1"))
    with pytest.raises(BadInput, match="not UTF-8"):
        read_records(occurrence, multimedia)
    (tmp_path / "meta.xml").write_text(
        '<archive xmlns="http://rs.tdwg.org/dwc/text/"><core encoding="ISO-8859-1"><files>'
        "<location>occurrence.csv</location></files></core></archive>"
    )
    assert read_records(occurrence, multimedia).loc[0, "recorded_by"] == "Büttner"


def test_the_two_files_of_the_pocket_herbarium_name_its_kew_sheets(pocket):
    records = read_records(pocket / "kew" / "occurrence.csv", pocket / "kew" / "multimedia.csv")
    specimens, steps = choose_specimens(records, institution="K")
    there = {path.name for path in (pocket / "kew" / "images").iterdir()}
    lost = set(specimens["path"].str.removeprefix("images/")) - there
    assert there <= set(specimens["path"].str.removeprefix("images/")) and len(lost) == 1
    assert specimens["gathering"].str.match(r".+\|\d+\|\d{4}-\d\d-\d\d$").all()
    assert specimens["family"].isin(["Myrtaceae", "Orchidaceae"]).all() and set(specimens["institution"]) == {
        "K"
    }
    assert steps["images"].iloc[0] == len(specimens) + 1
    always = ["catalog_number", "recorded_by", "record_number", "event_date", "references", "country"]
    assert (specimens[[*always, "scientific_name", "institution_code"]] != "").all(axis=None)
    assert (specimens["catalog_number"] == specimens["image_id"]).all()
    assert (specimens["scientific_name"] == specimens["species"]).all()
    assert 0.5 < (specimens["identified_by"] != "").mean() < 1
    assert 0 < (specimens["previous_identifications"] != "").mean() < 0.5
    assert specimens["references"].str.startswith("http://kew.pocket.example/").all()


@on_real_records
def test_the_real_download_of_2015_is_read_whole():
    files = [REAL_RECORDS / "idigbio-2015" / f"{name}.txt" for name in ("occurrence", "multimedia")]
    records = read_records(*files)
    assert len(records) == files[1].read_text("utf-8").count("\n") - 1 >= 73
    assert set(records["record"]) == {"both"} and records["problem"].eq("").all()
    specimens, _ = choose_specimens(records)
    assert len(specimens) == len(records) and specimens["image_id"].is_unique
    assert all(len(urls) == 4 for urls in specimens["urls"])
    assert specimens["gathering"].str.contains(r"\|").any()
    first = specimens.iloc[0]
    assert first["catalog_number"] == first["image_id"] == "00519783"
    assert first["references"].startswith("http://portal.neherbaria.org/")
    filled = (specimens[list(RECORD)] != "").sum()
    blank = ["other_catalog_numbers", "identified_by", "date_identified", "type_status"]
    blank += ["identification_qualifier", "previous_identifications"]
    assert (filled[blank] == 0).all() and filled["record_number"] == 29
    assert (filled.drop([*blank, "record_number"]) == 74).all()


@on_real_records
def test_the_records_of_2015_say_who_named_them():
    occurrence = REAL_RECORDS / "idigbio-2015" / "occurrence.txt"
    found = read_columns(occurrence, terms.OCCURRENCE, [["coreid"]])
    filled = (found[list(RECORD)] != "").sum().to_dict()
    assert len(found) == filled["references"] == filled["catalog_number"] == filled["country"] == 916
    assert filled["identified_by"] == 3 and filled["date_identified"] == 22 and filled["type_status"] == 16
    assert filled["other_catalog_numbers"] == 59 and filled["scientific_name"] == 911
    assert set(found["identified_by"]) == {"", "L. A. Garay (scripsit)", "D. S. Correll"}
    denied = found["type_status"] == "Not a type"
    assert denied.sum() == 2 and is_type(found["type_status"]).sum() == 14


# The search API, on the loopback address.


class Api:
    """A stand-in for the search API: answers with `items`, in pages, or as told."""

    def __init__(self, media=(), records=(), status=200, body=None, limit=5000, count=None):
        self.items = {"/v2/search/media": list(media), "/v2/search/records": list(records)}
        self.status, self.body, self.limit, self.count = status, body, limit, count
        self.asked, self.failures = [], []

    def answer(self, path, question):
        self.asked.append((path, question))
        if self.failures:
            return self.failures.pop(0), b"try later"
        if self.body is not None or self.status != 200:
            return self.status, self.body or b'{"error": "no such field"}'
        items = self.items[path]
        page = items[question["offset"] :][: min(self.limit, question["limit"])]
        count = len(items) if self.count is None else self.count
        return 200, json.dumps({"itemCount": count, "items": page, "attribution": {}}).encode()


@contextmanager
def serving(api):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            status, body = api.answer(self.path, json.loads(self.rfile.read(length)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/v2"
        finally:
            server.shutdown()
            thread.join()


def media_item(number):
    index = {
        "uuid": f"m{number:09d}",
        "accessuri": f"http://kew.example/{number}.jpg",
        "format": "image/jpeg",
    }
    index |= {"records": [f"r{number}"], "etag": f"{number:040d}", "webstatement": None}
    data = {
        "ac:goodQualityAccessURI": f"http://kew.example/{number}?good",
        "dcterms:rightsHolder": 'Kew,\n "K"',
    }
    return {"uuid": index["uuid"], "type": "mediarecords", "indexTerms": index, "data": data}


def record_item(number):
    index = {"uuid": f"r{number}", "genus": "acer", "specificepithet": "rubrum", "collector": "hill\0"}
    index |= {"catalognumber": f"k{number:06d}", "institutioncode": "k", "basisofrecord": "preservedspecimen"}
    data = {"dwc:genus": "Acer", "dwc:recordNumber": number, "dwc:family": "Sapindaceae"}
    data |= {"dwc:recordedBy": "Hill", "dwc:identifiedBy": "M. E.\nSundew", "dwc:habitat": "bog"}
    data |= {"dcterms:references": f"http://kew.example/{number}"} if number % 2 else {}
    return {"uuid": index["uuid"], "type": "records", "indexTerms": index, "data": data}


def test_a_search_writes_the_two_files_of_a_download(tmp_path):
    api = Api([media_item(n) for n in range(7)], [record_item(n) for n in range(9)], limit=3)
    with serving(api) as address:
        paths = fetch_records({"institutioncode": "k", "genus": "acer"}, tmp_path / "to", api=address)
    assert [path.name for path in paths] == ["occurrence.csv", "multimedia.csv"]
    assert sorted(path.name for path in paths[0].parent.iterdir()) == [
        "multimedia.csv",
        "occurrence.csv",
        "occurrence_raw.csv",
    ]
    specimens, _ = choose_specimens(read_records(*paths), institution="K")
    assert list(specimens["image_id"]) == [f"K{n:06d}" for n in range(7)]
    assert set(specimens["species"]) == {"Acer rubrum"} and set(specimens["family"]) == {"Sapindaceae"}
    assert specimens.loc[2, "urls"][:2] == ["http://kew.example/2.jpg", "http://kew.example/2?good"]
    assert specimens.loc[2, "gathering"] == "hill|2|" and specimens.loc[2, "rights_holder"] == 'Kew, "K"'
    assert set(specimens["identified_by"]) == {"M. E. Sundew"} and set(specimens["recorded_by"]) == {"Hill"}
    assert list(specimens["references"][:3]) == ["", "http://kew.example/1", ""]
    assert "habitat" not in (tmp_path / "to" / "occurrence_raw.csv").read_text()
    path, question = api.asked[1]
    assert path == "/v2/search/media" and question["offset"] == 3 and question["no_attribution"] is True
    assert question["rq"] == {"institutioncode": "k", "genus": "acer", "hasImage": True}
    assert question["limit"] <= 5000 and question["sort"] == ["uuid"]


def test_a_query_of_the_media_is_passed_on(tmp_path):
    api = Api([media_item(1)], [record_item(1)])
    with serving(api) as address:
        fetch_records({"rq": {"genus": "acer"}, "mq": {"mediatype": "images"}}, tmp_path, api=address)
    assert api.asked[0][1]["mq"] == {"mediatype": "images"}
    assert api.asked[-1][0] == "/v2/search/records"


def test_a_server_that_stumbles_is_asked_again(tmp_path):
    api = Api([media_item(1)], [record_item(1)])
    api.failures = [500, 429, 503]
    with serving(api) as address:
        occurrence, _ = fetch_records({"genus": "acer"}, tmp_path, api=address, pause=0.001)
    assert occurrence.exists() and len(api.asked) == 5


@pytest.mark.parametrize(
    ("api", "said"),
    [
        (Api(), "iDigBio has no image for"),
        (Api([media_item(1)], count=100_001), "100,001 hits"),
        (Api([media_item(1)], [record_item(1)], count=3), "stopped after 1 of 3 items"),
        (Api([media_item(1)], status=500), r"does not answer \(500 Internal Server Error\)"),
        (Api([media_item(1)], status=400), "refuses .* with status 400 .*no such field"),
        (Api([media_item(1)], status=404, body=b"<html>"), "status 404"),
        (Api(body=b"<html>hello</html>"), "not as iDigBio's search API does"),
        (Api(body=b"[]"), "not as iDigBio's search API does"),
        (Api(body=b'{"itemCount": 1, "items": ["x"]}'), "not as iDigBio's search API does"),
        (Api(body=b'{"itemCount": 1, "items": [{"indexTerms": ["x"]}]}'), "not as iDigBio's search API does"),
        (Api(body=b'{"itemCount": -1, "items": []}'), "iDigBio has no image for"),
        (Api(body=b'{"itemCount": "1", "items": []}'), "not as iDigBio's search API does"),
        (Api(body=b'{"items": []}'), "not as iDigBio's search API does"),
    ],
)
def test_what_the_api_cannot_give_is_said_and_nothing_is_written(tmp_path, api, said):
    with serving(api) as address, pytest.raises(BadInput, match=said):
        fetch_records({"genus": "acer"}, tmp_path, api=address, pause=0.001)
    assert not list(tmp_path.iterdir())


def test_a_server_that_is_not_there_and_a_query_that_is_none_are_said(tmp_path):
    with pytest.raises(BadInput, match="does not answer"):
        fetch_records({"genus": "acer"}, tmp_path, api="http://127.0.0.1:9/v2", pause=0.001)
    for query in (["acer"], {"rq": "acer"}, "acer"):
        with pytest.raises(BadInput, match="The query is"):
            fetch_records(query, tmp_path)
    assert API.startswith("https://")
