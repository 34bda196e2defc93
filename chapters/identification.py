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
# **Can the genus of a sheet be read from its features, if nobody has seen a
# sheet of its species, or of its herbarium?**
#
# Naming is what most people ask of a machine that looks at plants.
# We do not ask the networks themselves: two of the three were never taught to
# name anything.
# We ask their {term}`features`, all with the same simple questions, so that
# what differs between the answers can only be what the features hold.
#
# :::{dropdown} In short
# - A model that has learnt from sheets of a species has not been asked about a
#   new one, so it matters who teaches: [four teachers](identification-taught).
# - Every score has an interval, and a {term}`network` has learnt something
#   only if its {term}`lead` over the {term}`baselines <baseline>` has one that
#   stays above zero: [the leads](identification-leads).
# - A family is not known because its genera are:
#   [relatives](identification-relatives).
# :::
#
# Reading time: 20 minutes.
#
# Reads: `specimens.parquet` and `features/<encoder>/half_earth.json`, from
# [Sampling](sampling.ipynb) and [Features](features.ipynb).
#
# Writes: `identification.csv`, the scores of each fold;
# `identification_scores.csv`, those of each set with intervals;
# `identification_leads.csv`, networks against baselines;
# `identification.parquet`, every prediction; `identification_strengths.csv`,
# the $C$ of each network; and in `scores/identification/` a part for each
# network, teacher and rank.

# %% tags=["parameters"]
results: str = "results/pocket"  # where artefacts are
networks: list = []  # whose features are asked: by default, every network's
seed: int = 89  # of the folds and of the resampling

# %%
import numpy as np
import pandas as pd

from herbnb import figures
from herbnb.applications import identification, scores, teaching
from herbnb.data.sampling import duplicates
from herbnb.networks import NETWORKS
from herbnb.representations import BASELINES, BESIDE, probes, with_baselines
from herbnb.representations.features import read_all_features
from herbnb.results import Results
from herbnb.specimens import gatherings

# %% [markdown]
# ## Look at the sheets first
#
# Each {term}`held-out set` puts another question: other sheets, other species,
# other institutions.
# What sheets can be asked about depends on who has taught.
# A name must have been learnt before it can be given, and where the sheets of
# a set teach one another, a {term}`taxon` needs five {term}`gatherings
# <gathering>`.
# What is left out should be counted before anything is scored.

# %%
here = Results(results)
specimens = here.read("specimens")
counted = identification.askable(specimens)
figures.table(counted)

# %% [markdown]
# *What can be scored, and what is left out, by who has taught.*
#
# [Below](identification-taught) the four words of the first column are
# explained.
# Read the last column first.
# A taxon left out is not named wrongly, it is not asked about at all, so a set
# with many of them is an easier exam than it looks.
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
hers = scores.score(given, lazy)
{name: round(float(value[0]), 2) for name, value in hers.items()}

# %% [markdown]
# Her *accuracy*, the share of sheets named rightly, looks respectable.
# The other three scores are {term}`macro averages <macro average>`: each is
# computed for one taxon and then averaged over taxa, and every taxon counts
# the same, however few its sheets.
# *Precision* asks how many of the sheets called rose are roses, *recall* how
# many of the roses were called so, and *F1* is a mean of the two that is close
# to the smaller.
# The lilies have no recall, and the macro F1 gives the laziness away.
# Herbaria have many rare taxa and a few common ones, so macro F1 is the score
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
# (identification-taught)=
# ## Four teachers
#
# The model is the published one {cite:p}`walker2022`: a logistic regression,
# which draws straight borders between taxa in the space of the features, and
# adds up evidence without any cleverness of its own.
# Whatever it can tell apart, the features must have set apart already.

# %% tags=["hide-input"]
figures.source(probes.probe)

