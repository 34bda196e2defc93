# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Embedding: a map of the herbarium
#
# **If every sheet were pinned on one large wall, relatives beside relatives,
# could a botanist read the wall?**
#
# Nobody can look at so many dimensions, but everybody can read a map.
# An {term}`embedding` gives each {term}`sheet` a place on a plane, so that
# sheets whose {term}`features <feature>` are close are close there, too.
# Such maps are the most persuasive pictures in this field, which is a good
# reason to learn what they cannot say.
#
# :::{dropdown} In short
# - {term}`UMAP` keeps neighbours together, and promises nothing about
#   everything else: [by hand](embedding-hand).
# - The map is made of training sheets only, and held-out sheets are placed on
#   it afterwards: [the map](embedding-map).
# - Nobody vouches for distances between islands, and a map of pure noise is a
#   map as well: [what could fool us](embedding-fool).
# :::
#
# Reading time: 15 minutes.
#
# Reads: `specimens.parquet`, `features/<encoder>/half_earth.json` and the
# images, from [Sampling](sampling.ipynb) and [Features](features.ipynb);
# `features/<encoder>/<collection>.json` of other collections, if asked for.
#
# Writes: `embedding.parquet`, a place on each network's map for every sheet.

# %% tags=["parameters"]
data: str = "data/pocket"  # folder of the images, for thumbnails
results: str = "results/pocket"  # where artefacts are
networks: list = []  # every network, unless some are named
collections: list = []  # others to place on the map, such as "kew"
seed: int = 89  # of the maps and of the noise
start: str = "pca"  # from where a layout starts, or "spectral", as published

# %%
import numpy as np
import pandas as pd
from scipy.spatial import KDTree, distance

from herbnb import figures
from herbnb.files import located
from herbnb.representations import BASELINES, BESIDE, embedding, with_baselines
from herbnb.representations.features import read_all_features
from herbnb.representations.trust import trust
from herbnb.results import Results

# %% [markdown]
# ## Look at the sheets first
#
# These are the sheets to be pinned on the wall.
# All of them have features, and only those of the split *train* will decide
# where things lie.

# %%
here, folder = Results(results), located(data)
names, tables, parts = with_baselines(networks), [], []
for collection in ["half_earth", *collections]:
    table, of_table = read_all_features(here, names, collection)
    tables.append(table.assign(collection=collection))
    parts.append(of_table)
specimens = pd.concat(tables, ignore_index=True)
specimens.groupby(["collection", "split"]).size()

# %% [markdown]
# (embedding-hand)=
# ## The idea, by hand
#
# UMAP starts from a sheet and its nearest neighbours
# {cite:p}`mcinnes2018umap`.
# Here are the distances from one sheet to its five nearest, in some unit or
# other.

# %%
away = np.array([3.0, 3.2, 4.0, 6.0, 9.0])

# %% [markdown]
# What matters is not how far they are, but how far *compared with the
# nearest*.
# So the nearest is given the full weight of one, and the others fade from
# there.

# %%
weights = np.exp(-(away - away.min()) / 2)
weights.round(2)

# %% [markdown]
# Now take a sheet from a lonelier part of the space, where everything is ten
# times as far, and let the fading be ten times as slow.

# %%
lonely = 10 * away
np.exp(-(lonely - lonely.min()) / 20).round(2)

# %% [markdown]
# The weights are the same.
# UMAP has forgotten how dense the space was, and on the map both sheets will
# have neighbours at about one distance.
# This is why islands of as many sheets come out about as wide, however tight
# or loose the taxa are.
#
# With the weights in hand, the sheets are laid out on a plane and moved about.
# Neighbours pull each other together, in proportion to their weight, and all
# others push each other apart.
# On the plane the weight of a pair at a distance $d$ falls like
# $1 / (1 + d^2)$, and the map is done when the weights on the plane resemble
# those in the space.

# %%
on_the_plane = np.array([0.1, 1.0, 3.0, 10.0])
(1 / (1 + on_the_plane**2)).round(2)

# %% [markdown]
# Look at the last two numbers.
# A pair at three units and a pair at ten are both as good as strangers, and it
# costs next to nothing to confuse them.
# Hence the first rule for reading such a map: near means near, and far means
# only *not near*.
#
# (embedding-map)=
# ## The map
#
# The real thing is a library, so our part is short.

# %% tags=["hide-input"]
figures.source(embedding.embed)

# %% [markdown]
# The settings are those of the published analysis {cite:p}`walker2022`, except
# where the layout starts.
# There it was UMAP's own *spectral* start, which is not defined where islands
# of sheets share no neighbour; here it is the plane in which the features vary
# most, unless `start` says otherwise, as the profile `paper` does.
# A held-out sheet is placed where its neighbours among the training sheets
# are, and moves none of them.
# So the map is not drawn to suit the sheets on which we judge it.
# Where there are more than a hundred thousand training sheets, that many,
# drawn by lot, make the map, and the rest are placed on it in the same way.

