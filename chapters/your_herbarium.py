# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Your herbarium: what would a network make of your own sheets?
#
# **When a network is shown your sheets, which will it lay side by side, what
# will it call them, and which names will it doubt?**
#
# A network that has been trained elsewhere is like a {term}`visitor`.
# She brings an eye, but not your names, and she has never seen your paper.
# This chapter shows her round: any folder of sheets will do, and until you
# give yours it is the Kew collection of [an earlier chapter](kew.ipynb).
# Unless you name another, her eyes are those of `imagenet`, which have looked
# at a million photographs and need no training: they come with the book.
#
# :::{dropdown} In short
# - Every sheet has {term}`nearest neighbours <nearest neighbour>`, and
#   {term}`duplicates <duplicate>` among them are shown but have no vote: [the
#   neighbours](herbarium-neighbours).
# - Your own labels are the best teachers of your names, and a model's
#   confidence is worth what it was tested to be: [the names](herbarium-names).
# - Neighbours may share a cupboard rather than a genus, which can be counted:
#   [what could fool us](herbarium-fool).
# :::
#
# Reading time: 20 minutes; what a thousand scans take on your machine, `python
# -m benchmarks herbarium` will say.
#
# Reads: `collection`, the folder that [Getting the data](../getting_the_data)
# makes.
# If you borrow the eyes of a network of this book, it also reads
# `networks/<network>/card.json` and `networks/<network>/checkpoint.ckpt`, from
# the chapter of the network; and if the run has them,
# `features/<encoder>/half_earth.json` from [Features](features.ipynb).
#
# Writes: `<name>/specimens.parquet`, your table, and `<name>/place.json`,
# where its images are; `features/<encoder>/<name>.json`, the list of the parts
# in the folder beside it; `<name>/neighbours.parquet`,
# `<name>/embedding.parquet`, `<name>/identification.csv`,
# `<name>/coverage.csv`, `<name>/review_list.csv` and
# `<name>/review_card.json`.

# %% tags=["parameters"]
results: str = "results/pocket"  # where artefacts are
collection: str = "results/pocket/kew"  # folder of your sheets
name: str = "your_herbarium"  # what the run calls your collection
network: str = "imagenet"  # whose eyes: imagenet, triplet, timm:resnet50 …
specialists: list = []  # whose determinations weigh more: ["B. E. Walker"]
sheet: str = ""  # image_id of the sheet to show; "" takes the most suspect
neighbours: int = 5  # how many nearest sheets have a vote
wrong_step: float = 4.0  # missing steps in the tree that a wrong one is worth
batch_size: int = 64  # images encoded at once
num_workers: int = 0  # processes that read images
cache: bool = False  # keep the small sheets, for other eyes to come
seed: int = 89  # of the map, the folds and the resampling

# %%
import numpy as np
import pandas as pd

from herbnb import cabinet, figures, representations
from herbnb.applications import (
    calibration,
    own_collection,
    review,
    scores,
    sureness,
)
from herbnb.applications import neighbours as near_by
from herbnb.data.collection import adopt, read_collection
from herbnb.files import located
from herbnb.representations import embedding, extraction, features
from herbnb.results import Results, images_of

# %% [markdown]
# ## Look at the sheets first
#
# Your folder is read and left as it is.
# The run keeps a copy of the table, under the name that you gave, and beside
# it where your images are on this machine.

# %%
here, brought = Results(results), located(collection)
specimens = adopt(read_collection(brought), brought, here, name)
folder = images_of(here, name)

# %% tags=["hide-input"]
some = specimens.sample(min(12, len(specimens)), random_state=seed)
figures.sheet_grid(some, folder)

# %% [markdown]
# *Some of your sheets.*
#
# Are they upright, sharp, and all of plants?
# A colour chart or the back of a sheet is best found now, because every later
# page will take it for a plant.
#
# Now the visitor: her eyes are an {term}`encoder`, and the page
# [Visitors](../visitors) says whom you might invite.
# The {term}`baselines <baseline>` come along to keep her honest.

# %%
eye = representations.spec_of(network).name
eyes = representations.with_baselines([network])
encoders = extraction.load_encoders(eyes, here, seed)

