# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Verdict: which network should one take?
#
# **Of the networks that looked at these sheets, did one learn to see plants
# better than the others, whatever it was asked?**
#
# The paper behind this book answers with a claim: a triplet network "produced
# representations that transferred the best across all applications"
# {cite:p}`walker2022`.
# Its own scores were made on other sheets, with other machines, and cannot be
# repeated here.
# The claim can be put to the test, though, on *this* run: on these sheets,
# with these networks, trained for as long as they were.
#
# :::{dropdown} In short
# - Every network has a place on every task, and the baselines have one too,
#   the networks' own beginning among them: [the places](verdict-places).
# - Being first is not being better: a lead counts when the interval of the
#   *difference* stays clear of zero: [the claim](verdict-claim).
# - Among three equals somebody is first, and often the same one twice: [what
#   could fool us](verdict-fool).
# :::
#
# Reading time: 15 minutes.
#
# Reads: `silhouettes.parquet`, `identification.parquet`,
# `discrimination.parquet` and `mislabels.parquet`, from
# [Silhouettes](silhouettes.ipynb), [Identification](identification.ipynb),
# [Discrimination](discrimination.ipynb) and [Mislabels](mislabels.ipynb).
#
# Writes: `verdict.csv`, every place on every task; `verdict_leads.csv`, every
# difference with its interval.

# %% tags=["parameters"]
results: str = "results/pocket"  # where artefacts are
networks: list = []  # the contestants, visitors too; by default every network
claimed: str = "triplet"  # the network that is said to transfer best
rate: float = 0.1  # share of swapped labels at which searches are compared
seed: int = 89  # of the resampling

# %%
import numpy as np
import pandas as pd

from herbnb import figures
from herbnb.applications import verdict
from herbnb.networks import NETWORKS
from herbnb.representations import spec_of, with_baselines
from herbnb.results import Results

# %% [markdown]
# ## Look at the tasks first
#
# What is there to be judged?
# Silhouettes at three {term}`ranks <rank>` on three
# {term}`held-out sets <held-out set>`; on the same sets the genus, taught by
# training sheets, and the family, taught by other genera; two pairs of genera
# to be told apart; and wrong labels to be found among both pairs.
# Each task has one score to go by: the mean silhouette, macro-F1, the F1 of
# the first genus, and average precision.

# %%
here = Results(results)
names = [spec_of(text).name for text in with_baselines(networks)]
tables = {kind: here.read(kind) for kind in verdict.KINDS}
places, leads = verdict.compare(tables, names, rate, seed)
here.write("verdict", places)
here.write("verdict_leads", leads)
places.groupby("kind")["task"].nunique()

# %% [markdown]
# If a kind of task is missing, its chapter found too few sheets to score, and
# said so.
#
# ## The idea, by hand
#
# Two runners run ten races, on ten different days.
# Their times vary with the weather, and so much that nobody could say who is
# the faster.

# %%
rng = np.random.default_rng(seed)
weather = rng.normal(20, 3, 10)
runners = pd.DataFrame({"anna": weather + rng.normal(0, 0.3, 10)})
runners["bert"] = weather + 0.8 + rng.normal(0, 0.3, 10)
runners.std()

# %% [markdown]
# But the weather was the same for both.
# Subtract one from the other, race by race, and it is gone.

# %%
(runners["bert"] - runners["anna"]).agg(["mean", "std"])

# %% [markdown]
# Sheets are our weather.
# A faded one is hard for every network, and a resample that happens to hold
# many of them lowers all scores at once.
# So networks are compared on the same resamples, and it is the difference
# whose interval we look at.
#
# (verdict-places)=
# ## The places
#
# This is all of the comparison.

# %% tags=["hide-input"]
figures.source(verdict.compare)

# %% [markdown]
# It returned the places above; here they are, with the baselines in the race.

# %% tags=["hide-input"]
nothing = (
    "No task could be scored in this run: too few sheets share a taxon."
)
figures.heatmap(
    places, x="network", y="task", value="place", empty=nothing,
)

# %% [markdown]
# *Place of every network on every task; one is best.*
#
# Look at the three columns of the baselines before anything else.
# Wherever *untrained* or *colour* is ahead of a network, that network has
# learnt nothing that this task needed, and its place among the networks is a
# place among losers.
# Wherever *imagenet* is ahead of a network that began from it, our sheets have
# taught that network nothing which this task needed, or have undone something
# that photographs had taught: [what our sheets added](verdict-beginning).
# A {term}`visitor` may be ahead of all of them, and then the better network is
# the one that somebody else has trained.
#
# Then look along the rows for a pattern.
# A network may be good at whatever concerns training genera and poor on
# another herbarium, or good at silhouettes and poor at everything useful:
# silhouettes measure how tidy the features are, and the tidiest cabinet is not
# always the one in which things are found.

