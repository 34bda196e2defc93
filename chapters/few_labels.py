# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Few labels: how many names are enough?
#
# **How many sheets of a genus must a botanist name before the rest can be
# named from their features, and if a name is wrong, how wrong is it?**
#
# In [Identification](identification.ipynb) all training sheets were named when
# the lessons began.
# In most herbaria the names are what is missing: a botanist's hour is dear,
# and pictures are cheap.
# So we ask what the first few names buy.
# Then we look at the mistakes.
# A plant that is put into the wrong genus of the right family is in the right
# cupboard, and whoever opens the folder will see it; a sedge among the orchids
# is lost.
#
# :::{dropdown} In short
# - A good {term}`representation` has done most of the work before the first
#   name is given, and the curve of the score says how much: [the
#   curve](few-curve).
# - Not all mistakes are equally far from the truth, and a {term}`genus` drawn
#   by lot says what far means: [how far off](few-mistakes).
# - A regression that may stop at the {term}`family`, or say nothing, is right
#   more often: [as far as it is sure](few-sure).
# :::
#
# Reading time: 20 minutes.
#
# Reads: `specimens.parquet` and `features/<encoder>/half_earth.json`, from
# [Sampling](sampling.ipynb) and [Features](features.ipynb); and
# `identification_strengths.csv`, from [Identification](identification.ipynb).
#
# Writes: `few_labels.csv`, the score of each lesson; `mistakes.parquet`, what
# each sheet was taken for, and `mistakes.csv`, how far off that was, with
# intervals; `sure_names.csv`, how many sheets are named at each rank.

# %% tags=["parameters"]
results: str = "results/pocket"  # where artefacts are
networks: list = []  # whose features are asked: by default, every network's
sheets_per_genus: list = [1, 2, 5, 10]  # that teach, in the small lessons
draws: int = 5  # how often the sheets of a lesson are drawn
enough: float = 0.9  # share of the score with all sheets that will do
sure: list = [0.0, 0.5, 0.7, 0.9, 0.95, 0.99]  # least probability of a name
seed: int = 89  # of the draws, the choice of C and the resampling

# %%
import numpy as np
import pandas as pd

from herbnb import figures
from herbnb.applications import few_labels, hierarchy, sureness
from herbnb.applications.scores import BY_LOT
from herbnb.representations import BESIDE, with_baselines
from herbnb.representations.features import read_all_features
from herbnb.results import Results

# %% [markdown]
# ## Look at the sheets first
#
# Who can teach?
# A genus with three sheets cannot give a lesson of ten.
# If it joined in the small lessons only, each size of lesson would be another
# exam, with other genera in it.
# So the genera are the same in all lessons: those with enough training sheets
# for the largest.

# %%
here, most = Results(results), max(sheets_per_genus)
specimens = here.read("specimens")
train = (specimens["split"] == "train").to_numpy()
counted = specimens.loc[train, "genus"].value_counts()
learnt = counted.index[counted >= most]

# %% tags=["hide-input"]
bars = counted.rename("training sheets").rename_axis("genus").reset_index()
figures.counts(bars.head(40), x="training sheets", y="genus")

# %% [markdown]
# *Training sheets of each genus, at most forty genera.*

# %% tags=["remove-input"]
line = (
    "With lessons of up to {most} sheets a genus, {learnt} of {all} genera "
    "can be learnt, and {left} training sheets are left out."
)
left = counted[counted < most].sum()
told = {"most": most, "all": len(counted), "learnt": len(learnt)}
figures.say(line, left=left, **told)

# %% [markdown]
# ## The idea, by hand
#
# Put three sheets of *Poa* and two of *Carex* on a line, as in
# [Silhouettes](silhouettes.ipynb), and let one of each teach.
# The border between the two genera is then half-way between the teachers.
# There are six pairs of them, and six borders.

# %%
poa, carex = np.array([1.0, 2.0, 3.0]), np.array([7.0, 9.0])
borders = (poa[:, None] + carex) / 2
borders

