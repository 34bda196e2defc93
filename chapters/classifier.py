# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The classifier: name the genus
#
# **Shown a sheet it has never seen, of which genus does a network say it is,
# and how often is it right?**
#
# This is the most direct lesson of the three: here is a sheet, here is its
# name, remember what made the difference.
# It is also the one that most people mean when they say that a computer
# identifies plants.
# For us the names are a means, not the end: what we keep is the
# {term}`encoder` behind them.
#
# :::{dropdown} In short
# - A {term}`head` of two layers turns features into a score for each genus,
#   and the loss is the surprise at the right one: [the idea](classifier-idea).
# - Rare genera count as much as common ones in macro F1, but only if it is
#   taken over the whole epoch: [by hand](classifier-f1).
# - A genus that is common can be guessed, and an institution can be
#   recognised, so both are checked: [what could fool us](classifier-fool).
# :::
#
# Reading time: 15 minutes; training on the pocket herbarium adds a few more.
#
# Reads: `specimens.parquet`, from [Sampling](sampling.ipynb), and the images.
#
# Writes: `networks/classifier/`: `checkpoint.ckpt`, `last.ckpt`,
# `metrics.csv`, `test.csv` and `card.json`.

# %% tags=["parameters"]
data: str = "data/pocket"  # folder of the images
results: str = "results/pocket"  # where artefacts go
seed: int = 89  # of the weights, the batches and the validation sheets
max_epochs: int = 8  # passes over the training sheets
batch_size: int = 64  # sheets in a batch
learning_rate: float = 0.001  # how far a step goes
schedule: str = "one_cycle"  # the rate rises and falls once, or "constant"
encoder: str = "tf_efficientnet_lite0"  # a backbone of timm
weights: str = "imagenet"  # it starts from: none, imagenet, or a path
trainable: str = "blocks.6"  # what of it learns: all, head, or from a stage on
input_height: int = 224  # side of the square images, in pixels
fit: str = "letterbox"  # the whole sheet, or "crop": the published square
augment: bool = False  # vary each training sheet a little, as published
precision: str = "auto"  # bfloat16 where that is faster, or 32-true
num_workers: int = 0  # processes that read images
cache: bool = True  # keep what is made of sheets, so that it is made once

# %%
import numpy as np
import pandas as pd
import torch
from sklearn.metrics import f1_score

from herbnb import figures
from herbnb.files import located
from herbnb.networks import checkpoints, classifier, training
from herbnb.representations import extraction, probes
from herbnb.results import Results
from herbnb.specimens import gatherings, lineages

# %% [markdown]
# ## Look at the genera
#
# How many training sheets does each genus have?

# %%
here, folder = Results(results), located(data)
specimens = here.read("specimens")
taught = specimens[specimens["split"] == "train"]
counts = taught["genus"].value_counts().rename("images").reset_index()

# %% tags=["hide-input"]
figures.counts(counts.head(60), x="genus", y="images")

# %% [markdown]
# *Training sheets of each genus, at most sixty genera.*
#
# The genera on the left have sheets enough to be learnt from.
# Those on the right are the ones a herbarium needs help with.
# One sheet of each of the six most common genera:

# %% tags=["hide-input"]
common = taught[taught["genus"].isin(counts["genus"].head(6))]
figures.sheet_grid(common.groupby("genus").head(1), folder)

# %% [markdown]
# *Six genera, a sheet each.*
#
# Could you name these from a picture as small as a stamp?
# The network gets no larger one than `input_height` says.
#
# (classifier-idea)=
# ## The idea, by hand
#
# The last layer gives each genus a score, its logit, which may be any number.
# Here are the scores of one sheet for three genera.

# %%
logits = torch.tensor([2.0, 0.5, -1.0])
probabilities = logits.softmax(0)
probabilities

# %% [markdown]
# The softmax has made shares of them that add up to one.
# If the sheet belongs to the first genus, the {term}`loss` is the surprise at
# finding it there: the negative logarithm of its share.

# %%
-probabilities[0].log(), -probabilities[2].log()

# %% [markdown]
# Had it belonged to the third, the surprise would have been much greater.
# PyTorch takes both steps at once, from the logits.