# %% [markdown]
# If [Features](features.ipynb) has shown her the training sheets of this run,
# too, she can be asked what those are called.

# %%
trained_on, learnt = features.read_taught_features(here, eyes)
taught = eye in learnt

# %% tags=["hide-input"]
figures.table(own_collection.collection_card(specimens, trained_on))

# %% [markdown]
# *Your collection, and what of it training sheets could tell.*

# %% tags=["remove-input"]
known = specimens["genus"].isin(trained_on["genus"])
strange = specimens.loc[~known, "genus"].value_counts().reset_index()
never = "Training has never shown **{count}** of your genera: {first}{others}."
all_shown = "Training has shown every one of your genera."
unasked = "There are no training sheets to ask about your genera."
told = all_shown if strange.empty else never
figures.say(
    told if taught else unasked,
    count=len(strange),
    first=figures.each("*{genus}*", strange.head(8), sep=", "),
    others=figures.words(" and others") if len(strange) > 8 else "",
)

# %% [markdown]
# Two limits are visible before anything has been computed.
# A {term}`genus` that no training sheet bears has no name there to be found.
# And a genus with a sheet or two in your own cupboards gives nobody much to
# learn from.
# Neither keeps her from laying like beside like.
#
# ## The idea, by hand
#
# How alike are two sheets?
# Suppose there were two {term}`features <feature>` only: how much toothed edge
# a sheet shows, and how much red.

# %%
holly, large_holly = np.array([2.0, 1.0]), np.array([6.0, 4.0])
laurel = np.array([1.0, 2.0])

# %% [markdown]
# The large holly shows more of both, because there is more of it.
# Measured in a straight line, the laurel is the closer one.

# %%
differences = [holly - large_holly, holly - laurel]
np.linalg.norm(differences, axis=1).round(2)

# %% [markdown]
# But the *proportions* of the two hollies agree.
# The {term}`cosine` of the angle between two feature vectors compares
# proportions and forgets size: one is the same direction, nought a right
# angle.


# %%
def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


np.round([cosine(holly, large_holly), cosine(holly, laurel)], 2)

# %% [markdown]
# Now the hollies are neighbours.
# A herbarium sheet may be crowded or nearly bare, so from here on "near" means
# near by cosine, except on the map.
#
# ## Through the encoder
#
# Every encoder looks at every sheet once.
# Nothing is trained.
# What she has seen before is not asked of her again: when you add a hundred
# sheets to your folder, she looks at a hundred.

# %%
reading = dict(batch_size=batch_size, num_workers=num_workers)
if cache:
    reading["cache"] = here.path("resized", collection=name)
extraction.keep_features(here, name, encoders, folder, **reading)

# %% [markdown]
# The numbers are kept with the run, so that the other chapters can find your
# collection by its name.

# %%
ids, vectors = specimens["image_id"], {}
for each in encoders:
    vectors[each] = features.read_listed(here, each, name, ids)

# %% [markdown]
# (herbarium-neighbours)=
# ## Which sheets lie side by side?
#
# For each sheet we look for the nearest ones.
# A {term}`duplicate` is a piece of the same plant, so it may be near for no
# merit of the network's.
# It is listed and marked, and the search goes on until enough sheets of
# *other* {term}`gatherings <gathering>` are found.

# %%
near = near_by.find_neighbours(vectors[eye], specimens, neighbours)
here.write("your_neighbours", near, collection=name).name

# %% [markdown]
# Which sheet shall we show?
# If you named none, it is the first of the review list, which comes later in
# this chapter and is made here.

# %%
how = dict(seed=seed, wrong_step=wrong_step)
judged = review.judge(vectors[eye], specimens, **how)
listed = review.review_list(specimens, judged, near, specialists)
asked = own_collection.sheet_to_show(specimens, listed, sheet)

# %% tags=["remove-input"]
figures.recalled(near, judged)

# %% tags=["hide-input"]
by_id = specimens.set_index("image_id")
beside = near[near["image_id"] == asked]
shown = by_id.loc[[asked, *beside["neighbour"]]].reset_index()
roles = ["the sheet asked about"]
for row in beside.itertuples():
    likeness = f"{row.similarity:.2f}"
    roles.append(f"a duplicate, {likeness}" if row.duplicate else likeness)