# %% [markdown]
# Who teaches it?
#
# - *within*: the set itself, as published, but pieces of one gathering stay
#   together.
#   The sheets of a set are dealt into five folds; four teach the regression
#   and the fifth is named, in turn.
#   So sheets of the new species have taught a model that names a new species,
#   and sheets of another institution have taught one that names its sheets.
# - *train*: the training sheets, and no others.
#   Now a new species is new, and so is another institution.
#   This is the question that the chapter opens with.
# - *nearest*: the training sheets again, but nothing is fitted: the five that
#   lie nearest vote.
# - *others*: training sheets of other genera, for [families and
#   orders](identification-relatives).

# %% tags=["hide-input"]
figures.source(teaching.by_training)

# %% [markdown]
# How firmly the regression may lean on what it sees is a number, called $C$,
# and no value of it suits all features: some are wide, some are nearly flat.
# The published scripts took 1 for all.
# Here it is chosen for each representation, by a {term}`cross-validation` of
# its training sheets, so that no sheet that is named has a say in it; *within*
# keeps the published value.

# %% tags=["hide-input"]
figures.source(probes.choose_c)

# %% [markdown]
# Now for all: every network and all three baselines.
# The {term}`untrained` encoder and the {term}`colour` histogram answer the
# same questions as the networks, because only they can say how much of a score
# needed no learning.
# The third baseline, *imagenet*, has learnt, but from photographs of other
# things: it says how much of a score needed none of our sheets.
# From above, a drawn herbarium has the {term}`oracle`: the same questions, put
# to the traits that the plants were drawn from.
# What they answer is entered in a {term}`scorebook`, and is not asked again
# while nothing changes.

# %%
names = with_baselines(networks)
specimens, features = read_all_features(here, names)
keep = features.scorebook("identification")

# %% [markdown]
# First each $C$, which is written, for [Few labels](few_labels.ipynb).

# %%
c = identification.strengths(specimens, features, seed, keep)
chosen = pd.DataFrame(c.items(), columns=["network", "c"])
here.write("identification_strengths", chosen).name

# %% [markdown]
# Then the regressions, which take the longest of all cells here: *within*
# alone needs one for each network, set, rank and fold.

# %%
predictions = identification.identify_all(specimens, features, seed, c, keep)
columns = ["network", "taught", "split", "rank", "given", "predicted"]
predictions[columns].head()

# %% tags=["remove-input"]
figures.recalled(predictions)

# %% [markdown]
# From here on nothing is fitted any more, but for [one
# check](identification-fool): all scores come from this one table of
# predictions.
# It is kept whole, so that the [verdict](verdict.ipynb) can compare networks
# sheet by sheet.
# One contestant needs no table: whoever calls every sheet by the name that is
# commonest among the training sheets.
# No score means anything before it is compared with hers.

# %%
task = identification.TASK
teachers = specimens[specimens["split"] == "train"]
always = scores.always_commonest(predictions, teachers)
everyone = pd.concat([predictions, always], ignore_index=True)
folds = scores.fold_scores(predictions, task)
scored = scores.interval_scores(everyone, task, seed=seed)
scored = scored.merge(counted, on=["taught", "split", "rank"], how="left")

# %% [markdown]
# All three tables are written.

# %%
here.write("identification", predictions)
here.write("identification_folds", folds)
here.write("identification_scores", scored).name

# %% [markdown]
# ## The scores
#
# First the opening question: the genus, taught by the training sheets alone.

# %% tags=["hide-input"]
nothing = (
    "Nothing to score: no two taxa of the training sheets have a sheet in a "
    "held-out set."
)
f1 = scored[scored["score"] == "f1"]
headline = f1[f1["taught"].eq("train") & f1["rank"].eq("genus")]
figures.interval_dots(
    headline, x="value", y="split", colour="network", empty=nothing,
)