# %%
torch.nn.functional.cross_entropy(logits, torch.tensor(0))

# %% [markdown]
# (classifier-f1)=
# ## One number for many genera
#
# {term}`Accuracy <accuracy>` is the share of sheets that are named right, and
# a common genus dominates it.
# {term}`Macro F1 <macro F1>` takes a score for each genus, from its
# {term}`precision` and {term}`recall`, and then the plain mean over genera.
# Here are eight sheets, six of genus 0 and two of genus 1, all named 0.

# %%
truth, named = [0, 0, 0, 1, 0, 0, 0, 1], [0] * 8
accuracy = np.mean(np.equal(truth, named)).item()
accuracy, f1_score(truth, named, average="macro")

# %% [markdown]
# Accuracy is pleased, and macro F1 is not, for one of two genera is never
# found.
# Now the same eight sheets as four batches of two, with the scores of the
# batches averaged.

# %%
pairs = np.reshape(truth, (4, 2)), np.reshape(named, (4, 2))
batches = zip(*pairs, strict=True)
np.mean([f1_score(*batch, average="macro") for batch in batches]).item()

# %% [markdown]
# The same answers have become better, because a batch without genus 1 does not
# miss it.
# The published scripts averaged over batches in this way.
# Here the network counts through the whole {term}`epoch` and divides at its
# end.
#
# ## The network
#
# The encoder is the one of the last two chapters, unless they were told
# otherwise, and the head is the published one.
# As published, the encoder begins from the photographs of {term}`ImageNet`
# {cite:p}`deng2009imagenet`; the head begins with nothing.

# %% tags=["hide-input"]
figures.source(classifier.Classifier)

# %% [markdown]
# Dropout hides a quarter, then half of the numbers at random while the network
# learns, so that it cannot lean on any one of them.
# The number of genera is that of the training sheets; in the published scripts
# it was counted over the test sets too.
#
# ## Training
#
# The rest is as before: only the stages from `trainable` on learn, and the
# {term}`trunk` below them looks at each sheet once, which must therefore not
# be varied.
# The published network learnt from end to end and from varied sheets;
# `-p trainable all -p augment true` does so, and so does the profile `paper`.

# %%
settings = dict(seed=seed, max_epochs=max_epochs, batch_size=batch_size)
settings |= dict(learning_rate=learning_rate, schedule=schedule)
settings |= dict(input_height=input_height, fit=fit)
settings |= dict(encoder=encoder, weights=weights, trainable=trainable)
settings |= dict(augment=augment, precision=precision)

# %% [markdown]
# The run has a folder for what is kept; then the training begins.

# %%
reading = dict(num_workers=num_workers)
if cache:
    reading["cache"] = here.path("resized", collection="half_earth")
card = training.train("classifier", folder, here, **reading, **settings)

# %% tags=["hide-input"]
figures.learning_curves(here.read("metrics", network="classifier"))

# %% [markdown]
# *Accuracy, the loss, macro F1 and the share with the right genus among the
# first five, after each epoch.*
#
# Look at macro F1 first, and at how far it lies below accuracy: that is what
# the rare genera cost.
# Training is measured with dropout, on the way (and on varied sheets, if
# `augment` says so), and validation on plain sheets and with all numbers, at
# the end of the epoch.
# So validation may lie above training for a while.
# When the loss of validation turns upward while its macro F1 still rises, the
# network has become too sure of itself: it is wrong less often, but then more
# loudly.
#
# Again the weights after the last epoch are kept.

# %% tags=["remove-input"]
figures.say(
    "After {epochs} epochs, {seconds:.0f} seconds of training in {precision} "
    "on {sheets[train]} sheets of {known} genera, the validation macro F1 is "
    "**{validation[macro_f1]:.2f}**.",
    **card,
    known=len(card["genera"]),
)

# %% [markdown]
# ## The test
#
# The three {term}`held-out sets <held-out set>` have only genera that training
# knows, so every sheet can be named.

# %%
tested = training.test("classifier", folder, here, **reading)
scored = tested.pivot(index="split", columns="metric", values="value")
figures.table(scored.reset_index())

