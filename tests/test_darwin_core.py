"""Darwin Core Archives, as they are written and as they should never be."""

import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import REAL_RECORDS, on_real_records
from herbnb.applications.standing import by_specialist
from herbnb.data.records.darwin_core import read_archive
from herbnb.data.records.selection import choose_specimens
from herbnb.errors import BadInput
from herbnb.specimens import RECORD

DWC = "http://rs.tdwg.org/dwc/terms/"
GBIF = "http://rs.gbif.org/terms/1.0/Multimedia"
AUDUBON = "http://rs.tdwg.org/ac/terms/Multimedia"
PLAIN = 'encoding="UTF-8" fieldsTerminatedBy="," linesTerminatedBy="\\n" fieldsEnclosedBy="&quot;"'
CORE = ["basisOfRecord", "institutionCode", "catalogNumber", "genus", "specificEpithet", "recordedBy"]
ROWS = [
    ["1", "PreservedSpecimen", "K", "K1", "Acer", "rubrum", "Müller"],
    ["2", "PreservedSpecimen", "K", "K2", "Acer", "", 'A "B" C'],
]
PICTURES = [["1", "http://x.example/1.jpg", "CC0"], ["2", "http://x.example/2.jpg", ""]]


def fields(names):
    return "".join(f'<field index="{n}" term="{DWC}{name}"/>' for n, name in enumerate(names, 1))


def core(told=PLAIN, body="", location="occurrence.txt", row_type=DWC + "Occurrence", key='<id index="0"/>'):
    return (
        f'<core {told} ignoreHeaderLines="0" rowType="{row_type}"><files><location>{location}</location>'
        f"</files>{key}{body or fields(CORE)}</core>"
    )


def pictures(told=PLAIN, row_type=GBIF, location="multimedia.txt"):
    body = '<field index="1" term="http://purl.org/dc/terms/identifier"/>'
    body += '<field index="2" term="http://purl.org/dc/terms/license"/>'
    return (
        f'<extension {told} ignoreHeaderLines="0" rowType="{row_type}"><files><location>{location}'
        f'</location></files><coreid index="0"/>{body}</extension>'
    )


def meta(*parts, start='<?xml version="1.0"?>'):
    return f'{start}<archive xmlns="http://rs.tdwg.org/dwc/text/">{"".join(parts)}</archive>'


def lines(rows, separator=",", quote='"', end="\n"):
    def field(value):
        return quote + value.replace('"', '""') + quote if quote and ('"' in value) else value

    return end.join(separator.join(map(field, row)) for row in rows) + end


def archive(folder, descriptor=None, occurrence=None, multimedia=None):
    """Write a folder with an archive; bytes are written as they are."""
    texts = {
        "meta.xml": meta(core(), pictures()) if descriptor is None else descriptor,
        "occurrence.txt": lines(ROWS) if occurrence is None else occurrence,
        "multimedia.txt": lines(PICTURES) if multimedia is None else multimedia,
    }
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def zipped(folder, path, base=""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for member in sorted(folder.iterdir()):
            file.write(member, base + member.name)
    return path


def check(records):
    specimens, _ = choose_specimens(records)
    assert list(specimens["image_id"]) == ["K1", "K2"]
    assert list(specimens["species"]) == ["Acer rubrum", "Acer sp."]
    assert list(specimens["licence"]) == ["CC0", ""]
    assert [urls[0] for urls in specimens["urls"]] == ["http://x.example/1.jpg", "http://x.example/2.jpg"]
    assert list(records["recorded_by"]) == ["Müller", 'A "B" C']


def test_an_archive_is_read_from_a_folder_a_zip_and_a_zipped_folder(tmp_path):
    folder = archive(tmp_path / "dwca")
    check(read_archive(folder))
    check(read_archive(zipped(folder, tmp_path / "a.zip")))
    check(read_archive(zipped(folder, tmp_path / "b.zip", base="dwca/")))
    assert {path.name for path in tmp_path.iterdir()} == {"dwca", "a.zip", "b.zip"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", "\\t", "\t", "|", ";"])
@pytest.mark.parametrize("quote", ["", "&quot;"])
def test_separators_enclosures_and_line_ends_are_as_described(tmp_path, separator, quote, end):
    written = {"\t": "&#9;"}.get(separator, separator)
    shown = end.replace("\n", "\\n").replace("\r", "\\r")
    told = f'encoding="UTF-8" fieldsTerminatedBy="{written}" linesTerminatedBy="{shown}" fieldsEnclosedBy="{quote}"'
    how = dict(separator=separator.replace("\\t", "\t"), quote=quote and '"', end=end)
    texts = (lines(rows, **how) for rows in (ROWS, PICTURES))
    check(read_archive(archive(tmp_path, meta(core(told), pictures(told)), *texts)))


def test_line_ends_of_a_kind_of_their_own_are_as_described(tmp_path):
    told = PLAIN.replace('linesTerminatedBy="\\n"', 'linesTerminatedBy="~"')
    check(read_archive(archive(tmp_path, meta(core(told), pictures()), lines(ROWS, end="~"))))


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "windows-1252", "UTF-16", "UTF-16BE"])
def test_encodings_are_as_described(tmp_path, encoding):
    told = PLAIN.replace("UTF-8", encoding)
    check(read_archive(archive(tmp_path, meta(core(told), pictures()), lines(ROWS).encode(encoding))))


