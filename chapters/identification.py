# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Identification: what is it called?
#
# **Given the features of a sheet and nothing else, can its genus be named, or
# at least its family, or its order?**
#
# Naming is what most people ask of a machine that looks at plants.
# We do not ask the networks themselves: two of the three were never taught to
# name anything.
# We ask their {term}`features`, all with the same simple question, so that
# what differs between the answers can only be what the features hold.
#
# :::{dropdown} In short
# - Names are predicted by one plain regression for all, and a sheet is always
#   named by a model that has not seen it: [the probe](identification-probe).
# - Every score has an interval, and a {term}`network` has learnt something
#   only if its lead over the {term}`baselines <baseline>` has one that stays
#   above zero: [the leads](identification-leads).
# - With the names shuffled, nothing is left to find, and the same machinery
#   had better find nothing: [what could fool us](identification-fool).
# :::
#
# Reading time: 20 minutes.
#
# Reads: `specimens.parquet` and `features/<encoder>/half_earth.parquet`, from
# [Sampling](sampling.ipynb) and [Features](features.ipynb).
#
# Writes: `identification.csv`, the scores of each fold;
# `identification_scores.csv`, those of each set with intervals;
# `identification_leads.csv`, networks against baselines;
# `identification.parquet`, every prediction.

# %% tags=["parameters"]
results: str = "results/pocket"  # where artefacts are
networks: list = []  # whose features are asked: by default, every network's
seed: int = 89  # of the folds and of the resampling

# %%
import numpy as np
import pandas as pd

from herbnb import figures
from herbnb.applications import identification
from herbnb.applications.scores import fold_scores, interval_scores, score
from herbnb.networks import NETWORKS
from herbnb.representations import BASELINES, probes, with_baselines
from herbnb.representations.features import read_all_features
from herbnb.results import Results

# %% [markdown]
# ## Look at the sheets first
#
# The question is put three times, once for each {term}`held-out set`: other
# sheets, other species, other institutions.
# Within a set, the sheets are dealt into five folds; four teach the regression
# and the fifth is named, in turn.
# A {term}`taxon` therefore needs a sheet for each fold, and one that has fewer
# is left out.
# What is left out should be counted before anything is scored.

# %%
here = Results(results)
counted = identification.askable(here.read("specimens"))
figures.table(counted)

# %% [markdown]
# *What can be scored, and what is left out.*
#
# Read the last column first.
# A taxon left out is not named wrongly, it is not asked about at all, so a set
# with many of them is an easier exam than it looks.
# Higher {term}`ranks <rank>` lose fewer, since a family gathers the sheets of
# its genera.
# In a real herbarium, where most genera have a sheet or two, this table is the
# first thing to read and may be the last.
#
# ## The idea, by hand
#
# Suppose a small herbarium has eight roses and two lilies, and a lazy botanist
# calls everything a rose.

# %%
given = np.array(["rose"] * 8 + ["lily"] * 2)
lazy = np.array(["rose"] * 10)

# %% [markdown]
# Her four scores:

# %%
scores = score(given, lazy)
{name: round(float(value[0]), 2) for name, value in scores.items()}

# %% [markdown]
# Her *accuracy*, the share of sheets named rightly, looks respectable.
# The other three scores are {term}`macro averages <macro average>`: each is
# computed for one taxon and then averaged over taxa, and every taxon counts
# the same, however few its sheets.
# *Precision* asks how many of the sheets called rose are roses, *recall* how
# many of the roses were called so, and *F1* is a mean of the two that is close
# to the smaller.
# The lilies have no recall, and the macro-F1 gives the laziness away.
# Herbaria have many rare taxa and a few common ones, so macro-F1 is the score
# to look at here.
#
# A score of ten sheets is also a matter of luck.
# How much so can be found by the {term}`bootstrap`
# {cite:p}`efron1993bootstrap`: draw ten sheets from these ten, with
# replacement, score them, and do it again.

# %%
rng = np.random.default_rng(seed)
right = given == lazy

# %% [markdown]
# A thousand times is enough to see the middle of the scores.

# %%
shares = [right[rng.integers(10, size=10)].mean() for _ in range(1000)]
np.quantile(shares, [0.025, 0.975])

# %% [markdown]
# These two numbers enclose the middle nineteen twentieths of the resampled
# scores, and that range is what the book calls an interval.
# It says how far the score might have come out otherwise with other sheets of
# the same kind.
# It does not say what would happen with sheets of another kind.
#
# (identification-probe)=
# ## The probe
#
# The model is the published one {cite:p}`walker2022`: a logistic regression,
# which draws straight borders between taxa in the space of the features, and
# adds up evidence without any cleverness of its own.
# Whatever it can tell apart, the features must have set apart already.

# %% tags=["hide-input"]
figures.source(probes.probe)

# %% [markdown]
# Each feature is first brought to the same scale, and the scale is part of the
# model, learnt from the four teaching folds alone.
# Were it learnt from all sheets, the sheets to be named would have had a say
# in it.
# Taxa are balanced by weight, so that the regression is not tempted to be
# lazy.