# %% [markdown]
# Every one of these borders parts all five sheets rightly, since the genera
# lie far apart.
# Now let the first *Carex* look rather like a *Poa*, and count the mistakes
# that each border makes.

# %%
carex = np.array([3.5, 9.0])
borders = (poa[:, None] + carex) / 2
wrong = (poa > borders[..., None]).sum(2) + (carex < borders[..., None]).sum(2)
wrong

# %% [markdown]
# The rows are the teachers of *Poa*, the columns those of *Carex*.
# What one learns from a single sheet depends on which sheet it is.
# Hence every small lesson below is drawn several times, and what is shown is
# the mean of the draws, and how far the worst lies from the best.
#
# (few-curve)=
# ## The curve
#
# The sheets of a lesson are drawn from the training sheets, and the two of a
# lesson of two contain the one of the lesson before, as when a botanist goes
# on naming.
# The last lesson has all of them.
# The regression is that of [Identification](identification.ipynb).

# %% tags=["hide-input"]
figures.source(few_labels.learn)

# %% [markdown]
# Draw the lessons first.

# %%
how = dict(sizes=sheets_per_genus, draws=draws, seed=seed)
names = specimens["genus"].to_numpy(object)
drawn = few_labels.lessons(names, train, ~train, **how)

# %% [markdown]
# How firmly the regression may lean on the features, its $C$, is chosen for
# each representation by the sheets of the largest small lesson, as first
# drawn.
# Chosen from all training sheets, as it was there, it would carry more of what
# all names know into the lessons of one.
# The last lesson has it, too, so its scores may differ a little from those
# there.

# %%
asked = with_baselines(networks)
specimens, features = read_all_features(here, asked)
c = few_labels.strengths(features, specimens, drawn, seed)

# %% [markdown]
# All networks and all baselines have the same lessons, and one contestant
# looks at no sheet and answers by lot.

# %%
at_genus = few_labels.learn(features, specimens, drawn, "genus", c, seed)
curves = few_labels.curve(at_genus)

# %% tags=["hide-input"]
nothing = (
    "Nothing to learn: fewer than two genera have enough training sheets for "
    "the largest lesson, or no held-out sheet is of one of them."
)
figures.curves(
    curves, x="sheets", y="f1", colour="network", facet="split",
    empty=nothing,
)

# %% [markdown]
# *Macro F1 of the genus by the number of sheets a genus that teach; ribbons
# from the worst draw to the best.*
#
# The last point of each line is the lesson with all training sheets, and
# stands at their mean number.
# Look at how steeply a line begins.
# One that is high from the start and then flat belongs to features in which
# the sheets of a genus lie together already: a name is then hardly more than a
# tag on a heap.
# One that climbs slowly and is still climbing at the right has the names in it
# somewhere, but each must be dug out.
# One that stays with *by lot* does not have them.
#
# The ribbons are not the intervals of other chapters.
# They tell how much depends on which sheets were named, and nothing of which
# sheets were asked about.
# A wide one on the left is a warning to choose well what is named first.
#
# What must be named to reach a given share of the score with all sheets?

# %%
reached = few_labels.enough(curves, enough)

# %% tags=["hide-input"]
within = reached["few"].map("{:.0f}".format)
beyond = f"more than {most}"
reached["needed"] = within.where(reached["few"].notna(), beyond)
wide = reached[reached["network"] != BY_LOT]
wide = wide.pivot(index="network", columns="split", values="needed")
figures.table(wide.rename_axis(columns=None).reset_index(), empty=nothing)

# %% [markdown]
# *Sheets a genus that bring each network to the share `enough` of its own
# score with all.*
#
# Read it beside the curves.
# A baseline that never gets anywhere has soon got there.
#
# (few-mistakes)=
# ## How far off is a mistake?
#
# Genera, families and orders form a tree.
# From a genus one step up is its family, two its order, three the plants as a
# whole.
# The *height* of a mistake is the number of steps to the first taxon that
# holds both the true genus and the one that was named
# {cite:p}`bertinetto2020mistakes`.
# Three genera will do to see it.

