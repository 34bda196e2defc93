# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Silhouettes: do relatives lie together?
#
# **Do two sheets of one genus lie closer together than two of different
# genera, and does the same hold for families and orders?**
#
# Taxonomists put specimens that are alike into one folder, folders into one
# cupboard, and cupboards into one hall.
# A {term}`representation` does something similar, without folders: it gives
# every {term}`sheet` a place in a space of very many dimensions.
# If it has understood anything of plants, relatives should be neighbours
# there, at the {term}`rank` of genus and perhaps at those above, of which no
# network was ever told.
#
# :::{dropdown} In short
# - A {term}`silhouette` compares the way to one's own {term}`taxon` with the
#   way to the next one, and lies between minus one and one: [by
#   hand](silhouettes-hand).
# - One pass over the {term}`distances <distance>` serves all ranks, and every
#   {term}`split` is scored by itself: [the scores](silhouettes-scores).
# - Sheets of a genus rise and fall together, so an interval that takes each
#   for a fresh piece of news is too narrow: [what could fool
#   us](silhouettes-fool).
# :::
#
# Reading time: 15 minutes.
#
# Reads: `specimens.parquet` and `features/<encoder>/half_earth.json`, from
# [Sampling](sampling.ipynb) and [Features](features.ipynb).
#
# Writes: `silhouettes.parquet`, a score for each sheet and rank;
# `silhouettes.csv`, their means with intervals; and in `scores/silhouettes/` a
# part for each {term}`network` and {term}`split`.

# %% tags=["parameters"]
results: str = "results/pocket"  # where artefacts are
networks: list = []  # every network, unless some are named
seed: int = 89  # of the intervals and of the shuffling

# %%
import numpy as np
import pandas as pd

from herbnb import figures
from herbnb.networks import NETWORKS
from herbnb.representations import BASELINES, BESIDE, with_baselines
from herbnb.representations.features import read_all_features
from herbnb.representations.silhouettes import (
    mean_silhouettes,
    score_splits,
    silhouette_lead,
    silhouettes,
)
from herbnb.resampling import mean_interval
from herbnb.results import Results
from herbnb.specimens import RANKS, SPLITS

# %% [markdown]
# ## Look at the taxa first
#
# A silhouette needs two taxa at least, and says more the more sheets each of
# them has.
# So count, for each split and rank, the taxa and the sheets of the smallest
# and of a middling one.

# %%
here, rows = Results(results), []
specimens = here.read("specimens")
for split in SPLITS:
    for rank in RANKS:
        sizes = specimens.loc[specimens["split"] == split, rank].value_counts()
        row = split, rank, len(sizes), sizes.min(), sizes.median()
        rows.append(row)

# %% tags=["hide-input"]
columns = ["split", "rank", "taxa", "smallest", "middling"]
counted = pd.DataFrame(rows, columns=columns)
figures.table(counted, digits=1)

# %% [markdown]
# *Taxa of each split, and how many sheets they have.*
#
# A taxon with a single sheet has no relative to be close to, and by convention
# its silhouette is nought.
# Where the column *smallest* says one, some of that is in the means below.
#
# (silhouettes-hand)=
# ## The idea, by hand
#
# Take two genera on a line, which is a space of one dimension: three sheets of
# *Poa* and two of *Carex*.

# %%
poa, carex = np.array([1.0, 2.0, 3.0]), np.array([7.0, 9.0])
sheet = poa[0]

# %% [markdown]
# Stand on the first sheet of *Poa*.
# On average its relatives are so far away, not counting itself, and the sheets
# of the other genus so far.

# %%
a = np.abs(sheet - poa[1:]).mean().item()
b = np.abs(sheet - carex).mean().item()
a, b

# %% [markdown]
# The silhouette is the difference of the two, as a share of the larger
# {cite:p}`rousseeuw1987silhouettes`:
#
# $$ s = \frac{b - a}{\max(a, b)}. $$