def test_an_encoding_that_was_declared_in_error_does_no_harm(tmp_path):
    told = PLAIN.replace("UTF-8", "ISO-8859-1")
    check(read_archive(archive(tmp_path, meta(core(told), pictures()), "\ufeff" + lines(ROWS))))


def test_the_defaults_of_the_text_guide_hold(tmp_path):
    check(read_archive(archive(tmp_path, meta(core(told=""), pictures(told="")))))


def test_headers_are_passed_over_and_columns_are_by_number(tmp_path):
    body = f'<field index="4" term="{DWC}genus"/><field index="2" term="{DWC}catalogNumber"/>'
    descriptor = meta(core(body=body, key='<id index="3"/>').replace('Lines="0"', 'Lines="2"'), pictures())
    occurrence = "# made by hand\r\na,b,c,d,e,f\r\n,,K1,1,Acer,x\r\n,,K2,2,Acer,\r\n"
    records = read_archive(archive(tmp_path, descriptor, occurrence))
    assert list(records["barcode"]) == ["K1", "K2"] and list(records["genus"]) == ["Acer", "Acer"]


def test_default_values_fill_columns_and_blanks(tmp_path):
    body = fields(CORE).replace('specificEpithet"', 'specificEpithet" default="alba"')
    body += f'<field term="{DWC}family" default="Sapindaceae"/><field default="Hill" term="{DWC}order"/>'
    records = read_archive(archive(tmp_path, meta(core(body=body), pictures())))
    assert list(records["epithet"]) == ["rubrum", "alba"]
    assert list(records["family"]) == ["Sapindaceae"] * 2 and list(records["order"]) == ["Hill"] * 2


@pytest.mark.parametrize("row_type", [GBIF, AUDUBON, AUDUBON.lower(), "http://rs.gbif.org/terms/1.0/Image"])
def test_every_kind_of_picture_extension_is_known(tmp_path, row_type):
    check(read_archive(archive(tmp_path, meta(core(), pictures(row_type=row_type)))))


def test_other_extensions_need_not_be_there(tmp_path):
    other = pictures(row_type=DWC + "Identification", location="identifications.csv")
    check(read_archive(archive(tmp_path, meta(core(), other, pictures()))))


def test_a_table_in_two_files_is_one(tmp_path):
    two = core().replace("</files>", "<location>more.txt</location></files>")
    folder = archive(tmp_path, meta(two, pictures()), lines(ROWS[:1]))
    (folder / "more.txt").write_text(lines(ROWS[1:]), "utf-8")
    check(read_archive(folder))