shown["role"] = roles
captions = [*(shown["species"] + ": " + shown["role"])]
figures.sheet_grid(shown, folder, captions=captions)

# %% [markdown]
# *A sheet and its nearest neighbours, with their cosines.*

# %% tags=["hide-input"]
columns = ["image_id", "species", "family", "institution", "role"]
figures.table(shown[columns])

# %% [markdown]
# *The same sheets in words, for those that no page may show.*
#
# Ask of each neighbour what it shares with the first sheet: the leaf, the way
# the plant was laid, or the tint of the paper?
# When you disagree with the network, look again before you decide which of you
# is wrong.
# Then give another `sheet`.
#
# ## Where do they lie on the map?
#
# The map is made as in [Embedding](embedding.ipynb), by distances in a
# straight line: it is made of the training sheets, and yours are pinned where
# their neighbours among those are.
# Where there are no training sheets it is made of yours alone.

# %%
of_training = trained_on, learnt[eye] if taught else None
yours = specimens, vectors[eye]
placed = embedding.embed_beside(of_training, yours, name, seed)

# %% [markdown]
# The places are kept for the <a href="../../atlas/index.html">Atlas</a>, where
# you can walk about among your sheets.

# %%
columns = ["network", "collection", "split", "image_id", "x", "y"]
places = placed.assign(network=eye)[columns]
here.write("your_embedding", places, collection=name).name

# %% tags=["hide-input"]
thumbnails = placed["path"].where(placed["collection"] == name)
figures.scatter(
    placed, colour="family", thumbnails=thumbnails, folder=folder,
    facet="collection", hover=["species", "institution"],
    empty="Too few sheets for a map.",
)

# %% [markdown]
# *One map, with a panel for the training sheets, if there are any, and yours.*
#
# The same corner means the same thing in both panels.
# A family of yours that falls on its own colour has been recognised, if nobody
# else has fallen there, too.
# If all your sheets crowd into one patch, the first thing that the network
# sees in them is that they are yours: your paper, your lamp, your labels.
# Sheets of a genus that training never showed must lie somewhere, and a place
# on the map is no proof of kinship.
#
# (herbarium-names)=
# ## What would it call them?
#
# First by the training sheets of a run, where there is one that she has seen.
# Each of your sheets takes the commonest name of its nearest training sheets,
# at every {term}`rank`, and the share of the votes is its confidence.

# %%
known = {each: learnt[each] for each in (eye, "colour") if taught}
pupils = vectors, specimens
told = near_by.names_by_training(known, trained_on, *pupils, neighbours)

# %% tags=["remove-input"]
figures.recalled(told)

# %% [markdown]
# A sheet that training itself has used would meet itself there, and is left
# out.
#
# A vote always elects somebody.
# So before counting right names we set aside the sheets for which there is no
# right answer.

# %% tags=["remove-input"]
of_network = told[told["network"] == eye]
sheets = of_network.assign(strange=~of_network["known"])
sheets["sure"] = sheets["strange"] & (sheets["confidence"] == 1)
by_rank = sheets.groupby("rank", sort=False)[["strange", "sure"]]
counts = by_rank.sum().assign(sheets=by_rank.size())
line = (
    "- {rank}: **{strange}** of {sheets} sheets bear a name that training "
    "never showed, and for {sure} of these all neighbours agreed on a wrong "
    "one;"
)

# %% tags=["remove-input"]
used = (
    "Training has used every one of these sheets itself, so it cannot be "
    "asked to name them."
)
none = (
    "Nothing to be told: these eyes have seen no training sheets of a run, "
    "which chapter Features would show them."
)
figures.say(
    figures.each(line, counts.reset_index()) or (used if taught else none)
)

# %% [markdown]
# Remember the second number when a model seems sure.
# The others can be scored, beside the colour histogram and somebody who looks
# at no sheet and calls all by the commonest name that training has shown.

