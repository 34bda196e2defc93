"""Figures: harmless text, few points, small JSON, one look a network, words for errors."""

import base64
import contextlib
import inspect
import io
import json
import re

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import plotly.io as pio
import pytest
import torch
from IPython.display import Markdown
from markupsafe import Markup
from PIL import Image

from herbnb import figures
from herbnb.applications.hubs import BY_GENUS
from herbnb.applications.scores import BY_LOT, COMMONEST
from herbnb.errors import BadInput
from herbnb.figures.grid import LIGHT_TO_DARK, TINTS
from herbnb.figures.listing import without_docstrings
from herbnb.figures.palette import CYCLE, NAMED, REST, WHEEL, Look, looks, ordered
from herbnb.figures.renderer import page_html
from herbnb.networks import NETWORKS as REGISTERED

SCRIPT = "<script>alert(1)</script>"
BOLD = "<b>Myrtus</b>"
NETWORKS = ["colour", "classifier", "untrained", "triplet", "autoencoder"]


def scores(**columns) -> pd.DataFrame:
    rng = np.random.default_rng(89)
    rows = [(n, r, rng.random()) for n in NETWORKS for r in ("order", "genus", "family")]
    table = pd.DataFrame(rows, columns=["network", "rank", "mean"])
    return table.assign(low=table["mean"] - 0.1, high=table["mean"] + 0.1, **columns)


def cloud(points: int = 300, **columns) -> pd.DataFrame:
    rng = np.random.default_rng(89)
    table = pd.DataFrame(rng.normal(size=(points, 2)), columns=["x", "y"])
    taxa = [SCRIPT, BOLD, "Eugenia", "Syzygium"]
    return table.assign(genus=rng.choice(taxa, points), network=rng.choice(NETWORKS, points), **columns)


def seen_by(names: list[str], points: int = 300) -> pd.DataFrame:
    """The same points as each of `names` lays them out, some hundreds of units away."""
    rng = np.random.default_rng(89)
    same = cloud(points).drop(columns=["x", "y"])
    return pd.concat(
        [same.assign(network=name, x=rng.normal(300, 9, points), y=rng.random(points)) for name in names],
        ignore_index=True,
    )


def every_figure() -> dict[str, go.Figure]:
    """One figure of each kind, with hostile names wherever a name can stand."""
    hostile = scores(task=[SCRIPT, BOLD, "plain"] * 5)
    epochs = pd.DataFrame(
        [(e, s, m, 1 / (e + 1)) for e in range(4) for s in ("train", "validation") for m in (BOLD, "loss")],
        columns=["epoch", "split", "metric", "value"],
    )
    return {
        "funnel": figures.funnel(pd.DataFrame({"step": [SCRIPT, "kept"], "images": [20, 10]})),
        "counts": figures.counts(
            pd.DataFrame({"genus": [SCRIPT, BOLD], "images": [3, 4]}), "genus", "images"
        ),
        "learning_curves": figures.learning_curves(epochs),
        "interval_dots": figures.interval_dots(hostile, "mean", "task", "network", "rank", baseline=0.5),
        "distributions": figures.distributions(cloud(), "x", "genus"),
        "scatter": figures.scatter(cloud(), "genus", "network", hover=["genus", "network"]),
        "views": figures.scatter(seen_by([SCRIPT, "triplet"]), "genus", views="network"),
        "curves": figures.curves(hostile.assign(n=range(15)), "n", "mean", "task"),
        "heatmap": figures.heatmap(hostile, "task", "network", "mean"),
    }


FIGURES = every_figure()