# %% tags=["hide-input"]
figures.source(identification.identify)

# %% [markdown]
# Now for all: every network and all three baselines, on three sets, at three
# ranks.
# The {term}`untrained` encoder and the {term}`colour` histogram answer the
# same questions as the networks, because only they can say how much of a score
# needed no learning.
# The third baseline, *imagenet*, has learnt, but from photographs of other
# things: it says how much of a score needed none of our sheets.

# %%
names = with_baselines(networks)
specimens, features = read_all_features(here, names)

# %% [markdown]
# This takes the longest of all cells here: a regression for each network, set,
# rank and fold.

# %%
predictions = identification.identify_all(specimens, features, seed)
predictions[["network", "split", "rank", "given", "predicted"]].head()

# %% [markdown]
# From here on nothing is fitted any more: all scores come from this one table
# of predictions.
# It is kept whole, so that the [verdict](verdict.ipynb) can compare networks
# sheet by sheet.

# %%
task = identification.TASK
folds = fold_scores(predictions, task)
scores = interval_scores(predictions, task, seed=seed)
scores = scores.merge(counted, on=["split", "rank"], how="left")

# %% [markdown]
# All three tables are written.

# %%
here.write("identification", predictions)
here.write("identification_folds", folds)
here.write("identification_scores", scores).name

# %% [markdown]
# ## The scores
#
# First the macro-F1 of everything, with its interval.

# %% tags=["hide-input"]
nothing = (
    "Nothing to score: in no held-out set do two taxa have a sheet for each "
    "of the five folds."
)
f1 = scores[scores["score"] == "f1"]
figures.interval_dots(
    f1, x="value", y="rank", colour="network", facet="split",
    empty=nothing,
)

# %% [markdown]
# *Macro-F1 by rank, network and held-out set.*
#
# Read one panel from top to bottom first, then compare panels.
# An order is a choice among few, a genus a choice among many, so a score at
# one rank cannot be compared with a score at another: fewer names are easier
# to guess.
# What can be compared is the order of the marks within a row.
# The marks of the three baselines are thin; where a solid mark lies among
# *untrained* and *colour*, that network has taught its features nothing about
# names that a first glance would not tell.
# Where it lies at *imagenet* or to the left of it, our sheets have taught
# nothing about names that photographs had not.
#
# The interval is wide where a set is small, and no skill of a network can make
# it narrow.
# If the set called *institutions* has a lower row of marks than the others,
# remember that its sheets have other paper, other labels and other species
# too.
#
# The other three scores tell the same story in more detail, here at genus
# rank.

# %% tags=["hide-input"]
at_genus = scores[scores["rank"] == "genus"].rename_axis(columns=None)
rows = ["split", "network"]
wide = at_genus.pivot(index=rows, columns="score", values="value")
columns = ["accuracy", "precision", "recall", "f1"]
figures.table(wide.reindex(columns=columns).reset_index(), empty=nothing)

# %% [markdown]
# *All four scores at genus rank.*
#
# Where accuracy stands well above macro-F1, common genera are named better
# than rare ones.
# Where precision and recall part, the regression has a favourite name.
#
# (identification-leads)=
# ## Does it beat the baselines?
#
# Two overlapping intervals do not mean that two networks are equal.
# A hard sheet is hard for both, so their scores rise and fall together, and
# the *difference* is known better than either.
# So each network is compared with each baseline on the same resampled sheets,
# and the interval is that of the difference.

# %%
asked = [name for name in features if name not in BASELINES]
over = identification.leads(predictions, asked, [*BASELINES], seed)
here.write("identification_leads", over)
at_genus = over[over["rank"] == "genus"]
figures.interval_dots(
    at_genus, x="lead", y="network", colour="rival", facet="split",
    baseline=0, empty=nothing,
)

# %% [markdown]
# *Leads in macro-F1 at genus rank, over each baseline.*
#
# A whisker that stays to the right of the dotted line is a lead that these
# sheets support.
# One that crosses it is a lead, or a lag, that another draw of sheets might
# have turned round.
# The rival to look at first is *imagenet*, where the networks began unless
# they were told to begin otherwise.
# A lead over it was won from our sheets, and a whisker to the left of the line
# is something unlearnt.
# With so many comparisons side by side, about one in forty would clear the
# line by luck alone, so a single lonely lead is no discovery.

# %% tags=["remove-input"]
rows = []
for key, part in at_genus.groupby(["split", "network"], sort=False):
    beaten = figures.each("*{rival}*", part[part["clear"]], sep=" and ")
    row = dict(zip(["split", "network"], key, strict=True))
    rows.append(row | {"beaten": beaten or "no baseline"})
heading = (
    "At genus rank, where *clearly* means that the interval of the lead "
    "excludes zero:\n\n"
)
line = "- on *{split}*, the **{network}** clearly beats {beaten};"
figures.say(figures.each(line, rows, before=heading) or nothing)