# %% [markdown]
# *The scores on the held-out sets.*
#
# Going from *random* to *species* costs what a network knows of species rather
# than of genera.
# The step to *institutions* costs what it knows of paper rather than of
# plants, and of species as well, since other herbaria have others.
# Top 5 asks whether the right genus is among the first five, which is what a
# curator with a short list needs.
#
# ## Which genera are confused?
#
# A name given to a sheet is one of the classes in the card, in their order.
# The head reads it from the features.

# %%
trained = checkpoints.load_network(here, "classifier")
held_out = specimens[specimens["split"].isin(scored.index)]
held_out = held_out[held_out["genus"].isin(card["genera"])].copy()
ours = {"classifier": trained}
seen = extraction.extract(ours, held_out, folder, **reading)["classifier"]
with torch.inference_mode():
    logits = trained.head(torch.from_numpy(seen).to(trained.device))
classes = logits.argmax(1).tolist()
held_out["named"] = np.array(card["genera"])[classes]

# %% tags=["hide-input"]
wrong = held_out[held_out["named"] != held_out["genus"]]
confused = wrong.groupby(["genus", "family", "named"]).size()
confused = confused.rename("sheets").reset_index()
families = lineages(taught, card["genera"]).set_index("genus")["family"]
confused["family_of_the_named"] = confused["named"].map(families)
confused = confused.sort_values(["sheets", "genus"], ascending=[False, True])
figures.table(confused.head(12), empty="No sheet was named wrongly.")

# %% [markdown]
# *The most frequent confusions on held-out sheets.*
#
# Read across: the genus on the label, and the genus the network gave.
# Where both belong to one family, the error is one a student might make, and
# the features may still be good.
# Where they do not, the two have something else in common, the shape of a leaf
# or the shade of a sheet; or the label is wrong, as a few are.
# A frequent pair may be frequent only because its first genus has many sheets.

# %% tags=["remove-input"]
sizes = families.value_counts()
figures.say(
    "Of the {wrong} wrong names, **{within:.0%}** are of the right family; "
    "two different genera drawn at random would share a family {share:.1%} "
    "of the time.",
    wrong=len(wrong),
    within=(wrong["family"] == wrong["named"].map(families)).mean(),
    share=(sizes * (sizes - 1)).sum() / (sizes.sum() * (sizes.sum() - 1)),
)

# %% [markdown]
# (classifier-fool)=
# ## What could fool us
#
# The dullest classifier of all names every sheet after the genus with most
# training sheets.
# A better rival is the encoder that training began from.
# It has seen photographs only, but a {term}`regression <logistic regression>`
# on its features of all the training sheets, those of validation among them,
# can name sheets, too.

# %%
start = extraction.load_encoders(["imagenet"], here, seed)
sheets = pd.concat([taught, held_out])
seen = extraction.extract(start, sheets, folder, **reading)["imagenet"]
learnt, genera = seen[: len(taught)], taught["genus"].to_numpy(object)
c = probes.choose_c(learnt, genera, gatherings(taught), seed)
rival = probes.fitted(learnt, genera, c=c)
held_out["before"] = rival.predict(seen[len(taught) :])

# %% [markdown]
# Now count, institution by institution.

# %%
majority = counts["genus"].iloc[0]
rows = []
for (split, house), part in held_out.groupby(["split", "institution"]):
    row = {"split": split, "institution": house, "sheets": len(part)}
    row["accuracy"] = (part["named"] == part["genus"]).mean()
    row["before"] = (part["before"] == part["genus"]).mean()
    row["majority"] = (part["genus"] == majority).mean()
    names, known = (part["genus"], part["named"]), part["genus"].unique()
    row["macro_f1"] = f1_score(*names, average="macro", labels=known)
    rows.append(row)

# %% tags=["hide-input"]
by_institution = pd.DataFrame(rows)
figures.table(by_institution)