# %% tags=["hide-input"]
by_training = scores.name_scores(told[told["known"]], trained_on, seed)
two = by_training[by_training["score"].isin(["accuracy", "f1"])]
unknown = (
    "Nothing to score: training has shown none of your genera, families or "
    "orders."
    if taught else "Nothing to score."
)
figures.interval_dots(
    two, x="value", y="rank", colour="network", facet="score",
    empty=unknown,
)

# %% [markdown]
# *Sheets named by training, where training knows the name.*
#
# A rank without a line in the figure has no sheet that could be named.
# One name for all may do well on accuracy and not on *f1*, which asks every
# {term}`taxon` alike: see [Identification](identification.ipynb).
# If colour or the commonest name is level with your visitor, these names tell
# you nothing.
#
# Then by your own labels, which know your genera.
# The sheets are dealt into five folds, duplicates together, and a regression
# names those of each fold after learning from the others, as in
# [Mislabels](mislabels.ipynb).
# It is asked about the genera with five gatherings or more, and these are
# scored here.

# %%
asked_of = judged[judged["judged_by"] == "both"]
by_each = [asked_of.assign(network=eye)]
for each in [each for each in vectors if each != eye]:
    by_baseline = review.name_by_labels(vectors[each], specimens, seed)
    by_each.append(by_baseline.assign(network=each))
named = pd.concat(by_each, ignore_index=True).assign(rank="genus")
by_labels = scores.name_scores(named, specimens, seed)

# %% tags=["hide-input"]
by = {"training": by_training, "own labels": by_labels}
both = pd.concat([table.assign(by=who) for who, table in by.items()])
here.write("your_identification", both, collection=name)
small = (
    "Too small to score: fewer than two of your genera have five gatherings, "
    "so no regression was asked."
)
two = by_labels[by_labels["score"].isin(["accuracy", "f1"])]
figures.interval_dots(
    two, x="value", y="network", colour="network", facet="score",
    empty=small,
)

# %% [markdown]
# *Sheets named by a regression on your own labels.*
#
# A wide interval is an honest one: so few sheets cannot say more.
#
# ### When it says that it is sure
#
# A botanist who says "nine in ten" of a name should be right in about nine of
# ten such cases.
# Whether a model keeps its word is called its {term}`calibration`, and can be
# counted: collect the sheets of which it was about so sure, and see how many
# it named rightly.

# %% tags=["hide-input"]
kept = calibration.calibration(judged)
ideal = pd.DataFrame({"said": [0.0, 1.0], "right": [0.0, 1.0]})
ideal = ideal.assign(network="as good as its word")
lines = kept.assign(network=eye)
if not kept.empty:
    lines = pd.concat([lines, ideal])
figures.curves(lines, x="said", y="right", colour="network", empty=small)

# %% [markdown]
# *How sure it was, and how often it was right.*

# %% tags=["hide-input"]
figures.table(kept, digits=2, empty="No bins to count.")

# %% [markdown]
# *The same in numbers, with the sheets in each bin.*
#
# Below the straight line it promises too much.
# The ribbon is the interval, and a bin with a handful of sheets has hardly
# anything to say.
# The labels are taken as right here, so a wrong one counts against a model
# that saw through it.

# %% tags=["remove-input"]
top = kept[kept["from"] == 0.9]
line = (
    "When it says 90 % or more, it agrees with the label in **{right:.0%}** "
    "of {sheets} sheets ({low:.0%} to {high:.0%})."
)
never = "It never says 90 % or more."
untested = "So its word remains untested here."
figures.say(figures.each(line, top) or (untested if kept.empty else never))

# %% [markdown]
# ### How far down may one read?
#
# A model need not name every sheet.
# Let it name those of which it is surest, and leave the others to a person:
# how often is it right, if it names a tenth of them, or a half, or all?

# %% tags=["hide-input"]
read = calibration.coverage(judged, seed)
here.write("your_coverage", read, collection=name)
figures.curves(
    read.assign(network=eye), x="share", y="right", colour="network",
    empty=small,
)

# %% [markdown]
# *Share of right names among the surest, by how many are named.*
#
# A curve that begins high and sinks says that its doubts are worth something.
# A flat one says that it does not know what it knows.