# %%
ranks = ["genus", "family", "order"]
toy = [("Poa", "Poaceae"), ("Festuca", "Poaceae"), ("Carex", "Cyperaceae")]
tree = pd.DataFrame([(*both, "Poales") for both in toy], columns=ranks)
hierarchy.heights(tree)

# %% [markdown]
# A *Poa* that is called *Festuca* is off by one, and one that is called
# *Carex* by two.
# An oak would be off by three.
#
# Now the real thing: the regression of Identification, on all training sheets
# and with its $C$, asked about every held-out sheet of a genus that it knows.

# %%
chosen = here.read("identification_strengths")
of_all = chosen.set_index("network")["c"]
answers = hierarchy.name_all(specimens, features, of_all)
mistakes = hierarchy.mistakes(specimens, answers)
off = hierarchy.mistake_scores(mistakes, seed)

# %% [markdown]
# Both tables are written, and so are the lessons, once those below have joined
# them.

# %%
here.write("mistakes", mistakes)
here.write("mistakes_scores", off).name

# %% [markdown]
# What would far mean?
# For each misnamed sheet, let somebody draw one of the *other* genera by lot.
# He is mostly off by three, because most genera are of other orders.

# %% tags=["hide-input"]
none_wrong = (
    "No sheet that could be asked about was misnamed, so there is no mistake "
    "to measure."
)
figures.interval_dots(
    off[off["measure"] == "height"], x="value", y="network", colour="by",
    facet="split", empty=none_wrong,
)

# %% [markdown]
# *Mean height of the mistakes, and of mistakes by lot.*
#
# To the left of *by lot* is better.
# Only mistakes are counted here, so a network that makes few of them has few
# sheets and a long whisker.
# Do not compare networks by this alone: one that names all easy sheets rightly
# is left with the hardest, and may be off by more.
# What the mean hides is how many stay in the family.

# %% tags=["hide-input"]
kin = off[off["measure"] == "family"]
key = ["split", "network", "misnamed"]
wide = kin.pivot(index=key, columns="by", values="value")
right = hierarchy.rank_accuracy(mistakes).rename(columns={"height": "off_by"})
wide = wide.add_prefix("in_family_").reset_index()
wide = wide.merge(right, on=["split", "network"])
figures.table(wide, digits=2, empty=none_wrong)

# %% [markdown]
# *Of the misnamed sheets, the share that stays in the family, made and by lot;
# of all sheets, the share named rightly at each rank, and the mean height.*
#
# Where *made* is clearly larger than *by lot*, relatives are mistaken for
# relatives, as a botanist would mistake them.
# The last column counts every sheet, the right ones with nought: it is small
# if mistakes are few, or if they are near.
#
# (few-sure)=
# ## Named as far as it is sure
#
# A botanist who cannot tell the genus writes the name of the family on the
# folder, and is useful.
# A regression can do the same, and need not be taught to: the probability of a
# family is the sum over its genera.

# %%
of_genera = np.array([0.45, 0.40, 0.15])
in_family = np.array([[1, 0], [1, 0], [0, 1]])
of_genera @ in_family

# %% [markdown]
# Who wants to be sure at seven in ten cannot call this sheet *Poa*, but may
# call it a grass.

# %% tags=["hide-input"]
figures.source(sureness.name_as_far)

# %% [markdown]
# The parameter `sure` has several levels to try, from nought, where every
# sheet must have a genus.

# %%
named = sureness.sure_names(specimens, answers, sure, seed)
here.write("sure_names", named).name

# %% [markdown]
# Here is what becomes of the sheets of other institutions, or of the last set
# that there is, in the eyes of the network that names most of them rightly.

