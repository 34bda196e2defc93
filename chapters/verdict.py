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
# better than the others, and how sure may we be?**
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
# - One claim is one question, and has one answer: better, equivalent, worse,
#   or not to be told from these sheets: [the claim](verdict-claim).
# - A network that was trained only once has no answer: another training may
#   turn it round. It has happened to us: [what could fool us](verdict-fool).
# :::
#
# Reading time: 15 minutes.
#
# Reads: `silhouettes.parquet`, `identification.parquet`,
# `discrimination.parquet` and `mislabels.parquet`, from
# [Silhouettes](silhouettes.ipynb), [Identification](identification.ipynb),
# [Discrimination](discrimination.ipynb) and [Mislabels](mislabels.ipynb); and
# `features/<network>/half_earth.json`, from [Features](features.ipynb).
#
# Writes: `verdict.csv`, every place on every task; `verdict_leads.csv`, every
# difference with its interval; `verdict_trainings.csv`, what every training
# scored.

# %% tags=["parameters"]
results: str = "results/pocket"  # where artefacts are
networks: list = []  # the contestants, visitors too; by default every network
claimed: str = "triplet"  # the network that is said to transfer best
equivalence: float = 0.02  # mean scores closer than this are the same
replicates: list = []  # folders of runs whose networks have other seeds
rate: float = 0.1  # share of swapped labels at which searches are compared
seed: int = 89  # of the resampling

# %%
import numpy as np
import pandas as pd

from herbnb import figures
from herbnb.applications import tasks, verdict
from herbnb.networks import NETWORKS
from herbnb.representations import (
    ORACLE,
    similarity,
    spec_of,
    with_baselines,
)
from herbnb.representations.features import read_all_features
from herbnb.results import Results, with_replicates

# %% [markdown]
# ## Look at the tasks first
#
# What is there to be judged?
# Silhouettes at three {term}`ranks <rank>` on three
# {term}`held-out sets <held-out set>`; on the same sets the genus, taught by
# training sheets, and the family, taught by other genera; two pairs of genera
# to be told apart; and wrong labels to be found among both pairs.
# Each task has one score to go by: the mean silhouette, macro F1, balanced
# accuracy, and average precision.
#
# The {term}`oracle` of a drawn herbarium is left out: it runs in no race.
#
# If there are {term}`replicates <replicate>`, runs on the same specimens whose
# networks began from other seeds, the parameter names their folders, and a
# score is the mean of all.

# %%
here = Results(results)
names = [spec_of(text).name for text in with_baselines(networks)]
names = [name for name in names if name != ORACLE]
trained = with_replicates(here, replicates)
runs = [{each: run.read(each) for each in tasks.TABLES} for run in trained]
scored = tasks.score_tasks(runs, names, rate, seed)

# %% [markdown]
# From the scores follow the places and the leads.

# %%
places, leads = verdict.place(scored), verdict.lead(scored)
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
# Here they are, with the baselines in the race.