def test_associated_media_are_pictures(tmp_path):
    body = fields([*CORE, "associatedMedia"])
    rows = [
        [*ROWS[0], "http://x.example/1.jpg | https://x.example/a;b?c=1,2;http://x.example/3.jpg"],
        [*ROWS[1], "none"],
        ["3", *ROWS[1][1:3], "K3", "Acer", "", "", "http://x.example/3.jpg;"],
    ]
    occurrence = lines(rows, separator="\t", quote="")
    told = PLAIN.replace('By=","', 'By="\\t"')
    records = read_archive(archive(tmp_path, meta(core(told, body)), occurrence))
    assert list(records["url"]) == [
        "http://x.example/1.jpg",
        "https://x.example/a;b?c=1,2",
        "http://x.example/3.jpg",
        "http://x.example/3.jpg",
    ]
    both = read_archive(
        archive(tmp_path, meta(core(told, body), pictures()), occurrence, "3,http://x.example/9,\n")
    )
    assert list(both["coreid"]) == ["3", "1", "1", "1"]


def test_the_shape_of_a_gbif_download(tmp_path):
    told = 'encoding="UTF-8" fieldsTerminatedBy="\\t" linesTerminatedBy="\\n" fieldsEnclosedBy=""'
    body = '<field index="0" term="http://rs.gbif.org/terms/1.0/gbifID"/>' + fields(
        ["institutionCode", "catalogNumber", "basisOfRecord", "scientificName", "genus", "genericName"]
    )
    descriptor = meta(core(told, body), pictures(told)).replace('Lines="0"', 'Lines="1"')
    occurrence = "gbifID\tinstitutionCode\tcatalogNumber\tbasisOfRecord\tscientificName\tgenus\tgenericName\n"
    occurrence += '1\tK\tK1\tPRESERVED_SPECIMEN\t"Eugenia jambos L.\tSyzygium\tEugenia\n'
    multimedia = 'gbifID\tidentifier\tlicense\n1\thttp://x.example/1.jpg\t"CC0\n'
    records = read_archive(archive(tmp_path, descriptor, occurrence, multimedia))
    assert list(records.loc[0, ["genus", "occurrence_id", "licence"]]) == ["Eugenia", "1", '"CC0']


def test_an_extension_of_occurrences_has_the_words_of_the_herbarium(tmp_path):
    verbatim = (
        f'<extension {PLAIN} ignoreHeaderLines="0" rowType="{DWC}Occurrence"><files><location>verbatim.txt'
        '</location></files><coreid index="0"/>'
        f"{fields(['recordedBy', 'identifiedBy', 'scientificName', 'country'])}</extension>"
    )
    folder = archive(tmp_path, meta(core(), verbatim, pictures()))
    with pytest.raises(BadInput, match=r"lacks the file 'verbatim\.txt'"):
        read_archive(folder)
    (folder / "verbatim.txt").write_text(
        '1,MÜLLER,"M. E. Sundew; T. Bogbean",Acer cf. rubrum L.,Fiji\n', "utf-8"
    )
    records = read_archive(folder)
    check(records.assign(recorded_by=["Müller", 'A "B" C']))
    assert list(records["recorded_by"]) == ["MÜLLER", 'A "B" C']
    assert list(records["identified_by"]) == ["M. E. Sundew; T. Bogbean", ""]
    assert list(records["scientific_name"]) == ["Acer cf. rubrum L.", "Acer"]
    assert list(records["country"]) == ["Fiji", ""]


ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))