# %% tags=["hide-input"]
own = [name for name in features if name not in BESIDE] or [*features]
any_name = named[named["rank"] == sureness.ANY]
sets = any_name["split"].unique()
shown = "institutions" if "institutions" in sets else (*sets, "")[-1]
right = hierarchy.rank_accuracy(mistakes)
right = right[right["split"].eq(shown) & right["network"].isin(own)]
best = next(iter(right.sort_values("genus")["network"][::-1]), own[0])
one = named[named["network"].eq(best) & named["split"].eq(shown)]
parts = one[one["rank"] != sureness.ANY]
parts = parts.assign(sure=parts["sure"].map("≥ {:g}".format))
nobody = "Nobody could be asked: training knows no genus of a held-out sheet."
figures.counts(parts, x="sure", y="sheets", colour="rank", empty=nobody)

# %% [markdown]
# *Sheets that get their name at each rank, by how sure the regression must
# be.*
#
# At the left every sheet gets a genus, and some of these are wrong.
# Towards the right the genus gives way to coarser names and to nothing.
# If there is little between genus and nothing, the regression's doubts are not
# between relatives, and the tree is of no help to it.
# Whether silence is worth its price is the next figure.

# %% tags=["hide-input"]
figures.curves(
    any_name, x="share", y="right", colour="network", facet="split",
    empty=nobody,
)

# %% [markdown]
# *Of the sheets that get a name at any rank, the share that is right, by how
# many get one.*
#
# A line begins at the right, where all sheets are named, and should rise to
# the left as the doubtful ones fall silent.
# A flat line means that the regression does not know what it does not know.
# The levels are a dial, not a promise: whether a probability keeps its word is
# called {term}`calibration`.
# Which level is the right one depends on what a mistake costs, and [Your
# herbarium](your_herbarium.ipynb) counts both.
# And a coarse name is cheap.
# An order with many genera sums many probabilities, so it may be right without
# being of much use.
#
# (few-fool)=
# ## What could fool us
#
# The first figure flatters some networks.
# The {term}`classifier` was taught the genera of the training sheets, and so,
# in threes, was the {term}`triplet network`.
# When a regression then needs a single sheet a genus, it may be because the
# names of many have been spent already, in the lessons before.
# Of the book's three lessons only that of the {term}`autoencoder` names
# nothing; *imagenet* heard names, but not of plants on sheets.
#
# So ask for names that nobody has taught: the *species* of the new species.
# Some sheets of each teach, drawn as before, and those of the same set that
# teach in no lesson of the draw are asked about.

# %%
names = specimens["species"].to_numpy(object)
new = (specimens["split"] == "species").to_numpy()
drawn = few_labels.lessons(names, new, None, **how)
of_new = few_labels.learn(features, specimens, drawn, "species", c, seed)
both = pd.concat([at_genus, of_new], ignore_index=True)
here.write("few_labels", both).name

# %% tags=["hide-input"]
unnamed = (
    "Nothing to learn: fewer than two new species have more sheets than the "
    "largest lesson."
)
of_new = few_labels.curve(of_new)
figures.curves(of_new, x="sheets", y="f1", colour="network", empty=unnamed)

# %% [markdown]
# *Macro F1 of new species, by the number of sheets a species that teach.*
#
# Here every network begins with nothing but its features.
# A network that led in the first figure and no longer leads here had been
# told, and one that leads still has learnt something about plants that carries
# over.
# It is another exam, with other names and another number of them, so compare
# the order of the lines and not their heights.

# %% [markdown]
# The best of the networks, with the fewest teachers and with the most:

# %% tags=["remove-input"]
line = (
    "- Where {sheets:.0f} of each new species teach, the **{network}** has "
    "**{f1:.2f}** (draws from {low:.2f} to {high:.2f}), and *imagenet* "
    "{before:.2f};"
)
photographs = of_new[of_new["network"] == "imagenet"].set_index("sheets")
mine = of_new[of_new["network"].isin(own)].sort_values("f1").iloc[::-1]
mine = mine.drop_duplicates("sheets").sort_values("sheets")
mine = mine.assign(before=mine["sheets"].map(photographs["f1"]))
figures.say(figures.each(line, mine.iloc[[0, -1][: len(mine)]]) or unnamed)