# %% [markdown]
# *Macro F1 of the genus, learnt from training sheets, by held-out set and
# network.*
#
# Compare the marks within a row.
# Those of the baselines are thin; where a solid mark lies among *untrained*
# and *colour*, that network has taught its features nothing about names that a
# first glance would not tell.
# Where it lies at *imagenet* or to the left of it, our sheets have taught
# nothing about names that photographs had not.
#
# A drawn herbarium has an *oracle*, and even it makes mistakes: some plants
# take after another genus, and a few labels are wrong.
# What lies between a network and the oracle may have been there to be seen;
# what lies beyond it, no straight border through the traits can tell.
#
# Then compare the rows.
# On *random* the teachers know the paper, and nearly all of the species.
# On *species* the species are new, and on *institutions* the papers are, and
# some of the species.
# What a row loses against the first is, for the most part, what was known of
# these and not of the genus.
#
# The whisker through a mark is its interval: wide where a set is small, and no
# skill of a network can make it narrow.
# It is drawn over gatherings, and on *species* over species, because there the
# claim is about other species, and sheets of one of them succeed and fail
# together.
# No whisker knows of another training: how far that would move a mark, the
# [verdict](verdict.ipynb) shows where there were several.
#
# Now the same names from all who teach genera.

# %% tags=["hide-input"]
at_genus = f1[f1["rank"].eq("genus") & f1["network"].ne(scores.COMMONEST)]
wide = at_genus.pivot(
    index=["split", "network"], columns="taught", values="value"
)
wide = wide.reindex(columns=["train", "nearest", "within"])
figures.table(wide.reset_index(), empty=nothing)

# %% [markdown]
# *Macro F1 of the genus by teacher.*
#
# The column *within* is the published question, and it answers another one
# than the chapter asks.
# It asks whether the features *hold* the names, and lets the set itself show
# how to read them.
# The first edition of this book printed that column under the words "an
# institution that it never saw".
# The words were wrong: the network had not seen it, but the regression had.

# %% tags=["remove-input"]
shown = [name for name in features if name in NETWORKS]
change = wide.reset_index()
change = change[change["network"].isin(shown)].dropna()
change = change.groupby("split", sort=False)[["within", "train"]].mean()
line = (
    "- *{split}*: **{within:.2f}** within the set, **{train:.2f}** taught by "
    "training sheets;"
)
heading = "In the mean of the networks:\n\n"
not_both = "No set here could be scored by both teachers."
figures.say(
    figures.each(line, change.reset_index(), before=heading) or not_both
)

# %% [markdown]
# The two are not exams of the same size: the training sheets teach all genera,
# and a set may have fewer, so by them a name can go wrong in more ways; but
# they are also more sheets, and their $C$ was chosen.
# Where *within* is lower, as on a small set it may be, four fifths of the set
# may have been too few to learn from.
#
# All four scores, taught by the training sheets, say the same in more detail.

# %% tags=["hide-input"]
at_genus = scored[scored["taught"].eq("train") & scored["rank"].eq("genus")]
at_genus = at_genus.rename_axis(columns=None)
rows = ["split", "network"]
wide = at_genus.pivot(index=rows, columns="score", values="value")
columns = ["accuracy", "precision", "recall", "f1"]
figures.table(wide.reindex(columns=columns).reset_index(), empty=nothing)

# %% [markdown]
# *All four scores at genus rank, taught by the training sheets.*
#
# The row *always the commonest* has an accuracy, and hardly any macro F1.
# Where accuracy stands well above macro F1, common genera are named better
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
asked = [name for name in features if name not in BESIDE]
over = identification.leads(predictions, asked, [*BASELINES], seed)
here.write("identification_leads", over)
at_genus = over[over["taught"].eq("train") & over["rank"].eq("genus")]
figures.interval_dots(
    at_genus, x="lead", y="network", colour="rival", facet="split",
    baseline=0, empty=nothing,
)

# %% [markdown]
# *Leads in macro F1 at genus rank, over each baseline, taught by the training
# sheets.*
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
    beaten = figures.each("*{rival}*", part[part["clear"]], sep=", ")
    row = dict(zip(["split", "network"], key, strict=True))
    rows.append(row | {"beaten": beaten or "no baseline"})
heading = (
    "At genus rank, where *clearly* means that the interval of the lead "
    "excludes zero:\n\n"
)
line = "- on *{split}*, the **{network}** clearly beats {beaten};"
figures.say(figures.each(line, rows, before=heading) or nothing)