@pytest.mark.parametrize(
    ("descriptor", "said"),
    [
        (meta(core(location="../secret.txt"), pictures()), "not inside the archive"),
        (meta(core(location="/etc/passwd"), pictures()), "not inside the archive"),
        (meta(core(location="C:\\secret.txt"), pictures()), "not inside the archive"),
        (meta(core(location="http://x.example/o.txt"), pictures()), "not inside the archive"),
        (meta(core(location=""), pictures()), "not inside the archive"),
        (meta(core(location="link.txt"), pictures()), "not inside the archive"),
        (meta(core(location="nowhere.txt"), pictures()), "lacks the file 'nowhere.txt'"),
        (meta(core(), pictures(location="nowhere.txt")), "nowhere.txt"),
        (meta(core(), pictures(location="x" * 5000)), "lacks the file 'xxx"),
        (meta(core(location="&a11;"), start=f"<!DOCTYPE x [{ENTITIES}]>"), "declares entities"),
        (
            meta(core(location="&x;"), start='<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
            "declares entities",
        ),
        ("<archive>", "is not XML"),
        ("", "is not XML"),
        ("<archive/>", "0 cores"),
        (meta(core(), core()), "2 cores"),
        (meta(core(row_type=DWC + "Taxon")), "the core is of the type 'taxon'"),
        (meta(core(key=""), pictures()), "neither the file nor the column of ids"),
        (meta(core(key='<id index="first"/>'), pictures()), "'first' is not the number"),
        (meta(core(key="<id/>"), pictures()), "'' is not the number"),
        (meta(core(key='<id index="99999999999"/>'), pictures()), "is not the number"),
        (meta(core(key='<id index="-1"/>'), pictures()), "is not the number"),
        (meta(core(PLAIN.replace('By=","', 'By="||"')), pictures()), "must be one plain character"),
        (meta(core(PLAIN.replace('By=","', 'By="\\n"')), pictures()), "must be one plain character"),
        (meta(core(PLAIN.replace('By=","', 'By="§"')), pictures()), "must be one plain character"),
        (meta(core(PLAIN.replace("&quot;", ",")), pictures()), "must be one plain character"),
        (meta(core(PLAIN.replace("UTF-8", "klingon").replace("&quot;", "")), pictures()), "no encoding"),
        (meta(core()), "describes no picture"),
    ],
)
def test_a_hostile_or_broken_descriptor_is_refused(tmp_path, descriptor, said):
    (tmp_path / "secret.txt").write_text(lines(ROWS), "utf-8")
    folder = archive(
        tmp_path / "dwca", descriptor, lines(ROWS).encode("latin-1") if "klingon" in said else None
    )
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    if said == "no encoding":
        (folder / "occurrence.txt").write_bytes(lines(ROWS).encode("latin-1"))
    with pytest.raises(BadInput, match=said):
        read_archive(folder)
    if "link.txt" not in descriptor:
        with pytest.raises(BadInput, match=said):
            read_archive(zipped(folder, tmp_path / "a.zip"))


@pytest.mark.parametrize(
    ("occurrence", "said"),
    [
        (lines([*ROWS, [*ROWS[0], "more"]]), "occurrence.txt, record 3: it has more fields"),
        (lines([ROWS[0], ROWS[0]]), "the coreid '1' occurs twice"),
        (b"1,\xff\xfe\n", "not UTF-8"),
        (b"1,a\x00b\n", "not UTF-8"),
        ("", "is empty"),
        ('1,"Acer\n', "cannot be read as a table"),
    ],
)
def test_a_broken_table_is_refused(tmp_path, occurrence, said):
    with pytest.raises(BadInput, match=said):
        read_archive(archive(tmp_path, occurrence=occurrence))


def test_what_is_no_archive_is_refused(tmp_path):
    with pytest.raises(BadInput, match="nowhere is missing"):
        read_archive(tmp_path / "nowhere")
    with pytest.raises(BadInput, match=r"has no meta\.xml"):
        read_archive(tmp_path)
    text = tmp_path / "a.zip"
    text.write_text("hello")
    with pytest.raises(BadInput, match="no zip that is whole"):
        read_archive(text)
    whole = zipped(archive(tmp_path / "dwca"), tmp_path / "b.zip")
    torn = tmp_path / "c.zip"
    torn.write_bytes(whole.read_bytes()[:-40])
    with pytest.raises(BadInput, match="no zip that is whole"):
        read_archive(torn)
    damaged = bytearray(whole.read_bytes())
    damaged[len(damaged) // 3] ^= 255
    torn.write_bytes(damaged)
    with pytest.raises(BadInput, match="make the download again"):
        read_archive(torn)
    (tmp_path / "dwca" / "meta.xml").unlink()
    with pytest.raises(BadInput, match=r"has no meta\.xml"):
        read_archive(zipped(tmp_path / "dwca", tmp_path / "d.zip"))


def test_a_zip_with_a_member_outside_writes_nothing_and_one_that_swells_is_refused(tmp_path):
    folder = archive(tmp_path / "dwca")
    with zipfile.ZipFile(zipped(folder, tmp_path / "a.zip"), "a") as file:
        file.writestr("../outside.txt", "hello")
    check(read_archive(tmp_path / "a.zip"))
    assert not list(tmp_path.rglob("outside.txt"))
    (folder / "occurrence.txt").write_text("a" * 30_000_000)
    with pytest.raises(BadInput, match="would unpack to 30,000,000 bytes"):
        read_archive(zipped(folder, tmp_path / "b.zip"))


def test_hostile_values_stay_text(tmp_path):
    rows = [
        ["1", "PreservedSpecimen", "../..", "../../etc/passwd", "<script>alert(1)</script>", "", "x"],
        ["2", "PreservedSpecimen", "K", "CON", "Acer", "ru\nbrum", "y" * 200_000],
    ]
    text = "\n".join(",".join(f'"{value}"' for value in row) for row in rows) + "\n"
    specimens, _ = choose_specimens(read_archive(archive(tmp_path, occurrence=text)))
    assert specimens.loc[0, "genus"] == "<script>alert(1)</script>"
    assert list(specimens["path"].str.count("/")) == [1, 1] and specimens.loc[0, "image_id"] == "ETC-PASSWD"
    assert specimens.loc[1, "image_id"].startswith("CON-")


@settings(max_examples=40)
@given(st.binary(max_size=400), st.sampled_from(["meta.xml", "occurrence.txt", "multimedia.txt"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content, name):
    folder = archive(tmp_path_factory.mktemp("dwca"))
    (folder / name).write_bytes(content)
    try:
        read_archive(folder)
    except BadInput as error:
        assert str(folder) in str(error)


@on_real_records
@pytest.mark.parametrize(
    ("name", "images", "sheets", "codes"),
    [("idigbio-2015", 74, 74, {"Harvard University"}), ("symbiota-pectocarya", 35, 28, {"ASU", "NY"})],
)
def test_the_real_archives_are_read_whole(name, images, sheets, codes):
    records = read_archive(REAL_RECORDS / name)
    assert len(records) == images and set(records["record"]) == {"both"}
    assert records["problem"].eq("").all() and records["url"].str.startswith("http").all()
    specimens, _ = choose_specimens(records)
    assert len(specimens) == sheets and specimens["image_id"].is_unique
    assert codes <= set(specimens["institution"]) and specimens["licence"].ne("").all()
    words = ["institution_code", "recorded_by", "event_date", "scientific_name", "references", "country"]
    assert specimens[words].ne("").all(axis=None)


@on_real_records
def test_the_real_archive_of_symbiota_says_who_named_a_sheet():
    specimens, _ = choose_specimens(read_archive(REAL_RECORDS / "symbiota-pectocarya"), basis="")
    filled = (specimens[list(RECORD)] != "").sum()
    assert len(specimens) == 30 and filled["catalog_number"] == 28 and filled["record_number"] == 29
    assert filled["identified_by"] == 13 and filled["date_identified"] == 5
    assert filled["other_catalog_numbers"] == 7 and filled["collection_code"] == 6
    assert filled[["type_status", "identification_qualifier"]].eq(0).all()
    assert {"C. R. Annable", "Elinor Lehto"} < set(specimens["identified_by"])
    named = by_specialist(specimens["identified_by"], ["Annable, C.R."])
    assert set(specimens.loc[named, "identified_by"]) == {"C. R. Annable"}