# %% tags=["hide-input"]
nothing = (
    "No task could be scored in this run: too few sheets share a taxon."
)
figures.heatmap(
    places, x="network", y="task", value="place", dark="smaller",
    empty=nothing,
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
# "The best across all applications" is one claim, and it deserves one
# question, set down before anyone looks.
# Ours is: what is the mean score of a network over the applications?
# There are four kinds: naming a genus that training sheets taught, naming the
# family of a genus that nobody taught, telling two genera apart, and finding
# wrong labels.
# They differ in what they ask, and each counts the same, however many tasks it
# has.

# %% tags=["hide-input"]
figures.source(verdict.transferred)

# %% [markdown]
# Then the claimed network meets each of the others, in that mean.

# %% tags=["hide-input"]
figures.source(verdict.duel)

# %% [markdown]
# There are three things that one may learn from such a meeting.
# The interval of the lead may lie clear of zero, and then one of the two is
# *better*.
# It may lie within a margin that we have called too small to matter, and then
# they are *equivalent*, which is knowledge, too.
# Or it may be wide, and then it *cannot be told*, which is not the same as
# being equal.

# %%
asked = [name for name in names if name in NETWORKS]
duels = verdict.duel(scored, claimed, asked, equivalence)
figures.table(duels, digits=3, empty=nothing)

# %% tags=["hide-input"]
figures.interval_dots(
    duels.assign(score="mean over the applications"), x="lead", y="rival",
    colour="score", baseline=0, empty=nothing,
)

# %% [markdown]
# *Lead of the claimed network over each of the others, in the mean score.*
#
# To the right of the line it leads, to the left it follows.
# The whiskers hold together: in nineteen cases of twenty all of them are right
# at once, so that more rivals do not make a lucky lead more likely.
#
# Where do the leads come from?

# %% tags=["hide-input"]
applied_leads = leads[leads["kind"].isin(verdict.APPLICATIONS)]
of_claimed = applied_leads[applied_leads["network"] == claimed]
of_claimed = of_claimed[of_claimed["rival"].isin(asked)]
figures.interval_dots(
    of_claimed, x="lead", y="task", colour="rival", baseline=0,
    empty=nothing,
)

# %% [markdown]
# *Leads of the claimed network, task by task.*
#
# These are many, and each whisker is drawn for itself: of forty that compare
# equals, two will exclude zero.
# So no single one of them decides anything here.
#
# (verdict-beginning)=
# ## What our sheets added
#
# A network may win this race and still have learnt nothing in our herbarium,
# if it was as good when it came.
# So let each network meet its own beginning, *imagenet*, by the same rule.
# Where `weights` was not `imagenet`, that is no beginning but a rival that
# knows photographs.

# %%
own = ["imagenet"]
met = [
    verdict.duel(scored, each, own, equivalence).assign(network=each)
    for each in asked
]
steps = pd.concat([duels.head(0), *met])

# %% tags=["remove-input"]
steps["learnt"] = np.where(steps["lead"] > 0, "added to", "taken from")
steps["by"] = steps["lead"].abs()
line = (
    "- **{network}**: the lesson has {learnt} the mean score **{by:.2f}** "
    "(the lead: {low:.2f} to {high:.2f}): {outcome};"
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
        lines=figures.each(line, steps),
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
# A seed.
# The first edition of this book asked the same tables otherwise: it let the
# networks duel on every task and counted first places.
# It printed that the triplet network was first on twelve tasks of thirteen,
# and that the chance of this was nought.
# We trained again, from two other seeds.
# The classifier was level with it, or ahead.
#
# What had gone wrong was the sum.
# It took thirteen tasks for thirteen witnesses; but a network that happens to
# be trained well is good at all of them.
# Let three equal networks run thirteen races, with luck of the day, and luck
# of the training, which stays with a network all day long.

# %%
def most_firsts(of_training, races=13):
    trained = of_training * rng.normal(size=(2000, 3, 1))
    speed = trained + rng.normal(size=(2000, 3, races))
    winner = speed.argmax(axis=1)  # [2000, races]
    return np.max([(winner == each).sum(axis=1) for each in range(3)], axis=0)


# %% [markdown]
# How often is one of the three equals first in ten races or more?

# %%
spread = [0.0, 0.5, 1.0, 2.0]
often = [(most_firsts(each) >= 10).mean() for each in spread]
pd.DataFrame({"luck of the training": spread, "ten firsts or more": often})

# %% [markdown]
# With no luck of the training, hardly ever, and that was our sum.
# With as much of it as there is of the day, it is common.
# How much there is of it in a real network, one training cannot say, and no
# resampling of sheets can.
# That is why a network that was trained once gets no answer below; nor does
# one that was trained twice, for two are too few to tell luck from skill.
#
# (verdict-trainings)=
# So here is every training of every network, for itself.

# %%
every = verdict.trainings(scored)
here.write("verdict_trainings", every).name

# %% tags=["hide-input"]
applied = every["kind"].isin(verdict.APPLICATIONS)
each_score = every[applied & every["network"].isin(asked)]
figures.interval_dots(
    each_score, x="score", y="task", colour="network", empty=nothing,
)

# %% [markdown]
# *Scores on the applications, a mark for each training.*
#
# Where the marks of two networks lie among one another, a single training
# would have put now the one first and now the other.

# %% tags=["remove-input"]
luck = verdict.luck(scored).dropna()
luck = luck[luck["network"].isin(asked)]
alone = "Each network was trained once here, so there is no spread to show."
line = (
    "- **{network}**: the mean score is {mean:.3f}, and its standard "
    "deviation from one training to the next is **{std:.3f}**;"
)
figures.say(figures.each(line, luck) or alone)

# %% [markdown]
# Do two trainings of one network see the same plants at least?
# Here is how far their {term}`similarity` goes, beside that of networks with
# different aims.

# %%
here_too = trained if asked else []
read = [read_all_features(run, asked, split="train") for run in here_too]
of_train = [features for _, features in read]
alike = similarity.training_similarities(of_train)

# %% tags=["hide-input"]
figures.heatmap(
    alike, x="network", y="to", value="similarity", empty=alone,
)

# %% [markdown]
# *Similarity of the features of training sheets, in the mean of the trainings;
# on the diagonal, of a network with its other trainings.*
#
# If the numbers on the diagonal are hardly larger than the rest, the seed has
# moved a network as far as its aim has.
#
# A second thing that could fool us is the question.
# Had we looked for a mean under which our favourite wins, we would have found
# one: of ranks, of other kinds, with other weights.
# Ours is in the code, with its reasons; whoever changes it after looking
# should say so.
#
# ## The answer

# %% tags=["remove-input"]
words = {
    "holds": "In this run the claim **holds**: the {claimed} network is "
    "better than every other network.",
    "shares the first place": "In this run the {claimed} network **shares the "
    "first place**: it is worse than none, and equivalent to some.",
    "does not hold": "In this run the claim **does not hold**: some other "
    "network is better than the {claimed} network.",
    "cannot be told": "In this run it **cannot be told** whether the claim "
    "holds.",
}

# %% tags=["remove-input"]
trainings = len(runs)
few = (
    "There are too few trainings of each network ({trainings}; it takes "
    "{enough}), and another might turn the order round. As far as these "
    "alone can say, the {claimed} network is:"
)
many = "By {trainings} trainings of each network, the {claimed} network is:"
why = few if trainings < verdict.TRAININGS else many

# %% tags=["remove-input"]
ways = {
    "better": "better than",
    "worse": "worse than",
    "equivalent": "equivalent to",
    "cannot be told": "not to be told from",
}
line = (
    "- **{way}** the {rival}, by {lead:+.3f} ({low:+.3f} to {high:+.3f}) of "
    "the mean score;"
)

# %% tags=["remove-input"]
said = words[verdict.answer(duels, trainings)]
figures.say(
    nothing if duels.empty else "{answer}\n\n{why}\n\n{duels}",
    answer=figures.words(said, claimed=claimed),
    why=figures.words(
        why, claimed=claimed, trainings=trainings, enough=verdict.TRAININGS
    ),
    duels=figures.each(line, duels.assign(way=duels["outcome"].map(ways))),
)

# %% [markdown]
# Whatever the sentence above says, it says it of this run.
# The pocket herbarium is drawn, and of its networks only the last stages are
# trained, for minutes; on two million real sheets, and with all of the encoder
# learning, the answer may differ, and the same chapters will tell.
# What does carry over is the way of asking: one question, set down beforehand,
# a baseline in every race, duplicates kept together, an interval around every
# difference, and more than one training.
#
# ## Exercises
#
# ::::{admonition} Exercise 1: another margin
# Two networks are called equivalent when the interval of the lead lies within
# `equivalence`.
# What would you have to do before you double it?
#
# :::{dropdown} Hint
# What does a difference of that size cost a user?
# :::
#
# :::{dropdown} Solution
# Say what a difference of that size would cost a user, and say it before you
# look at the leads.
# A margin that was chosen so that the answer comes out is no margin.
# What it would do:
#
# ```sh
# herbnb run verdict -p equivalence 0.04
# ```
# :::
# ::::
#
# ::::{admonition} Exercise 2: train again
# Give the networks another seed, and let the verdict have both runs.
# Keep the specimens, or you would compare two exams.
#
# :::{dropdown} Hint
# There is a {term}`profile` for it.
# :::
#
# :::{dropdown} Solution
# ```sh
# make book profile=replicates
# ```
#
# does so four times, and leaves alone what is there already.
# The profile is the pocket's with one line more, `seeds`: for each of them
# every chapter that the verdict rests on runs again, in a folder of its own,
# and only the sample is drawn by the old seed.
# Write a profile with `seeds: [1, 2]` if that takes too long: three trainings
# are the fewest that get an answer.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# Your own herbarium has forty genera, a scanner, and one month of a student's
# time.
# Which row of the first figure would you look at to choose a network, and
# which would you ignore?
#
# :::{dropdown} Hint
# What will the student do all month?
# :::
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
# The argument of the book ends here, and the work can begin.
# What would these networks make of sheets of your own?
# That is [Your herbarium](your_herbarium.ipynb).