# %% tags=["hide-input"]
by_network = places.assign(first=places["place"] == 1).groupby("network")
mean = by_network.agg(
    tasks=("task", "size"),
    firsts=("first", "sum"),
    mean_place=("place", "mean"),
)
mean = mean.sort_values("mean_place").reset_index()
figures.table(mean, empty=nothing)

# %% [markdown]
# *Tasks, first places and mean place, baselines included.*
#
# A mean of places is a crude measure, since it does not care whether a place
# was won by a hair or a mile.
# The scores themselves do.

# %% tags=["hide-input"]
applied = places[places["kind"].isin(verdict.APPLICATIONS)]
figures.interval_dots(
    applied, x="score", y="task", colour="network", empty=nothing,
)

# %% [markdown]
# *Scores on the applications, with intervals.*
#
# Compare within a row only, for each row has a scale of its own.
#
# (verdict-claim)=
# ## The claim
#
# The claim is about applications, so the silhouettes are left aside, and about
# networks, so the baselines and any visitors are too.
# On each task the claimed network meets each of the others.
# It is *ahead* if the interval of its lead lies above zero, *behind* if it
# lies below, and otherwise the two are *level*.

# %%
asked = [name for name in names if name in NETWORKS]
answer, duels = verdict.check_claim(leads, asked, claimed)
duels.groupby(["rival", "outcome"]).size().unstack(fill_value=0)

# %% tags=["hide-input"]
figures.interval_dots(
    duels, x="lead", y="task", colour="rival", baseline=0, empty=nothing,
)

# %% [markdown]
# *Leads of the claimed network over each of the others.*
#
# To the right of the line it leads, to the left it follows.
# What must we see to believe the claim?
# We have set the rule down in the code before looking: it *holds* if the
# network is ahead of every other on every task, it *does not hold* if it is
# behind any other on any task, and between the two it *cannot be told* from
# these sheets.
# "The best across all applications" is a strong sentence, and one clear
# exception is enough against it.
#
# (verdict-beginning)=
# ## What our sheets added
#
# A network may win this race and still have learnt nothing in our herbarium,
# if it was as good when it came.
# So let each network meet its own beginning, *imagenet*, on the applications,
# by the same rule.
# Where `weights` was not `imagenet`, that is no beginning but a rival that
# knows photographs.

# %%
beginning = [*asked, "imagenet"]
lessons = [verdict.check_claim(leads, beginning, name)[1] for name in asked]
steps = pd.concat(lessons, keys=asked, names=["network"]).reset_index()
steps = steps[steps["rival"] == "imagenet"]

# %% tags=["remove-input"]
of_network = steps.groupby("network", sort=False)
rows = pd.DataFrame({"lead": of_network["lead"].mean()})
for way in ("ahead", "level", "behind"):
    rows[way] = steps["outcome"].eq(way).groupby(steps["network"]).sum()
rows["learnt"] = np.where(rows["lead"] > 0, "added to", "taken from")
rows["by"] = rows["lead"].abs()
line = (
    "- **{network}**: ahead of *imagenet* on {ahead} applications, level on "
    "{level}, behind on {behind}. On average over them, the lesson has "
    "{learnt} the score **{by:.2f}**;"
)

# %% tags=["remove-input"]
of_beginning = mean.loc[mean["network"] == "imagenet"]
place = (
    "Among all {contestants}, *imagenet* has a mean place of "
    "**{mean_place:.1f}**; one is best.\n\n{lines}"
)
figures.say(
    figures.each(
        place, of_beginning, contestants=len(mean),
        lines=figures.each(line, rows.reset_index()),
    ) or nothing
)

# %% [markdown]
# To be behind one's own beginning is not absurd.
# A lesson of a few minutes, on sheets of one institution, makes an encoder
# better at that lesson, and may blunt it for everything else.
# It is a reason to teach it otherwise, or to take the beginning as it is.
#
# (verdict-fool)=
# ## What could fool us
#
# Somebody always wins.
# Were the networks equal, each would still come first on some of the tasks,
# and we would be tempted to tell a story about it.
# How many first places among the networks are surprising?