# %% [markdown]
# ## The answer

# %% tags=["remove-input"]
whole = reached[reached["network"].isin(own)].reset_index(drop=True)
firsts = curves[~curves["all"]].sort_values("sheets")
firsts = firsts.drop_duplicates(["network", "split"])
firsts = firsts[["network", "split", "f1"]].rename(columns={"f1": "first"})
whole = whole.merge(firsts, on=["network", "split"])
top = whole.loc[whole.groupby("split", sort=False)["f1_all"].idxmax()]
line = (
    "- On *{split}*, the **{network}** has a macro F1 of {first:.2f} in the "
    "smallest lesson ({fewest} a genus) and of **{f1_all:.2f}** with all "
    "sheets, and needs **{needed}** a genus for {enough:.0%} of that;"
)
fixed = {"fewest": min(sheets_per_genus), "enough": enough}
figures.say(figures.each(line, top, **fixed) or nothing)

# %% [markdown]
# And how wrong are the mistakes?

# %% tags=["remove-input"]
of_best = kin[kin["network"].eq(best)]
lot = of_best[of_best["by"] == BY_LOT].set_index("split")["value"]
made = of_best[of_best["by"] == hierarchy.MADE]
made = made.assign(lot=made["split"].map(lot))
line = (
    "- On *{split}*, the {network} leaves **{value:.0%}** of what it misnames "
    "in the right family ({low:.0%} to {high:.0%}; by lot {lot:.0%}; sheets "
    "misnamed: {misnamed});"
)
figures.say(figures.each(line, made) or none_wrong)

# %% [markdown]
# ## Exercises
#
# ::::{admonition} Exercise 1: more luck
# Draw twenty times instead of five.
# What happens to the lines, and what to the ribbons?
#
# :::{dropdown} Hint
# The parameter is `draws`.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run few_labels -p draws 20
# ```
#
# The lines move a little and become smoother.
# The ribbons grow, because the worst and the best of twenty lie farther apart
# than those of five: a range is no interval, and knows how often one has
# looked.
# :::
# ::::
#
# ::::{admonition} Exercise 2: the published C
# Let every regression have the published $C$, which is one.
# Which ends of which lines move?
#
# :::{dropdown} Hint
# The chapter asks `few_labels.strengths` for a $C$ of each representation, by
# its name.
# :::
#
# :::{dropdown} Solution
# ```diff
# --- chapters/few_labels.py
# -c = few_labels.strengths(features, specimens, drawn, seed)
# +c = dict.fromkeys(features, 1.0)
# ```
#
# Those of representations whose own $C$ is far from the published one; you can
# look at `c` before you change the line.
# With few sheets a large $C$ does little harm if the features have set the
# genera apart already, and much if there is more noise in them than plant.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# A network names every sheet at the rank of order, is always right, and says
# that it is sure.
# A second names half of the genera rightly and is silent about the rest.
# Which would you let into your herbarium?
#
# :::{dropdown} Hint
# What lies unsorted there, and to which rank has it been sorted?
# :::
#
# :::{dropdown} Solution
# It depends on what lies unsorted.
# If the backlog is not even in its halls, the first saves a week.
# If it is sorted to family, as most are, the first tells nobody anything.
# A score that puts both on one scale must say what a name at each rank is
# worth, and only the herbarium knows.
# :::
# ::::
#
# ## Next
#
# A regression needs somebody to name the first sheets.
# Often there is a whole herbarium of named ones, somewhere else.
# Can a sheet simply be laid beside all of them, to see where it belongs?
# That is [Retrieval](retrieval.ipynb).
