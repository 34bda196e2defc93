"""Points: a map of specimens, with a thumbnail under the pointer."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go

from herbnb.errors import BadInput
from herbnb.figures.palette import REST, WHEEL, looks, ordered
from herbnb.figures.panels import described, faceted, panels, spot
from herbnb.figures.rows import at_most, checked, finite, parts, spoken, trimmed
from herbnb.figures.sprite import MOST, sprite
from herbnb.figures.views import switched, told_apart
from herbnb.figures.words import plain
from herbnb.specimens import may_show

OTHERS = "others"


@spoken
def scatter(
    table: pd.DataFrame,
    colour: str,
    facet: str | None = None,
    hover: Sequence[str] = (),
    thumbnails: pd.Series | None = None,
    folder: str | Path = "",
    views: str | None = None,
) -> go.Figure:
    """Draw a point at `x`, `y` for each row.

    Args:
        table: one row a point; at most 5,000 are drawn, and the caption says so.
        colour: column of categories; the 24 commonest have a look of their own, the rest share one.
        facet: column of categories, one panel each.
        hover: at most two columns whose text is shown under the pointer.
        thumbnails: for each row of `table` the path of its image; the column `licence` decides whether
            it is shown.
        folder: what the paths are relative to.
        views: column of categories, one map each of the same points, between which a switch changes;
            then there are as many rows a point.

    Raises:
        BadInput: a missing column, more than two hover columns, an unreadable image, views of other points.
    """
    if len(hover) > 2:
        raise BadInput(f"hover names {len(hover)} columns: two are what a reader takes in.")
    checked(table)  # an empty one would take on the rows of the thumbnails
    if thumbnails is not None:
        table = table.assign(_image=thumbnails)
    table = checked(table, "x", "y", colour, facet, views, *hover)
    if views:
        table, places = told_apart(table, views)
    table, note = finite(table, "x", "y")
    table, sampled = at_most(table)
    table = table.assign(_group=grouped(table[colour]), _thumb=-1)
    pictures, shown = None, ""
    if thumbnails is not None:
        table, pictures, shown = with_thumbnails(table, Path(folder))
    commonest = table["_group"].value_counts().index
    look = looks(name for name in commonest if name != OTHERS) | {OTHERS: REST}
    facets = ordered(table[facet]) if facet else [""]
    figure = panels(facets, 640 if len(facets) == 1 else 340, least=300, square=True)
    drawn, rows = set(), []
    for place, (_, part) in enumerate(parts(table, facet, facets)):
        for name, points in parts(part, "_group", look):
            figure.add_trace(cloud(points, name, look[name], hover, name not in drawn), **spot(place, figure))
            drawn.add(name)
            rows.append(points.get("_at"))
    bare = {"showticklabels": False, "zeroline": False, "showgrid": False, "showline": True, "mirror": True}
    figure.update_xaxes(**bare, title_text="")
    figure.update_yaxes(**bare, title_text="")
    if pictures:
        figure.update_layout(meta=figure.layout.meta | {"sprite": pictures})
    if views:
        switched(figure, views, places, rows)
    alt = f"Map of {len(table):,} points, coloured by {colour}{faceted(facet)}"
    alt += f" A switch shows it for each {views}." if views else ""
    return described(figure, alt, note, sampled, shown)


def grouped(values: pd.Series) -> pd.Series:
    """Return the values as text, all but the commonest as "others", so that a legend stays short."""
    text = values.astype(str)
    common = text.value_counts().index[: len(WHEEL)]
    return text.where(text.isin(common), OTHERS)


def cloud(points: pd.DataFrame, name: str, look, hover: Sequence[str], listed: bool) -> go.Scatter:
    """Return the points of one colour; `customdata` is the thumbnail's place and the hover texts."""
    lines = "<br>".join(f"%{{customdata[{number}]}}" for number in range(1, len(hover) + 1))
    texts = [points[column].map(plain) for column in hover]
    return go.Scatter(
        x=trimmed(points["x"]),
        y=trimmed(points["y"]),
        mode="markers",
        name=plain(name),
        legendgroup=plain(name),
        showlegend=listed,
        marker={"color": look.colour, "symbol": look.mark, "size": 7, "opacity": 0.75},
        customdata=[list(row) for row in zip(points["_thumb"].tolist(), *texts, strict=True)],
        hovertemplate=f"{lines or '%{fullData.name}'}<extra></extra>",
    )


def with_thumbnails(table: pd.DataFrame, folder: Path) -> tuple[pd.DataFrame, dict | None, str]:
    """Return the table with each row's place in the sprite, the sprite, and a sentence on both."""
    allowed = (
        may_show(table["licence"].astype(str)) if "licence" in table else pd.Series(False, index=table.index)
    )
    known = allowed & table["_image"].notna() & (table["_image"].astype(str) != "")
    if not known.any():
        return table, None, "No thumbnails: the licence of these images does not let a page show them."
    images = pd.Series(table.loc[known, "_image"].astype(str).unique())
    chosen = images if len(images) <= MOST else images.sample(MOST, random_state=89).sort_index()
    places = {path: place for place, path in enumerate(chosen)}
    table["_thumb"] = table["_image"].astype(str).map(places).where(known).fillna(-1).astype(int)
    everything = (table["_thumb"] >= 0).all()
    note = "" if everything else f"A thumbnail for {len(places):,} of {table['_image'].nunique():,} images."
    return (
        table,
        sprite([folder / path for path in chosen]),
        " ".join(filter(None, [note, credit(table[known])])),
    )


def credit(specimens: pd.DataFrame) -> str:
    """Return whose images these are and under which licence, in one sentence."""
    licences = ordered(specimens["licence"])
    holders = ordered(specimens["rights_holder"].fillna("")) if "rights_holder" in specimens else []
    holders = [holder for holder in holders if holder]
    return f"Images: {'; '.join(filter(None, [', '.join(holders), ', '.join(licences)]))}."