# %%
maps, vectors = [], {}
for name in parts[0]:
    vectors[name] = np.concatenate([part[name] for part in parts])
    map_of = embedding.embed(specimens, vectors[name], seed, start)
    maps.append(map_of.assign(network=name))
places = pd.concat(maps, ignore_index=True)

# %% [markdown]
# The places are written, one row for each sheet and network.

# %%
columns = ["network", "collection", "split", "image_id", "x", "y"]
here.write("embedding", places[columns]).name

# %% [markdown]
# From them the <a href="../../atlas/index.html">Atlas</a> is made, a page of
# its own for wandering: all sheets, on every map, with their pictures.

# %% tags=["remove-input"]
used = embedding.neighbours((specimens["split"] == "train").sum())
few = used < embedding.NEIGHBOURS
figures.say(
    "Each sheet was compared with its **{used}** nearest, {why}.",
    used=used,
    why="all there are" if few else "as published",
)

# %% [markdown]
# To colour a map, each place needs its names again.

# %%
known = specimens.drop(columns="split")
named = places.merge(known, on=["image_id", "collection"])

# %% [markdown]
# (embedding-sheets)=
# Point at a dot, or tap it, and its sheet appears.

# %% tags=["hide-input"]
ours = named["collection"] == "half_earth"
figures.scatter(
    named, colour="family", views="network", hover=["species", "split"],
    thumbnails=named["path"].where(ours), folder=folder,
)

# %% [markdown]
# *One map of all sheets, as each representation has it; the commonest families
# have a colour and a mark.*
#
# The switch above the map lays the same sheets out again, as another network
# or baseline would.
# Look for patches of one colour.
# A colour that lies in one piece is a {term}`family` that hangs together in
# this representation; a colour sprinkled over the whole map is one that it
# does not know.
# Compare the patches of a network with those of the three
# {term}`baselines <baseline>` before admiring them, and with *imagenet* above
# all: an encoder that has seen photographs alone may have tidy patches too.
#
# Press a name below the map, and its family goes and comes back; press it
# twice, and it stands alone.
# Then move over the border of a patch and look at the sheets: what changes
# there, the plant or the paper?
#
# The axes have no names, because they mean nothing.
# A map may be turned or mirrored, and it is still the same map, so a corner of
# one network's map has nothing to do with the same corner of another's.
#
# ## How far to trust it
#
# How far may one trust a map?
# Take the neighbours of each sheet on the plane and ask how many of them are
# neighbours among the features as well.
# The *trustworthiness* is one if all of them are, and falls the more strangers
# are put side by side.

# %%
on_map, trusted = {}, {}
for name, of_map in places.groupby("network", sort=False):
    on_map[name] = of_map[["x", "y"]].to_numpy()
    trusted[name] = trust(vectors[name], on_map[name], seed)

# %% tags=["hide-input"]
card = pd.DataFrame(trusted.values(), index=[*trusted])
drawn = (card["asked"] < len(specimens)).any()
shown = card if drawn else card[["trustworthiness"]]
figures.table(shown.rename_axis("network").reset_index())

# %% [markdown]
# *How far neighbours on the map are neighbours in truth.*

# %% tags=["remove-input"]
some = (
    "Of {sheets:,} sheets {asked:,} were asked, drawn by lot. Between *low* "
    "and *high* lies, in 95 cases of 100, what all would have given."
)
figures.say(
    some if drawn else "All {sheets:,} sheets were asked.",
    sheets=len(specimens),
    asked=card["asked"].max(),
)

# %% [markdown]
# This score praises the *map*, not the representation.
# A map can be perfectly true to features that know nothing of plants.
# Here is the network whose map is the truest, coloured by {term}`split`.

# %% tags=["hide-input"]
own = [name for name in vectors if name not in BESIDE] or [*vectors]
truest = card.loc[own, "trustworthiness"]
chosen = truest.idxmax()
of_run = named[ours]
one = of_run[of_run["network"] == chosen]
figures.scatter(one, colour="split", hover=["species", "institution"])

# %% [markdown]
# *The truest of the networks' maps, and the sheets of each split on it.*
#
# The sheets of *train* have drawn the islands.
# See whether the held-out sheets fall on the same islands, or collect in the
# no man's land between them, and whether there is an island without a sheet of
# *train*: its sheets have found no equals among those that taught.
#
# (embedding-fool)=
# ## What could fool us
#
# *Could noise look like this?*
# Shuffle every feature among the sheets by itself.
# Each number is still there, but no two features belong to the same sheet any
# more, so there is nothing left to find.

# %%
noise = embedding.noise_like(vectors[chosen], seed)
of_noise = embedding.embed(specimens, noise, seed, start)
mapped = of_noise.merge(known, on=["image_id", "collection"])