# %% tags=["remove-input"]
line = (
    "If it names the surer half, **{right:.0%}** of {sheets} names agree with "
    "the label ({low:.0%} to {high:.0%}); all named, {whole:.0%}."
)
whole = read.loc[read["share"] == 1, "right"].max()
half = read[read["share"] == 0.5]
figures.say(figures.each(line, half, whole=whole) or small)

# %% [markdown]
# ### Named as far as it is sure
#
# Between a name and none there are coarser names: a regression in two minds
# about relatives may still be sure of the family.
# How sure must it be?
# That depends on what a mistake costs you.
# Count steps in the tree of names: a family instead of a genus leaves one step
# to be made, and a wrong genus must first be undone, a step up for every rank
# that is wrong, and then as many be made again.
# The parameter `wrong_step` says how many missing steps a wrong one is worth,
# and from that follows the name of least expected cost: the finest of which
# the regression is sure enough {cite:p}`deng2012hedging`.

# %%
enough = sureness.least_sure(wrong_step)
paid = sureness.mean_costs(asked_of, wrong_step, seed)

# %% tags=["hide-input"]
ranks = sureness.count_ranks(asked_of, seed)
figures.table(ranks, digits=2, empty=small)

# %% [markdown]
# *Sheets named at each rank, and the share of these names that agree with the
# label.*

# %% tags=["hide-input"]
figures.interval_dots(paid, x="cost", y="names", colour="names", empty=small)

# %% [markdown]
# *What a sheet's name costs on average, in missing steps.*
#
# A genus for every sheet is the first rival, and silence is the second.
# If naming as far as it is sure costs no less than the better of these, the
# tree of names is of no help here.

# %% tags=["remove-input"]
line = (
    "Where it must be sure at {enough:.0%}, it names {sheets} of {all} sheets "
    "at some rank, and **{right:.0%}** of these names agree with the label "
    "({low:.0%} to {high:.0%}).\n\n"
)
line_of_cost = "- named {names}: **{cost:.2f}** ({low:.2f} to {high:.2f});"
of_any = ranks[(ranks["rank"] == sureness.ANY) & (ranks["sheets"] > 0)]
told = figures.each(line, of_any, sep="", enough=enough, all=len(asked_of))
heading = "The mean cost of a sheet, in steps:\n\n"
costs = figures.each(line_of_cost, paid, before=heading)
figures.say("{told}{costs}" if len(paid) else small, told=told, costs=costs)

# %% [markdown]
# (herbarium-fool)=
# ## What could fool us
#
# *Could it be chance?*
# Shuffle the labels of your collection, and have them judged in the same way.

# %%
rng = np.random.default_rng(seed)
shuffled = specimens.assign(genus=rng.permutation(specimens["genus"]))
by_chance = review.judge(vectors[eye], shuffled, seed=seed)

# %% tags=["remove-input"]
line = (
    "With the labels as they are it agrees with **{agreed:.0%}** of them and "
    "doubts {listed} of {judged}; with shuffled labels it agrees with "
    "**{chance:.0%}** and doubts {doubted} of {shuffled}."
)
too_few = (
    "Too few genera can be judged, with the labels as they are or shuffled."
)

# %% tags=["remove-input"]
figures.say(
    too_few if judged.empty or by_chance.empty else line,
    agreed=(judged["given"] == judged["predicted"]).mean(),
    listed=len(listed),
    judged=len(judged),
    chance=(by_chance["given"] == by_chance["predicted"]).mean(),
    doubted=len(review.doubted(by_chance)),
    shuffled=len(by_chance),
)

# %% [markdown]
# A review list of shuffled labels is a list as well, and looks no less
# convinced.
# What a list is worth shows only in the distance between those two.
#
# *Could the neighbours share a cupboard rather than a genus?*
# Count what neighbours have in common, and what two sheets of different
# gatherings would have in common by chance.

# %% tags=["hide-input"]
shared = near_by.shared_by_neighbours(near, specimens, seed)
alike = (
    "Nothing to compare: your sheets all bear the same names and come from "
    "one institution, or there is only one gathering."
)
figures.interval_dots(
    shared, x="share", y="shared", colour="by", empty=alike,
)

