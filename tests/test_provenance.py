import html
import re

from herbnb.book.provenance import commit, footer


def test_the_footer_says_where_the_numbers_came_from(tmp_path):
    (tmp_path / "specimens.parquet").write_bytes(b"a table")
    text = footer({"results": str(tmp_path), "seed": 7, "networks": ["<b>triplet</b>"]}, 61.4)
    assert "seed = 7" in text and "**Seed**\n: 7" in text
    assert "<b>triplet" in html.unescape(text) and "<b>" not in text
    assert re.search(r"\*\*Specimens table\*\*\n: [0-9a-f]{16}\n", text)
    assert "61 seconds" in text and "torch " in text and "Python 3." in text
    assert commit() in text


def test_a_run_before_the_sampling_says_so(tmp_path):
    assert "not written yet" in footer({"results": str(tmp_path)}, 1.0)


def test_the_commit_outside_a_checkout_is_no_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert commit() == "not in a git checkout"