@pytest.mark.parametrize("name", FIGURES)
def test_text_from_data_is_escaped(name):
    figure = FIGURES[name]
    text = json.dumps(json.loads(figure.to_json()))
    assert "<script" not in text
    assert "<b>Myrtus" not in text
    page = page_html(figure.to_dict())
    assert page.count("<script") == page.count("</script>") == 1


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_deterministic_small_and_described(name):
    again = every_figure()[name]
    assert page_html(again.to_dict()) == page_html(FIGURES[name].to_dict())
    assert len(again.to_json()) < 60_000
    assert again.layout.title.text is None
    assert re.search(r"\w{3}", again.layout.meta["alt"])
    assert again.layout.template.layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_every_network_keeps_its_colour_and_mark():
    for name, figure in FIGURES.items():
        for trace in figure.data:
            if trace.name in NAMED and name != "counts":
                colour = trace.marker.color or trace.line.color
                assert colour == NAMED[trace.name].colour, (name, trace.name)
    alone = figures.interval_dots(scores().query("network == 'triplet'"), "mean", "rank", "network")
    assert alone.data[0].marker.color == NAMED["triplet"].colour
    assert len({look.colour for look in map(NAMED.get, NETWORKS)}) == 5
    assert len({look.mark for look in map(NAMED.get, NETWORKS)}) == 5


def test_networks_come_in_one_order():
    drawn = [trace.name for trace in FIGURES["interval_dots"].data if trace.showlegend]
    assert drawn == ["autoencoder", "triplet", "classifier", "untrained", "colour"]


def test_looks_follow_the_registry_of_networks():
    for place, name in enumerate(REGISTERED):
        assert NAMED[name] == CYCLE[place]._replace(dash="solid")
    assert NAMED["autoencoder"] == Look("#2b7bba", "circle", "solid")
    assert NAMED["triplet"] == Look("#d55e00", "square", "solid")
    assert NAMED["classifier"] == Look("#0b8f6b", "diamond", "solid")
    others = ["train", "validation", "random", "species", "institutions", "genus", "family", "order"]
    blind = [COMMONEST, "always the first", BY_LOT, BY_GENUS]
    assert list(NAMED) == [*REGISTERED, "untrained", "colour", "imagenet", "oracle", *blind, *others]


def test_visitors_of_any_name_look_like_nobody_else():
    names = ["bioclip-2", "resnet50", *REGISTERED, "untrained", "colour", "imagenet", "mine"]
    chosen = looks(names)
    assert len({look.colour for look in chosen.values()}) == len({look.mark for look in chosen.values()}) == 9
    assert list(chosen) == [*REGISTERED, "untrained", "colour", "imagenet", "bioclip-2", "resnet50", "mine"]
    assert len(looks([*REGISTERED, *map(str, range(20))])) == 23  # more than there are colours


def test_species_is_a_rank_and_a_split():
    ranks = ["order", "genus", "species", "family"]
    assert ordered(ranks) == ["species", "genus", "family", "order"]
    assert ordered(["institutions", "species", "random"]) == ["random", "species", "institutions"]
    chosen = list(looks(ranks).values())
    assert len({look.colour for look in chosen}) == len({look.mark for look in chosen}) == 4