# %% [markdown]
# (identification-fool)=
# ## What could fool us
#
# A leak would fool us: if a sheet to be named had somehow helped to teach, any
# features would do.
# There is a simple alarm for that.
# Shuffle the names among the sheets, so that there is nothing to learn, and
# run everything again.

# %%
of_random = (specimens["split"] == "random").to_numpy()
shown = next(iter(features))
genera, x = specimens["genus"][of_random], features[shown][of_random]

# %% [markdown]
# First with the names as they are, then with the same names shuffled.

# %%
right = identification.identify(x, genera, seed=seed)
shuffled = identification.identify(x, rng.permutation(genera), seed=seed)

# %% tags=["hide-input"]
def macro_f1(named: pd.DataFrame) -> float:
    return score(named["given"], named["predicted"])["f1"][0]


alarm = (
    "With the names on the labels, *{network}* reaches a macro-F1 of "
    "**{right:.2f}** on *random*; with the same names shuffled, "
    "**{shuffled:.2f}**. A blind guess among {genera} genera would be right "
    "once in {genera}."
)

# %% tags=["remove-input"]
told = {"network": shown, "genera": right["given"].nunique()}
if len(right) and len(shuffled):
    told |= {"right": macro_f1(right), "shuffled": macro_f1(shuffled)}
figures.say(alarm if "right" in told else nothing, **told)

# %% [markdown]
# If the shuffled score is near a blind guess, no name has leaked from the
# teaching folds to the named one.
# The alarm does not ring for every fire, though.
# It cannot see that two sheets are pieces of one plant, and it cannot see that
# a genus comes from one {term}`institution` whose paper gives it away.
# The *colour* baseline watches for the second; for the first we need records
# that the Half-Earth data do not have, and [the next chapter](kew.ipynb)
# fetches some.
#
# There is one more thing that these scores do not mean.
# The regression was taught, each time, with sheets of the very set that it
# then named.
# So the scores say that the features *hold* the names, not that a model taught
# on one herbarium could walk into another and name what it finds.
#
# ## The answer

# %% tags=["remove-input"]
among = f1[f1["network"].isin(asked)].reset_index(drop=True)
best = among.groupby(["split", "rank"], sort=False)["value"].idxmax()
line = (
    "- {rank} on *{split}*: best by the **{network}**, macro-F1 "
    "**{value:.2f}** ({low:.2f} to {high:.2f}), {taxa} taxa, "
    "{left_out} left out;"
)
figures.say(figures.each(line, among.loc[best]) or nothing)

# %% [markdown]
# And what did our sheets teach that photographs had not?

# %% tags=["remove-input"]
own = over["network"].isin(NETWORKS) & (over["rival"] == "imagenet")
tested = over[own & (over["rank"] == "genus")]
steps = tested.groupby("network", sort=False)
steps = steps.agg(
    lead=("lead", "mean"), clear=("clear", "sum"), sets=("split", "nunique")
)
steps["moved"] = np.where(steps["lead"] > 0, "ahead of", "behind")
line = (
    "- The **{network}** is {moved} *imagenet* by {by:.2f} of macro-F1 at "
    "genus rank, in the mean of {sets} sets, and clearly ahead on {clear};"
)
steps = steps.assign(by=steps["lead"].abs()).reset_index()
figures.say(figures.each(line, steps) or nothing)

# %% [markdown]
# A name can be read from the features as far as these numbers go, and a
# curator will know at once whether that is far enough: for sorting a backlog
# into families perhaps, for naming a type specimen certainly not.
#
# ## Exercises
#
# ::::{admonition} Exercise 1: luck of the deal
# The seed deals the sheets into folds.
# Run the chapter with two other seeds and compare the scores.
# Do they move by more or by less than their intervals are wide?
#
# :::{dropdown} Solution
# `herbnb run identification -p seed 1`, then `2`.
# They move, but by less: another deal changes which sheets teach, while the
# interval tells how other *sheets* would change the score.
# If your scores move as much as their intervals, the set is small enough for
# the deal to matter, and a single run should not be trusted.
# :::
# ::::
#
# ::::{admonition} Exercise 2: without balance
# In `identify`, let `out_of_fold` take `balanced=False`.
# Which of the four scores gains, and which loses?
#
# :::{dropdown} Solution
# Accuracy tends to gain and macro recall to lose.
# Without weights the regression errs on the side of common names, which is
# right more often and wrong about the rare.
# Which of the two a herbarium wants depends on whether it wants its cabinets
# filled quickly or its rarities found.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# A colleague says: the family scores are higher than the genus scores, so the
# network understands families better.
# What do you answer?
#
# :::{dropdown} Solution
# That there are fewer families than genera, so a guess is right more often.
# Compare each score with that of a baseline at the same rank, or with a blind
# guess.
# [Silhouettes](silhouettes.ipynb) ask the colleague's question in a way that
# depends less on the number of names.
# :::
# ::::
#
# ## Next
#
# All these sheets came from one data set, photographed for one purpose, with
# their labels made illegible.
# What becomes of the features when a sheet comes from somewhere else?
# We need another herbarium, and the next chapter [goes to fetch
# one](kew.ipynb).