# %% [markdown]
# (identification-relatives)=
# ## Relatives
#
# Can the family be named, or the order?
# For a sheet of a genus that is known that is hardly a question: who knows
# that it is an oak knows that it is of the beech family.
# The published scripts asked it so, and so did the first edition of this book,
# which concluded from the answers that a network "has found out for itself
# what genera share".
# It had found out genera.
#
# So ask again, as one asks a student: here is a plant of a genus that you have
# not met; you have met others of its family; which family is it?
# The genera are dealt into five folds, and those of one family or order into
# different ones, as far as five go.
# A sheet is named by a regression that learnt from training sheets of the
# other folds.
# So the regression has met no sheet of its genus; a network may have, in its
# own lesson, but there no family was named.

# %% tags=["hide-input"]
figures.source(teaching.by_others)

# %% tags=["hide-input"]
kin = f1[f1["taught"] == "others"]
no_kin = (
    "Nothing to score: no family of the training sheets has two genera."
)
figures.interval_dots(
    kin, x="value", y="rank", colour="network", facet="split", empty=no_kin,
)

# %% [markdown]
# *Macro F1 of family and order, learnt from other genera.*
#
# The intervals are drawn over genera, for a genus is what is new here, and
# there are few of them.
# Look at *always the commonest* and *colour* before anything else.
# A network whose whisker reaches down to theirs has not been shown to know
# what genera share.

# %% tags=["remove-input"]
rows = []
for _, part in kin.groupby(["split", "rank"], sort=False):
    ours = part[part["network"].isin(shown)].nlargest(1, "value")
    lazy = part[part["network"] == scores.COMMONEST]
    if len(ours) and len(lazy):
        row = ours.iloc[0].to_dict() | {"lazy": lazy["value"].iloc[0]}
        rows.append(row)
line = (
    "- {rank} on *{split}*: best the **{network}** with **{value:.2f}** "
    "({low:.2f} to {high:.2f}); always the commonest {lazy:.2f};"
)
figures.say(figures.each(line, rows) or no_kin)

# %% [markdown]
# (identification-fool)=
# ## What could fool us
#
# A leak would fool us: if a sheet to be named had somehow helped to teach, any
# features would do.
# There is a simple alarm for that.
# Shuffle the names among the sheets of *random*, so that there is nothing to
# learn, and let them teach one another again.

# %%
of_random = specimens["split"] == "random"
sheets, shown = specimens[of_random], next(iter(features))
x, names = features[shown][of_random], rng.permutation(sheets["genus"])
named = identification.identify(x, names, gatherings(sheets), seed=seed)
shuffled = scores.score(named["given"], named["predicted"])["f1"][0]

# %% tags=["remove-input"]
alarm = (
    "With the names on the labels, *{network}* reaches a macro F1 of "
    "**{value:.2f}** on *random*; with the same names shuffled, "
    "**{shuffled:.2f}**. A blind guess among {taxa} genera would be right "
    "once in {taxa}."
)
within = f1[f1["taught"].eq("within") & f1["rank"].eq("genus")]
right = within[within["split"].eq("random") & within["network"].eq(shown)]
figures.say(figures.each(alarm, right, shuffled=shuffled) or nothing)

# %% [markdown]
# If the shuffled score is near a blind guess, no name has leaked from the
# teaching folds to the named one.
# The alarm does not ring for every fire, though.
# It cannot see that two sheets are pieces of one plant, and it cannot see that
# a genus comes from one {term}`institution` whose paper gives it away.
# The *colour* baseline watches for the second; for the first we need records
# of gatherings, which the published Half-Earth data have not.
# Where there are records, [Sampling](sampling.ipynb) leaves out of the exam
# what belongs to a gathering that teaches.
# If it was told to keep them, here is what they were worth: how many of them
# are named rightly by training sheets, and how many others.

# %%
twins = specimens.loc[duplicates(specimens), "image_id"]
of_genus = predictions["taught"].eq("train") & predictions["rank"].eq("genus")
worth = identification.beside_duplicates(predictions[of_genus], twins)