def luminance(colour: str) -> float:
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("page", ["#fbf7ec", "#161a17"])
def test_colours_stand_out_by_day_and_by_night(page):
    for look in (*NAMED.values(), *CYCLE, REST):
        light, dark = sorted((luminance(look.colour), luminance(page)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, look


def test_many_points_are_sampled_and_the_caption_says_so():
    figure = figures.scatter(cloud(7_000), "genus")
    assert sum(len(trace.x) for trace in figure.data) == 5_000
    assert figure.layout.meta["caption"] == "Drawn: 5,000 of 7,000 points, chosen at random."
    assert "5,000 of 7,000" in page_html(figure.to_dict())
    assert len(page_html(figure.to_dict())) < 400_000
    spread = figures.distributions(cloud(7_000), "x", "network")
    assert sum(len(trace.x) for trace in spread.data) == 5_000
    assert figures.scatter(cloud(), "genus").layout.meta["caption"] == ""


def test_numbers_are_float32():
    assert all(trace.x.dtype == np.float32 for trace in FIGURES["scatter"].data)
    assert '"f4"' in FIGURES["scatter"].to_json()


def test_only_the_commonest_taxa_are_named_each_with_a_look_of_its_own():
    genera = [f"Genus{i:02d}" for i in range(28) for _ in range(40 - i)]
    figure = figures.scatter(cloud(len(genera)).assign(genus=genera), "genus")
    names = [trace.name for trace in figure.data]
    assert names == [f"Genus{i:02d}" for i in range(24)] + ["others"]
    assert len({(trace.marker.color, trace.marker.symbol) for trace in figure.data}) == len(names)


def test_a_colour_that_comes_again_has_another_mark():
    assert WHEEL[: len(CYCLE)] == CYCLE
    assert len({(look.colour, look.mark) for look in WHEEL}) == 3 * len(CYCLE)
    for colour in {look.colour for look in CYCLE}:
        shapes = [
            look.mark.removesuffix("-dot").removesuffix("-open") for look in WHEEL if look.colour == colour
        ]
        assert len(set(shapes)) == 3


def test_a_switch_lays_the_same_points_out_as_each_view_has_them():
    table = seen_by(["triplet", "classifier"])
    table.loc[7, "x"] = np.nan  # unknown in the first view, so drawn in none
    figure = figures.scatter(table, "genus", views="network", hover=["genus"])
    assert [frame.name for frame in figure.frames] == ["triplet", "classifier"]
    assert figure.layout.meta["caption"] == "1 without a value is not drawn."
    assert (
        figure.layout.meta["alt"]
        == "Map of 299 points, coloured by genus. A switch shows it for each network."
    )
    for trace, first, second in zip(figure.data, figure.frames[0].data, figure.frames[1].data, strict=True):
        np.testing.assert_array_equal(trace.x, first.x)
        assert len(first.x) == len(second.x) == len(trace.customdata) and not np.array_equal(
            first.x, second.x
        )
    for frame in figure.frames:
        places = np.concatenate([np.stack([each.x, each.y]) for each in frame.data], axis=1)
        assert np.abs(places).max() <= 1 + 1e-6 and places[0].max() - places[0].min() > 1.9
    assert [button.label for button in figure.layout.updatemenus[0].buttons] == ["triplet", "classifier"]


def test_a_view_keeps_the_shape_and_the_order_of_its_points():
    table = seen_by(["triplet", "classifier"], 60).assign(genus="Poa")
    shown = figures.scatter(table, "genus", views="network").frames[1].data[0]
    own = table[table["network"] == "classifier"]
    for drawn, column in ((shown.x, "x"), (shown.y, "y")):
        assert np.corrcoef(drawn, own[column])[0, 1] > 0.999
    assert np.ptp(shown.x) / np.ptp(shown.y) == pytest.approx(np.ptp(own["x"]) / np.ptp(own["y"]), rel=1e-4)


def test_many_points_are_sampled_alike_in_every_view():
    figure = figures.scatter(seen_by(["triplet", "classifier"], 6_000), "genus", views="network")
    for drawn in (figure.data, *(frame.data for frame in figure.frames)):
        assert sum(len(trace.x) for trace in drawn) == 5_000
    assert "5,000 of 6,000" in figure.layout.meta["caption"]


@pytest.mark.parametrize(
    "spoil", [lambda table: table.drop(index=3), lambda table: table.assign(genus=range(600))]
)
def test_views_of_other_points_are_refused(spoil):
    with pytest.raises(BadInput, match="'triplet' and 'classifier' are not of the same points"):
        figures.scatter(spoil(seen_by(["triplet", "classifier"])), "genus", views="network")


def test_whiskers_run_from_low_to_high():
    table = pd.DataFrame({"network": ["triplet"], "mean": [0.5], "low": [0.25], "high": [1.0]})
    whisker = figures.interval_dots(table, "mean", "network", "network").data[0].error_x
    assert (whisker.arrayminus[0], whisker.array[0]) == (0.25, 0.5)
    bare = figures.interval_dots(table[["network", "mean"]], "mean", "network", "network")
    assert bare.data[0].error_x.array is None


def test_rows_without_a_value_are_counted_not_hidden():
    table = scores()
    table.loc[0, "mean"] = np.nan
    assert (
        "1 without a value is not drawn"
        in figures.interval_dots(table, "mean", "rank", "network").layout.meta["caption"]
    )


EMPTY = {
    "counts": lambda table, **more: figures.counts(table, "genus", "images", **more),
    "curves": lambda table, **more: figures.curves(table, "x", "images", "genus", "split", **more),
    "distributions": lambda table, **more: figures.distributions(table, "images", "genus", **more),
    "funnel": lambda table, **more: figures.funnel(table, **more),
    "heatmap": lambda table, **more: figures.heatmap(table, "genus", "split", "images", **more),
    "image_row": lambda table, **more: figures.image_row([*table.index], [*table.index], **more),
    "interval_dots": lambda table, **more: figures.interval_dots(table, "images", "genus", "genus", **more),
    "learning_curves": lambda table, **more: figures.learning_curves(table, **more),
    "scatter": lambda table, **more: figures.scatter(
        table, "genus", hover=["split"], thumbnails=pd.Series(["a.jpg"]), **more
    ),
    "sheet_grid": lambda table, **more: figures.sheet_grid(table, "nowhere", **more),
    "table": lambda table, **more: figures.table(table, **more),
}
COLUMNS = [
    "genus",
    "split",
    "images",
    "x",
    "y",
    "step",
    "epoch",
    "metric",
    "value",
    "path",
    "licence",
    "species",
]


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.parametrize("table", [pd.DataFrame(), pd.DataFrame(columns=COLUMNS)], ids=["bare", "headed"])
def test_an_empty_table_becomes_its_sentence(name, table):
    assert EMPTY[name](table).data == "Nothing to show."
    said = EMPTY[name](table, empty=f"None of *these* {SCRIPT}.")
    assert type(said) is type(figures.say("")) is Markdown
    assert said.data == "None of &#42;these&#42; &#60;script&#62;alert(1)&#60;/script&#62;."
    assert "empty" in inspect.signature(getattr(figures, name)).parameters


@pytest.mark.parametrize("name", sorted(set(EMPTY) - {"image_row", "sheet_grid", "table"}))
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_so_does_a_table_without_a_number(name, value):
    table = pd.DataFrame([{"genus": "Myrtus", "split": "train", "step": "kept", "metric": "loss"}] * 2)
    numbers = dict.fromkeys(["images", "x", "y", "value", "epoch"], value)
    assert EMPTY[name](table.assign(**numbers)).data == "Nothing to show."


@pytest.mark.parametrize("name", sorted(set(EMPTY) - {"image_row", "table"}))
def test_a_missing_column_of_a_table_with_rows_is_refused(name):
    with pytest.raises(BadInput, match="needs a column"):
        EMPTY[name](pd.DataFrame({"other": [1]}))


def test_wrong_tables_are_refused_in_a_sentence():
    with pytest.raises(BadInput, match=r"needs a column 'tribe'.*network, rank, mean"):
        figures.interval_dots(scores(), "mean", "tribe", "network")
    with pytest.raises(BadInput, match="occurs twice"):
        figures.heatmap(pd.concat([scores(), scores()]), "rank", "network", "mean")
    with pytest.raises(BadInput, match="dark is 'small': choose larger or smaller"):
        figures.heatmap(scores(), "rank", "network", "mean", dark="small")
    with pytest.raises(BadInput, match="hover names 3 columns"):
        figures.scatter(cloud(), "genus", hover=["genus", "network", "x"])


def test_a_heatmap_is_dark_where_it_is_told_to_be():
    much, little = (figures.heatmap(scores(), "rank", "network", "mean", dark=dark) for dark in TINTS)
    assert much.data[0].colorscale[-1][1] == little.data[0].colorscale[0][1] == LIGHT_TO_DARK[-1]
    assert "darker where it is larger" in much.layout.meta["alt"]
    assert "darker where it is smaller" in little.layout.meta["alt"]


def test_the_renderer_serves_the_page_and_jupyterlab():
    assert pio.renderers.default == "herbnb"
    bundle = FIGURES["counts"]._repr_mimebundle_()
    assert set(bundle) == {"text/html", "application/vnd.plotly.v1+json"}
    assert "plotly.js" not in bundle["text/html"]
    assert '<script type="application/json">' in bundle["text/html"]
    assert 'role="group" aria-label="Bars of images' in bundle["text/html"]
    assert json.dumps(bundle["application/vnd.plotly.v1+json"])


@pytest.fixture
def album(tmp_path) -> pd.DataFrame:
    """Sixty sheets of known colours, half of them of a licence that lets a page show them."""
    rows = []
    for number in range(60):
        path = f"train/{number:02d}.jpg"
        (tmp_path / "train").mkdir(exist_ok=True)
        Image.new("RGB", (200, 300), (4 * number, 120, 90)).save(tmp_path / path)
        rows.append((path, f"{BOLD} {number}", "CC0 1.0" if number % 2 else "", "A & B"))
    table = pd.DataFrame(rows, columns=["path", "species", "licence", "rights_holder"])
    return table.assign(x=range(60), y=range(60), genus="Myrtus")


def test_thumbnails_only_of_images_that_may_be_shown(album, tmp_path):
    figure = figures.scatter(album, "genus", thumbnails=album["path"], folder=tmp_path)
    places = [row[0] for row in figure.data[0].customdata]
    assert places[0] == -1 and places[1] == 0 and max(places) == 29
    sprite = figure.layout.meta["sprite"]
    assert sprite["pictures"] == 30 and sprite["address"].startswith("data:image/webp;base64,")
    assert figure.layout.meta["caption"].endswith("Images: A & B; CC0 1.0.")
    assert "A &amp; B" in page_html(figure.to_dict())
    for hidden in (album.assign(licence="competition rules"), album.drop(columns="licence")):
        figure = figures.scatter(hidden, "genus", thumbnails=hidden["path"], folder=tmp_path)
        assert "sprite" not in figure.layout.meta
        assert "No thumbnails" in figure.layout.meta["caption"]
    live = figures.scatter(album, "genus", thumbnails=album["path"], folder=tmp_path)._repr_mimebundle_()
    assert "sprite" not in json.dumps(live["application/vnd.plotly.v1+json"])


def test_a_sheet_grid_shows_what_it_may(album, tmp_path):
    html = figures.sheet_grid(album.head(10), tmp_path).data
    assert html.count("<img ") == html.count("alt=") == 5
    assert "5 of 10 not shown here: the licence" in html
    assert "<b>" not in html and "&lt;b&gt;Myrtus" in html
    nothing = figures.sheet_grid(album.head(10).assign(licence=""), tmp_path).data
    assert "<img" not in nothing and "10 of 10 not shown here" in nothing
    with pytest.raises(BadInput, match="3 captions for 10 sheets"):
        figures.sheet_grid(album.head(10), tmp_path, captions=["one", "two", "three"])


def test_a_picture_is_kept_large_and_shown_small(tmp_path):
    Image.effect_noise((1000, 1500), 60).convert("RGB").save(tmp_path / "scan.jpg")
    sheets = pd.DataFrame({"path": ["scan.jpg"], "species": ["Poa annua"], "licence": ["CC0 1.0"]})
    shown = [figures.sheet_grid(sheets, tmp_path).data]
    shown.append(figures.image_row([np.asarray(Image.open(tmp_path / "scan.jpg"))], ["scan"]).data)
    for html in shown:
        assert "height:160px" in html
        content = base64.b64decode(re.search('data:image/webp;base64,([^"]+)', html)[1])
        assert max(Image.open(io.BytesIO(content)).size) == 640


def test_a_broken_picture_is_named(album, tmp_path):
    (tmp_path / "train/01.jpg").write_bytes((tmp_path / "train/01.jpg").read_bytes()[:300])
    with pytest.raises(BadInput, match=r"01\.jpg is truncated"):
        figures.sheet_grid(album.head(4), tmp_path)
    with pytest.raises(BadInput, match=r"gone\.jpg is missing"):
        figures.sheet_grid(
            album.head(4).assign(path=[album["path"][0], "gone.jpg", *album["path"][2:4]]), tmp_path
        )


def test_of_a_run_without_its_images_none_is_shown_and_that_is_said(album, tmp_path):
    html = figures.sheet_grid(album.head(4), tmp_path / "elsewhere").data
    assert "<img" not in html and "not shown here: the run came without its images" in html


def test_image_row_takes_arrays_and_tensors():
    array = np.zeros((40, 30, 3), np.uint8)
    tensor = torch.zeros(3, 40, 30, dtype=torch.uint8)
    html = figures.image_row([array, tensor], ["one", BOLD]).data
    assert html.count('width="30" height="40"') == 2 and "<b>" not in html
    held = figures.image_row([array, tensor], ["one", "two"], licences=["CC BY 4.0", "none"]).data
    assert held.count("<img") == 1 and "1 of 2 not shown here" in held
    sheets = pd.DataFrame({"licence": ["CC BY 4.0", ""], "rights_holder": ["A & B", "Nobody"]})
    thanks = figures.image_row([array], ["one"], credits=sheets).data
    assert "Images: A &amp; B; CC BY 4.0." in thanks and "Nobody" not in thanks
    assert "Images" not in figures.image_row([array], ["one"], credits=sheets.tail(1)).data
    with pytest.raises(BadInput, match="uint8"):
        figures.image_row([array.astype(np.float32)], ["one"])
    with pytest.raises(BadInput, match="2 pictures, 1 captions"):
        figures.image_row([array, array], ["one"])


def test_a_table_escapes_rounds_and_scrolls():
    rows = pd.DataFrame({"genus": [SCRIPT, None], "f1_score": [0.12345, -0.5], "images": [12345, 2]})
    html = figures.table(rows, caption=BOLD).data
    assert "<script>" not in html and "&lt;script&gt;" in html and "<b>" not in html
    assert ">0.123<" in html and ">−0.500<" in html and ">12,345<" in html and ">f1 score<" in html
    assert 'class="herbnb-table"' in html and 'tabindex="0"' in html
    reason = "5 of its 5 nearest sheets bear Syzygium, 0 the name given"
    long = figures.table(pd.DataFrame({"reason": [reason], "url": ["http://kew.example/" + 60 * "k"]})).data
    assert f'<td class="sentence">{reason}<' in long and "<td>http" in long
    assert "The first 50 of 60 rows" in figures.table(pd.DataFrame({"n": range(60)})).data


HOSTILE = [
    SCRIPT,
    "<b>*x*</b> `y` [z](u) $m$ _i_ {w}`v` \\",
    "![a](b)",
    "# a",
    "> a",
    "- a",
    "+ a",
    "1. a",
    "2) a",
    "===",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_text_in_every_field(name):
    said = [
        figures.say("{name}", name=name).data,
        figures.say("{taxon[name]:>3}", taxon={"name": name}).data,
        figures.say("{name!s}", name=Markup(name)).data,
        figures.say("{piece}", piece=figures.words("{name}", name=name)).data,
        str(figures.Words("").join([name, figures.words("{name}", name=name)])),
        str(figures.words("") + name),
        str(name + figures.words("")),
        str(figures.words("%s") % name),
        str(figures.each("{name}", [{"name": name}])),
        str(figures.each("{name}", pd.DataFrame({"name": [name]}))),
        str(figures.each("{name}", [{}], name=name)),
    ]
    for text in said:
        assert not set("<>*_`[]{}$\\") & set(text)
        assert re.sub(r"&#(\d+);", lambda found: chr(int(found[1])), text).replace(name, "") == ""
        assert not re.match(r"#|[-+=]|\d+[.)]", text)


def test_words_are_filled_in_once():
    genus = figures.words("*{name}*", name="A_b")
    assert genus == "*A&#95;b*"
    assert figures.words("{genus} and {genus}", genus=genus) == "*A&#95;b* and *A&#95;b*"
    assert figures.say(genus + figures.words(", {n}", n=2)).data == "*A&#95;b*, 2"
    assert figures.say(
        "**{count:,}** of {share:.0%}, {low:+.2f}", count=1234, share=0.256, low=-0.3
    ).data == ("**1,234** of 26%, −0.30")
    assert figures.words("*{name}*", name=" two\n\nlines ") == "*two lines*"
    assert figures.words("") + " a  b " == " a b "
    assert (
        figures.say("{{{name}}} {card[best][epoch]}", name="a", card={"best": {"epoch": 3}}).data == "{a} 3"
    )
    assert figures.say("**0.5**").data == "**0.5**"


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA, pd.NaT])
def test_what_is_not_known_is_a_dash(nothing):
    assert figures.words("{a} {a:.2f} {a:>9,}", a=nothing) == "– – –"


@pytest.mark.parametrize("number", [-0.04, np.float32(-0.04)])
def test_a_number_has_a_minus_sign_and_nought_has_none(number):
    assert figures.words("{a:+.2f} {a:.0%} {a:.1f} {b}", a=number, b=np.int64(-20)) == "−0.04 −4% 0.0 −20"
    assert figures.words("{name}", name="-0.1") == "-0.1"


def test_each_row_has_its_line():
    table = pd.DataFrame({"genus": ["Myrtus", "Eu*"], "f1 score": [0.25, np.nan], "sheets": [1, 2]})
    lines = figures.each("- {genus}: {f1 score:.1f}, {sheets} of {total}", table, total=3)
    assert lines == "- Myrtus: 0.2, 1 of 3\n- Eu&#42;: –, 2 of 3"
    some = figures.each("*{genus}*", table, sep=" and ", before="There: ", after=".")
    assert some == "There: *Myrtus* and *Eu&#42;*."
    assert figures.each("{genus}", table.head(0), before="There: ", after=".") == ""
    assert figures.each("{genus}", pd.DataFrame()) == ""
    assert figures.each("- {sheets};", table) == "- 1;\n- 2."


@pytest.mark.parametrize("template", ["{other}", "{", "}", "{name.other}", "{name[other]}", "{name:d}", "{}"])
def test_a_template_that_does_not_fit_is_refused(template):
    with pytest.raises(BadInput, match="cannot be filled in from name"):
        figures.say(template, name="Myrtus")


def documented(count: int) -> int:
    """Say more than `<i>` needs.

    A <b>second</b> part: {braces}.
    """
    # a comment stays
    text = "a string # stays"

    def inner() -> str:
        """What is inside."""
        return text

    return count + len(inner())  # and so does this


@contextlib.contextmanager
def managed():
    """Hold something."""

    yield documented


class Documented:
    """A class of its own."""

    # a comment of the class
    number = 1

    @property
    def one(self) -> int:
        """One.

        Returns: the number.
        """
        return self.number

    def nothing(self):
        """Only words."""


def test_the_source_is_shown_without_its_docstrings():
    assert without_docstrings(documented).splitlines()[:3] == [
        "def documented(count: int) -> int:",
        "    # a comment stays",
        '    text = "a string # stays"',
    ]
    assert (
        "    def inner() -> str:\n        return text\n\n    return count + len(inner())  # and so does this"
        in without_docstrings(documented)
    )
    assert without_docstrings(managed) == "@contextlib.contextmanager\ndef managed():\n    yield documented"
    assert without_docstrings(Documented).splitlines() == [
        "class Documented:",
        "    # a comment of the class",
        "    number = 1",
        "",
        "    @property",
        "    def one(self) -> int:",
        "        return self.number",
        "",
        "    def nothing(self):",
        "        ...",
    ]
    assert (
        without_docstrings(Documented.one.fget) == "@property\ndef one(self) -> int:\n    return self.number"
    )


def test_the_docstrings_are_folded_away_and_text():
    shown = figures.source(documented, managed, Documented)
    assert isinstance(shown, Markdown)
    first, second, third = shown.data.split("\n```\n\n")
    summary, code = first.split("\n\n```python\n")
    assert summary.startswith(
        f'<details class="herbnb-source"><summary><code>{__name__}.documented</code> Say more than <code>&lt;i&gt;</code> needs.</summary><pre>'
    )
    assert "&lt;b&gt;second&lt;/b&gt; part: {braces}.&#10;&#10;inner&#10;    What is inside." in summary
    assert "\n" not in summary and "second" not in code
    assert second.startswith(f'<p class="herbnb-source"><code>{__name__}.managed</code> Hold something.</p>')
    assert (
        "<pre>one&#10;    One.&#10;&#10;    Returns: the number.&#10;&#10;nothing&#10;    Only words.</pre>"
        in third
    )