# %% tags=["hide-input"]
figures.scatter(mapped, colour="family", hover=["species", "split"])

# %% [markdown]
# *A map of nothing.*
#
# It is still a map, with crowded places and thin ones, and on another day one
# might be tempted to give them names.
# Clear islands are few, but the colours are what gives it away, for they are
# mixed everywhere.
# Without colours, on a herbarium that has not been named yet, one would have
# only the shapes, and shapes are cheap.

# %% tags=["remove-input"]
figures.say(
    "Its trustworthiness is **{of_noise:.2f}**, where the map of the {chosen} "
    "had {of_sheets:.2f}.",
    of_noise=trust(noise, of_noise[["x", "y"]].to_numpy(), seed)[0],
    chosen=chosen,
    of_sheets=truest[chosen],
)

# %% [markdown]
# *Could the distance between two islands mean something?*
# Take the middle of every family, once among the features and once on the map,
# and rank all pairs of families by their distance.
# If the map kept these distances, the two rankings would agree.

# %%
def between_families(points):
    family = specimens["family"].to_numpy()
    middle = pd.DataFrame(points).groupby(family).mean().to_numpy()
    return pd.Series(distance.pdist(middle)).rank()


in_truth = between_families(vectors[chosen])
kept = between_families(on_map[chosen]).corr(in_truth)

# %% tags=["remove-input"]
figures.say(
    "For the {chosen} the two rankings agree with a correlation of "
    "**{kept:.2f}**, where one would be perfect and nought no better than "
    "chance.",
    chosen=chosen,
    kept=kept,
)

# %% [markdown]
# Whatever is missing from one, the map has made up.
# And what is there may be owed to the plane from which the layout started,
# since UMAP itself asks after neighbours alone.
# That one island lies beside another is therefore a question to ask of the
# features, and never an answer by itself.
#
# ## The answer

# %% tags=["remove-input"]
def patch(of_map):
    fixed = of_map[of_map["split"] == "train"]
    new = of_map[of_map["split"] == "random"]
    _, nearest = KDTree(fixed[["x", "y"]]).query(new[["x", "y"]])
    beside = fixed["family"].to_numpy()[nearest]
    return (beside == new["family"].to_numpy()).mean()


# %% tags=["remove-input"]
by_network = of_run.groupby("network", sort=False)
shares = pd.Series({name: patch(of_map) for name, of_map in by_network})
best = shares[own].idxmax()
base = shares[[*BASELINES]].idxmax()
readable = "the wall can be read, with care"
useless = "this wall is little or no better than one without our lessons"

# %% tags=["remove-input"]
figures.say(
    "A new sheet pinned on the map of the **{best}** lands beside a training "
    "sheet of its own family in **{share:.0%}** of cases. On the map of the "
    "best baseline ({base}) it does so in {of_base:.0%}. So {answer}.",
    best=best,
    share=shares[best],
    base=base,
    of_base=shares[base],
    answer=readable if shares[best] > shares[base] + 0.05 else useless,
)

# %% [markdown]
# ## Exercises
#
# ::::{admonition} Exercise 1: another seed
# Draw the maps again with another seed.
# What stays, and what does not?
#
# :::{dropdown} Hint
# The parameter is `seed`; `start` says where a layout begins.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run embedding -p seed 1
# ```
#
# Patches keep their members and, since every layout starts from the same
# plane, mostly their places.
# Their outlines and the gaps between them move.
# Add `-p start spectral`, and the places move too, and with them every
# conclusion that rested on those.
# :::
# ::::
#
# ::::{admonition} Exercise 2: fewer neighbours
# Set `NEIGHBOURS` to five, and then to fifty.
# What becomes of the patches?
#
# :::{dropdown} Hint
# The line is in `herbnb/representations/embedding.py`.
# :::
#
# :::{dropdown} Solution
# ```diff
# --- herbnb/representations/embedding.py
# -NEIGHBOURS = 15
# +NEIGHBOURS = 5
# ```
#
# With five the map falls into many small islands, even where the features have
# none.
# With fifty it becomes one continent on which small genera drown.
# Neither is wrong; they answer questions at different scales, and a figure
# that shows one of them should say which.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# Why not fit the map to all sheets at once, held-out ones included?
#
# :::{dropdown} Hint
# The map is also a test: of what?
# :::
#
# :::{dropdown} Solution
# For a picture of one's own collection one may well do so.
# But here the map also serves as a test of whether new sheets find their
# relatives, and a map that was drawn around them would make room for each in a
# good place.
# It would flatter the representation, just as testing on training sheets does.
# :::
# ::::
#
# ## Next
#
# The map shows which sheets a network thinks alike.
# It does not show what it looks at.
# For that one has to ask a single {term}`channel`, in
# [Activations](activations.ipynb).