# %%
(b - a) / max(a, b)

# %% [markdown]
# One would be a genus pressed into a point, far from all others.
# Nought is a sheet on the border, as close to the next genus as to its own.
# Below nought, the sheet lies nearer to another genus than to its own: a
# curator would at least look at the name twice.
#
# With more than two genera, $b$ is the way to the *nearest* of the others.
# Now misname the first sheet, as if it were a *Carex*.
# The way to its own and the way to the others have changed places.

# %%
a, b = b, a
(b - a) / max(a, b)

# %% [markdown]
# The number is the same with its sign turned.
# Hence a silhouette judges two things at once, the place of a sheet and its
# name, and cannot say which of them is wrong.
#
# (silhouettes-scores)=
# ## All ranks in one pass
#
# The costly part is the distance from every sheet to every other.
# The published analysis computed it three times, once for each rank.
# But the distances do not depend on the names, only the sums over taxa do, and
# the sum over a {term}`family` is the sum over its genera.

# %% tags=["hide-input"]
figures.source(silhouettes)

# %% [markdown]
# Of a few thousand sheets all distances are held, and scikit-learn does the
# rest.
# Of more they come in slices, and a slice is forgotten once it has been
# summed, so that memory does not grow with the square of the herbarium.
# Each split is scored by itself: a held-out sheet is compared with sheets of
# its own set only.
# What has been scored is entered in a {term}`scorebook`, a network and a split
# at a time, and is not scored again while nothing changes.

# %%
specimens, vectors = read_all_features(here, with_baselines(networks))
keep = vectors.scorebook("silhouettes")
scores = score_splits(specimens, vectors, keep)
here.write("silhouettes", scores).name

# %% [markdown]
# Their means come with intervals from a {term}`bootstrap` that draws whole
# genera {cite:p}`efron1993bootstrap`.
# Why genera and not sheets is a question for the end of the chapter.

# %%
card = mean_silhouettes(scores, seed)
here.write("silhouette_means", card).name

# %% [markdown]
# (silhouettes-means)=
# A split that shows a single taxon at some rank cannot be scored there, and is
# left out.

# %% tags=["remove-input"]
left_out = figures.each(
    "*{split}* at the rank of {rank}",
    counted[counted["taxa"] < 2],
    sep=", ",
    before="Left out: ",
    after=".",
)
figures.say(left_out or "Here nothing had to be left out.")

# %% tags=["hide-input"]
figures.interval_dots(
    card, x="mean", y="rank", colour="network", facet="split", baseline=0,
)

# %% [markdown]
# *Mean silhouettes, each with its interval as a whisker; the dotted line is
# the border between one taxon and the next.*
#
# Begin with the panel *train* and then distrust it, for a network may simply
# have learnt where to put these very sheets.
# One mark may rise or fall from panel to panel for a dull reason, since the
# sets differ in size and in how many species a genus has; the baselines, which
# remember nothing, rise and fall as well.
# So compare the networks with *imagenet*, which has seen photographs and none
# of these sheets: what lies between is what our sheets have taught, or undone.
# What is lost of that lead from *train* to *random* was memory; what is lost
# on *species* besides was knowledge of single species, and on *institutions*
# knowledge of one herbarium's paper.
#
# Then read down the ranks.
# The networks that were taught names were taught genera and nothing above.
# If families hold together as well, do not conclude that the network knows
# what genera share: sheets of one genus are of one family, and part of what
# holds together is the genus again.
# [Identification](identification.ipynb) asks for the family without the genus.
# A higher rank is harder in one way, because a family is as wide as its two
# most different genera, and easier in another, because fewer families than
# genera can lie nearer by chance.
#
# A mean near nought is no disgrace.
# Silhouettes are strict, for they want the *average* relative to be near,
# whereas a name can often be told from a single near neighbour.
# Scores below nought are common at every rank, and mean that taxa overlap, not
# that a sheet cannot be named.
#
# ## The sheets behind the means
#
# A mean can hide two herds.
# Here is every single silhouette of the *random* set.