# %% tags=["hide-input"]
no_twins = (
    "No sheet here is known to be a piece of a gathering that teaches, so "
    "there is nothing to compare."
)
figures.table(worth, digits=2, empty=no_twins)

# %% [markdown]
# ## The answer
#
# Taught by training sheets alone, of the genus:

# %% tags=["remove-input"]
among = headline["network"].isin(asked or [*features])
among = headline[among].reset_index(drop=True)
best = among.groupby("split", sort=False)["value"].idxmax()
line = (
    "- on *{split}*: best by the **{network}**, macro F1 **{value:.2f}** "
    "({low:.2f} to {high:.2f}), {taxa} genera, {left_out} left out;"
)
figures.say(figures.each(line, among.loc[best]) or nothing)

# %% [markdown]
# And what did our sheets teach that photographs had not?

# %% tags=["remove-input"]
own = at_genus["network"].isin(NETWORKS) & (at_genus["rival"] == "imagenet")
steps = at_genus[own].groupby("network", sort=False)
steps = steps.agg(
    lead=("lead", "mean"), clear=("clear", "sum"), sets=("split", "nunique")
)
steps["moved"] = np.where(steps["lead"] > 0, "ahead of", "behind")
line = (
    "- The **{network}** is {moved} *imagenet* by {by:.2f} of macro F1 at "
    "genus rank, in the mean of {sets} sets, and clearly ahead on {clear};"
)
steps = steps.assign(by=steps["lead"].abs()).reset_index()
figures.say(figures.each(line, steps) or nothing)

# %% [markdown]
# A name can be read from the features as far as these numbers go, and a
# curator will know at once whether that is far enough: for sorting a backlog
# into genera perhaps, for naming a type specimen certainly not.
#
# ## Exercises
#
# ::::{admonition} Exercise 1: luck of the deal
# The seed deals the sheets into folds.
# Run the chapter with another seed or two and compare the scores.
# Which of them move, and by more or by less than their intervals are wide?
#
# :::{dropdown} Hint
# Keep a copy of `identification_scores.csv`, which the next run replaces.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run identification -p seed 1
# ```
#
# Those of *train* and *nearest* stay, unless another $C$ is chosen, since
# there all training sheets teach, however they are dealt.
# Those of *within* and *others* move, but by less: another deal changes which
# sheets teach, while the interval tells how other *sheets* would change the
# score.
# If your scores move as much as their intervals, the set is small enough for
# the deal to matter, and a single run should not be trusted.
# :::
# ::::
#
# ::::{admonition} Exercise 2: without balance
# In `answered`, let the regression be `fitted` without balance.
# Which of the four scores gains, and which loses?
#
# :::{dropdown} Hint
# The line is in `herbnb/applications/teaching.py`, and `fitted` takes
# `balanced`.
# :::
#
# :::{dropdown} Solution
# ```diff
# --- herbnb/applications/teaching.py
# -            model = fitted(features[teachers], names[teachers], c=c)
# +            taught = features[teachers], names[teachers]
# +            model = fitted(*taught, c=c, balanced=False)
# ```
#
# Accuracy tends to gain and macro recall to lose.
# Without weights the regression errs on the side of common names, which is
# right more often and wrong about the rare.
# Which of the two a herbarium wants depends on whether it wants its cabinets
# filled quickly or its rarities found.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# A colleague runs the published question and says: the family scores are
# higher than the genus scores, so the network understands families better.
# What do you answer?
#
# :::{dropdown} Hint
# How many names are there to choose from, and what does a genus tell?
# :::
#
# :::{dropdown} Solution
# Two things.
# There are fewer families than genera, so a guess is right more often: compare
# each score with that of a baseline at the same rank.
# And whoever names the genus has named the family.
# Only a genus that has not taught the regression can show what is known of its
# family, and [that](identification-relatives) is a much harder question.
# :::
# ::::
#
# ## Next
#
# The teachers of this chapter had all the names that there are.
# In most herbaria names are what is missing.
# How few of them would do, and are the mistakes at least near the truth?
# That is [Few labels](few_labels.ipynb).