# %% [markdown]
# *Scores in each institution, beside the accuracy of that regression, called
# "before", and of always naming the most common genus.*
#
# The network has to lie above the column *before* to have learnt anything from
# our sheets that a regression on old eyes had not.
# In the rows of *institutions*, look for one that is far below its neighbours:
# its paper, its backdrop or its camera may be strange, or its plants, for
# herbaria collect in different places and years.
# Small rows are noisy; a dozen sheets more or less prove nothing.
# Macro F1 is taken here over the genera that a row has, and in the test above
# over those of the set.
#
# To have learnt the names is not yet to have learnt to see.
# Perhaps the photographs had taught the encoder enough, and only the head had
# to learn.
# Whether our sheets have made its features any better than they were is asked
# in [Features](features.ipynb), where its own beginning stands beside it as
# the {term}`baseline` called *imagenet*.
#
# ## The answer
#
# Of which genus does the network say an unseen sheet is, and how often is it
# right?

# %% tags=["remove-input"]
always = held_out["genus"].eq(majority).groupby(held_out["split"]).mean()
said = (
    "in *{split}* **{accuracy:.0%}** (the regression {before:.0%}, always "
    "*{genus}* {majority:.0%}), macro F1 **{macro_f1:.2f}**"
)
before = held_out["genus"].eq(held_out["before"])
before = before.groupby(held_out["split"]).mean()
rows = scored.assign(majority=always, genus=majority, before=before)
gain = (scored["accuracy"] - before).mean()

# %% tags=["remove-input"]
figures.say(
    "It is right this often: {scores}. On average its lessons have {done} "
    "**{points:.0f}** percentage points, against a regression on what "
    "photographs had taught the encoder.",
    scores=figures.each(said, rows.reset_index(), sep="; "),
    done="added" if gain > 0 else "cost",
    points=abs(gain) * 100,
)

# %% [markdown]
# ## Exercises
#
# ::::{admonition} Exercise 1: the published crop
# Train with `fit` set to `crop`, in a run of its own: networks that look at
# different squares cannot be compared in one.
# Do the scores rise or fall, and for which sets?
#
# :::{dropdown} Hint
# Give [Sampling](sampling.ipynb) and this chapter the same new folder
# `results`.
# :::
#
# :::{dropdown} Solution
# ```sh
# herbnb run sampling -p results results/crop
# herbnb run classifier -p fit crop -p results results/crop
# ```
#
# The plant is larger in the picture, and the top and bottom of the sheet are
# gone.
# Which of the two matters more depends on where plants, labels and rulers lie,
# and that differs between institutions.
# :::
# ::::
#
# ::::{admonition} Exercise 2: no dropout
# In the class `Classifier`, set both dropouts to nought, and train it in a run
# of its own.
# What happens between the two lines of the loss?
#
# :::{dropdown} Hint
# The class is in `herbnb/networks/classifier.py`, and its dropouts are two
# lines of the head.
# :::
#
# :::{dropdown} Solution
# ```diff
# --- herbnb/networks/classifier.py
# -            nn.Dropout(0.25),
# +            nn.Dropout(0.0),
# -            nn.Dropout(0.5),
# +            nn.Dropout(0.0),
# ```
#
# ```sh
# herbnb run sampling -p results results/plain
# herbnb run classifier -p results results/plain
# ```
#
# The line of training falls faster, since nothing is hidden from it, and the
# gap between training and validation usually opens earlier.
# Without dropout the training loss is also a fairer picture of what the
# network can do, so part of the gap is only honesty.
# :::
# ::::
#
# ::::{admonition} Exercise 3: think
# A network names 95 of 100 sheets right.
# A curator wants to use it on ten thousand unnamed sheets from a herbarium it
# has never seen.
# What would you tell her?
#
# :::{dropdown} Hint
# Of which sheets were the hundred a sample?
# :::
#
# :::{dropdown} Solution
# That the figure belongs to sheets like those it was taught with, so the row
# *institutions* is the one to quote.
# That a genus which is not among the classes will be given a name all the
# same.
# And that five errors in a hundred are five hundred sheets in a wrong folder,
# so the names are suggestions to be looked through.
# :::
# ::::
#
# ## Next
#
# Three networks have been taught three lessons.
# What they have learnt is in their encoders, and it is time to take it out:
# [Features](features.ipynb).