# %% tags=["hide-input"]
of_random = scores[scores["split"] == "random"]
figures.distributions(
    of_random, x="silhouette", colour="network", facet="rank",
)

# %% [markdown]
# *Silhouettes of single sheets, in the set "random".*
#
# Look for a tail on the right or a second hump: a few genera that stand apart
# while the rest lie in one heap.
# The genera at either end can be named.

# %%
genera = of_random[of_random["rank"] == "genus"]
of_genus = genera.groupby(["network", "taxon"])["silhouette"]
ends = of_genus.agg(["mean", "size"]).query("size > 2").reset_index()
ends = ends[~ends["network"].isin([*BESIDE])]
ends = ends.sort_values(["network", "mean"], ascending=[True, False])

# %% tags=["hide-input"]
place = ends.groupby("network").cumcount()
from_below = ends.groupby("network").cumcount(ascending=False)
figures.table(ends[(place < 2) | (from_below < 2)])

# %% [markdown]
# *For each network, the two genera that hold together best and the two that
# hold together worst, among those with three sheets or more.*
#
# Ask of the names at the top whether they have a habit of their own, such as a
# sedge's, and of those at the bottom which genus they might be mistaken for.
#
# (silhouettes-fool)=
# ## What could fool us
#
# *Could it be chance?*
# Shuffle the genera among the sheets of the *random* set and score again:
# whatever remains is what the score gives away for nothing.

# %%
rows = (specimens["split"] == "random").to_numpy()
shuffled = specimens.loc[rows, ["genus"]].sample(frac=1, random_state=seed)
by_chance = {}
for name, of_sheets in vectors.items():
    of_chance = silhouettes(of_sheets[rows], shuffled, ["genus"])
    by_chance[name] = of_chance["genus"].mean()

# %% tags=["hide-input"]
columns = ["network", "mean silhouette, genera shuffled"]
figures.table(pd.DataFrame(by_chance.items(), columns=columns))

# %% [markdown]
# *Silhouettes of genera that mean nothing.*
#
# These are mostly *below* nought.
# With many taxa there is always one that happens to be nearer than one's own,
# so the border of pure chance lies to the left of the dotted line.
#
# *Could it be the paper?*
# Score the held-out sheets once more, with the {term}`institution` in the
# place of the genus.

# %%
away = (specimens["split"] != "train").to_numpy()
asked, of_paper = ["genus", "institution"], {}
for name, of_sheets in vectors.items():
    grouped = silhouettes(of_sheets[away], specimens[away], asked)
    of_paper[name] = grouped.mean()

# %% tags=["hide-input"]
figures.table(pd.DataFrame(of_paper).T.rename_axis("network").reset_index())

# %% [markdown]
# *The same sheets, grouped by genus and by institution.*
#
# Where the right column is clearly the larger, the first thing that this
# representation sorts by is not botany.
# An *oracle* has seen no paper, so its right column is what the floras of the
# institutions would give by themselves.
#
# *Could the intervals be too narrow?*
# Sheets of one genus share their fate: if a network has understood *Salix*,
# all willows score well.
# Drawing single sheets pretends that each of them is news.

# %%
shown = next(iter(vectors))
part = genera[genera["network"] == shown]
together = mean_interval(part["silhouette"], part["group"], seed)
apart = mean_interval(part["silhouette"], part["image_id"], seed)

# %% tags=["remove-input"]
figures.say(
    "For the {network}, on the set *random*, the interval is **{wide:.3f}** "
    "wide when genera are drawn, and {narrow:.3f} when sheets are.",
    network=shown,
    wide=together[1] - together[0],
    narrow=apart[1] - apart[0],
)