# %% [markdown]
# *How often neighbours share a name, and how often chance would.*
#
# A row is missing where all your sheets have the same.
# If neighbours share their {term}`institution` much more often than chance,
# they are neighbours by their paper, at least in part.
# The more the institutions differ in their plants, the less can the two be
# told apart by counting.

# %% tags=["remove-input"]
known = specimens[specimens["gathering"] != ""]
twins = known[known["gathering"].duplicated(keep=False)]
nearest = near[(near["place"] == 1) & near["image_id"].isin(twins["image_id"])]
line = (
    "Of the {twins} sheets that have a duplicate here, **{nearest}** have one "
    "for their very nearest neighbour: had duplicates a vote, these would "
    "have voted for themselves."
)
none = (
    "No sheet here is known to have a duplicate; if your records lack "
    "collectors' numbers, some may have one all the same."
)

# %% tags=["remove-input"]
voters = nearest["duplicate"].sum()
told = none if twins.empty else line
figures.say(told, twins=len(twins), nearest=voters)

# %% [markdown]
# ## The review list
#
# Two judges look at every label.
# One is the regression, and its suspicion is one minus the probability that it
# gives the name on the label.
# The other needs no training: it compares how near the nearest sheet of the
# same genus lies with how near the nearest of another does, among other
# gatherings, and so it can judge a genus that is too small for a regression.
# Where both can speak, their mean counts.

# %% tags=["remove-input"]
by_whom = judged["judged_by"].value_counts()
figures.say(
    "Both judged **{both}** sheets here, distance alone {alone}, and {left} "
    "could be judged by neither, because no other gathering bears their name.",
    both=by_whom.get("both", 0),
    alone=by_whom.get("distance", 0),
    left=len(review.unjudged(specimens, judged)),
)

# %% [markdown]
# These are the sheets that are suspected by more than a half, most suspect
# first.
# Each comes with its reason, and in the file also with what its record says of
# it, the number on the sheet, its {term}`determiner` and the date among them,
# and with the ids of its neighbours, so that they can be laid beside it on the
# table.

# %%
here.write("your_review_list", listed, collection=name)
card = cabinet.list_card(here, name, eye, seed)
here.write("your_review_card", card, collection=name)
columns = ["image_id", "given", "suggested", "score", "standing", "reason"]
columns += ["identified_by", "date_identified"]
why = "no label could be judged" if judged.empty else "no label is doubted"
nobody = f"The list is empty: {why}."
figures.table(listed[columns].head(20), empty=nobody)

# %% [markdown]
# *The sheets to look at first, and why.*
#
# *Standing* says whose word it is that you are about to doubt.
# A {term}`type` cannot be wrong about its own name; what may be wrong is the
# folder that it lies in, or everything else there.
# And where a {term}`specialist` has named a sheet, she is the one to write to:
# the parameter `specialists` says whom you count as one.
# How many of each are on the list?

# %% tags=["remove-input"]
weighed = review.count_doubted(specimens, listed, specialists)
line = "- {names}: **{doubted}** of {sheets} doubted;"
figures.say(
    figures.each(line, weighed)
    or "No sheet here is known to be a type or to be a specialist's."
)

# %% [markdown]
# The neighbours speak in each reason, and the judges.
# They looked at the same numbers, so they are not independent, but where they
# disagree the case is open.
# A duplicate under another name is the best witness of all, and needs no
# network.

# %% tags=["remove-input"]
names = twins.groupby("gathering")["genus"].transform("nunique")
split = twins[names > 1].sort_values("gathering")
line = (
    "In **{gatherings}** gatherings the duplicates bear names of different "
    "genera, which cannot all be right: {examples}{others}."
)
none = "No gathering here is known to have duplicates under different genera."
figures.say(
    none if split.empty else line,
    gatherings=split["gathering"].nunique(),
    examples=figures.each("{image_id} ({genus})", split.head(6), sep=", "),
    others=figures.words(" and others") if len(split) > 6 else "",
)