# %%
among = applied[applied["network"].isin(asked)]
best = among.groupby("task")["score"].transform("max")
first = among[among["score"] == best]
firsts = int((first["network"] == claimed).sum())
tasks = among["task"].nunique()
chance = verdict.chance_of_firsts(tasks, len(asked), firsts)

# %% tags=["hide-input"]
luck = (
    "The {claimed} network is first among the {networks} networks on "
    "**{firsts}** of {tasks} applications. If all were equal and the tasks "
    "independent, the chance of that or more would be **{chance:.2f}**."
)
figures.say(
    luck if tasks else nothing,
    claimed=claimed,
    networks=len(asked),
    firsts=firsts,
    tasks=tasks,
    chance=chance,
)

# %% [markdown]
# This chance is too small rather than too large.
# The tasks are not independent: the genus and the family of the same sheets
# are asked for, and the search for wrong labels uses the sheets of the two
# pairs again.
# In the extreme, all tasks are one, and then each of three equal networks has
# one chance in three of being first *everywhere*.
#
# Two more things no interval here can see.
# Each network was trained once, from one seed; another training might change
# places with no other cause.
# And the intervals are many: of forty that compare equals, two will exclude
# zero.
# To be sure of a place one would train each network several times, which is a
# matter of hours and not of statistics.
#
# ## The answer

# %% tags=["remove-input"]
words = {
    "holds": "In this run the claim **holds**: the {claimed} network is "
    "clearly ahead of every other network on every application.",
    "does not hold": "In this run the claim **does not hold**: on at least "
    "one application another network is clearly ahead of the {claimed} "
    "network.",
    "cannot be told": "In this run it **cannot be told** whether the claim "
    "holds: no other network is clearly ahead of the {claimed} network, but "
    "it is not clearly ahead of all of them either.",
}

# %% tags=["remove-input"]
ways = ["ahead", "level", "behind"]
counts = duels["outcome"].value_counts().reindex(ways, fill_value=0)
rows = counts.rename_axis("way").reset_index(name="duels")
figures.say(
    nothing if duels.empty else "{answer} Its duels: {counts}.",
    answer=figures.words(words[answer], claimed=claimed),
    counts=figures.each("{duels} {way}", rows, sep=", "),
)

# %% tags=["remove-input"]
behind = duels[duels["outcome"] == "behind"].sort_values("lead")
behind = behind.assign(by=-behind.lead, least=-behind.high, most=-behind.low)
line = "- *{task}*: the {rival} leads by {by:.2f} ({least:.2f} to {most:.2f});"
heading = "Where it is behind:\n\n"
lines = figures.each(line, behind, before=heading)
figures.say(lines or "It is clearly behind nowhere.")

# %% [markdown]
# Whatever the sentence above says, it says it of this run.
# The pocket herbarium is drawn, and of its networks only the last stages are
# trained, for minutes; on two million real sheets, and with all of the encoder
# learning, the answer may differ, and the same chapters will tell.
# What does carry over is the way of asking: the same question to all, a
# baseline in every race, duplicates kept together, and an interval around
# every difference.
#
# ## Exercises
#
# ::::{admonition} Exercise 1: another claim
# Put the claim about the classifier to the same test.
# Is it held to the same rule?
#
# :::{dropdown} Solution
# `herbnb run verdict -p claimed classifier`.
# Yes: only one word changes.
# It is quite possible that no network passes, for the rule asks for a clear
# lead on every single task.
# :::
# ::::
#
# ::::{admonition} Exercise 2: a gentler rule
# In `check_claim`, let "holds" mean that the network is nowhere behind and
# somewhere ahead.
# Which answer do you get now, and would you print it in a paper?
#
# :::{dropdown} Solution
# Replace `all()` in the last line by `any()`.
# A run that could not be decided may now hold.
# The gentler rule is a fair one, if it was chosen before the figure was seen,
# and if the sentence in the paper is made gentler too.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# Your own herbarium has forty genera, a scanner, and one month of a student's
# time.
# Which row of the first figure would you look at to choose a network, and
# which would you ignore?
#
# :::{dropdown} Solution
# The row of the task that you have.
# For sorting your own sheets that is *identification* on *institutions*, since
# your herbarium is another institution too; for cleaning names it is
# *mislabels*.
# The mean over tasks answers a question that nobody has.
# :::
# ::::
#
# ## Next
#
# The book ends here, and the work can begin: with [your own
# run](../your_own_run), on your own sheets.