# %% [markdown]
# The published means had no intervals.
# Even ours keep the features as they are: training the network again from
# another seed would move them, too, and that is in no whisker here.
#
# ## The answer

# %% tags=["remove-input"]
at = card[card["split"] == "random"].set_index("network")
at_genus = at[at["rank"] == "genus"]
own = [name for name in vectors if name not in BESIDE] or [*vectors]
best = at_genus.loc[own, "mean"].idxmax()
base = at_genus["mean"].loc[[*BASELINES]].idxmax()
lead, low, high = silhouette_lead(genera, best, base, seed)
before = at_genus.loc["imagenet", "mean"]

# %% tags=["remove-input"]
figures.say(
    "On the set *random*, of the networks asked, relatives lie closest in the "
    "space of the **{best}**: its mean silhouette is {means}. The best "
    "baseline for genus, {base}, has {of_base:.2f}; the lead over it is "
    "**{lead:+.3f}** ({low:+.3f} to {high:+.3f}).",
    best=best,
    means=figures.each("**{mean:.2f}** for {rank}", at.loc[[best]], sep=", "),
    base=base,
    of_base=at_genus.loc[base, "mean"],
    lead=lead,
    low=low,
    high=high,
)

# %% [markdown]
# And what did our sheets teach that photographs had not?

# %% tags=["remove-input"]
ours = at_genus[at_genus.index.isin(NETWORKS)].reset_index()
ours["where"] = np.where(ours["mean"] > before, "above", "not above")
figures.say(
    "After photographs alone, *imagenet* has {before:.2f}: {steps}. Where a "
    "network is not above, its lesson brought relatives no closer.",
    before=before,
    steps=figures.each("the {network} is {where} that", ours, sep=", "),
)

# %% [markdown]
# ## Exercises
#
# ::::{admonition} Exercise 1: one network
# Run the chapter for a single network, with another seed.
# Which numbers change?
#
# :::{dropdown} Hint
# `networks` is a list, and on a command line a list stands in quotes.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run silhouettes -p networks '["triplet"]' -p seed 1
# ```
#
# The means stay to the last digit, because nothing about them is random.
# The whiskers move a little, and so do the shuffled scores; if they moved
# much, a thousand draws would not be enough.
# :::
# ::::
#
# ::::{admonition} Exercise 2: another way to measure
# Divide every feature vector by its length before scoring, so that only
# directions count.
# Which representation gains?
#
# :::{dropdown} Hint
# `score_split`, in `herbnb/representations/silhouettes.py`, takes the features
# of one split; `np.linalg.norm` has their lengths.
# :::
#
# :::{dropdown} Solution
# ```diff
# --- herbnb/representations/silhouettes.py
# -    scores = silhouettes(features[network][rows], part)
# +    of_sheets = features[network][rows]
# +    of_sheets /= np.linalg.norm(of_sheets, axis=1, keepdims=True)
# +    scores = silhouettes(of_sheets, part)
# ```
#
# The scorebook notices that the code has changed, and scores again.
# A representation gains if the length of its vectors says how much ink is on
# the sheet rather than what the plant is.
# The {term}`triplet network` was trained on plain Euclidean distances, so for
# it there is the least reason to expect a gain.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# A family of one genus has the same sheets at both ranks.
# Why may a sheet have different silhouettes there?
#
# :::{dropdown} Hint
# Write down $a$ and $b$ for both ranks: which of them is the same?
# :::
#
# :::{dropdown} Solution
# Its own taxon is the same, so $a$ is the same.
# But the mean way to another family is an average over its genera, none of
# which is nearer than the nearest other genus, so $b$ cannot shrink.
# The silhouette at the higher rank is therefore never the smaller one.
# :::
# ::::
#
# ## Next
#
# A silhouette is one number for each sheet, and the dimensions are far too
# many to look at.
# Can they be flattened into a map, and would one believe it?
# That is [Embedding](embedding.ipynb).