# %% tags=["hide-input"]
order, captions, others = [], [], near[~near["duplicate"]]
for suspect in listed.head(3).itertuples():
    beside = others["image_id"] == suspect.image_id
    row = [suspect.image_id, *others.loc[beside, "neighbour"]]
    captions.append(f"{suspect.given}, or {suspect.suggested}?")
    captions += by_id.loc[row[1:], "genus"].tolist()
    order += row
pictures = by_id.loc[order].reset_index()
figures.sheet_grid(
    pictures, folder, captions, columns=neighbours + 1, height=120,
)

# %% [markdown]
# *The first suspects, each followed by its nearest sheets.*
#
# Some suspects are wrongly named, and some are only odd: a bare twig, a torn
# leaf, a picture of a packet.
# Which is which only the plant can say.
# `herbnb review` and the name of your collection make a page to find out:
# [The review list, at the cabinet](../review) goes through a morning with it.
#
# ## The answer

# %% tags=["remove-input"]
of_genus = shared[shared["shared"] == "genus"].set_index("by")["share"]
side = figures.each(
    "Of the neighbours of a sheet **{neighbours:.0%}** share its genus, where "
    "chance would give {chance:.0%}. ",
    [] if of_genus.empty else [of_genus.to_dict()],
)
nameable = of_network[(of_network["rank"] == "genus") & of_network["known"]]
line = (
    "Training sheets let the {network} name the genus of {named} of {sheets} "
    "sheets, and **{right}** of these names are those on the labels."
)
none = "Training has shown it none of your genera, so it could name none."
alone = "It has seen no training sheets, so it could name none by these."

# %% tags=["remove-input"]
by_name = figures.words(
    line if len(nameable) else none if taught else alone,
    network=eye,
    named=len(nameable),
    sheets=len(specimens),
    right=(nameable["given"] == nameable["predicted"]).sum(),
)
others = len(specimens) - len(judged)
small = figures.words(
    "; {others} more could not be judged, because their genera are too small",
    others=others,
)

# %% tags=["remove-input"]
figures.say(
    "{side}{by_name} Your own labels let it judge {judged} sheets, and it "
    "doubts **{listed}** of them{small}.",
    side=side,
    by_name=by_name,
    judged=len(judged),
    listed=len(listed),
    small=small if others else "",
)

# %% [markdown]
# ## Exercises
#
# ::::{admonition} Exercise 1: other eyes
# Run the chapter with the eyes of the `triplet` network, under another `name`.
# Which sheets stand on both review lists?
#
# :::{dropdown} Hint
# The parameters are `network` and `name`; each name has a folder, with a
# `review_list.csv`.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run your_herbarium -p network triplet -p name by_triplet
# ```
#
# Then compare the two files `review_list.csv`.
# Sheets that both doubt are the first to fetch.
# The triplet network began with the eyes of `imagenet` and has kept most of
# them, though, so agreement is no verdict.
# :::
# ::::
#
# ::::{admonition} Exercise 2: more voters
# Raise `neighbours` step by step.
# What happens to the names given by training, and to those of rare genera
# first?
#
# :::{dropdown} Hint
# How many training sheets has the rarest genus?
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run your_herbarium -p neighbours 25
# ```
#
# A single odd neighbour matters less and less, but a genus with few training
# sheets is outvoted as soon as there are more voters than it has sheets.
# The best number depends on your rarest genus, which is why it is a parameter.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# A colleague sends you scans of the same sheets, taken with a new camera, and
# puts them into the folder beside the old ones.
# Every sheet now has a neighbour that agrees with its label.
# What has been proved?
#
# :::{dropdown} Hint
# What do the two nearest neighbours have in common?
# :::
#
# :::{dropdown} Solution
# Nothing, for each sheet has been compared with itself.
# If both scans of a sheet carry its gathering, they count as duplicates, have
# no vote and share a fold.
# If they do not, every score of this chapter is worthless, and nothing in it
# would have warned you.
# :::
# ::::
#
# ## Next
#
# Now it is your turn: the page [Getting the data](../getting_the_data) turns a
# search in a portal, an archive, or a table and a folder of scans into a
# collection that this chapter reads.
# Give it that folder and a name of its own, and begin again at the top.
# If your sheets are very many, ask first [what it costs](costs.ipynb).
