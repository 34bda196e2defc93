"""The oracle: the drawn traits as features, which bound what any encoder can know of the plants.

A picture shows at most what it was drawn from. So what the same simple questions get out of the traits is
what there is to be got: where genera overlap in their traits, nobody can tell them apart, however good the
eyes.
"""

import numpy as np
import pandas as pd

from herbnb.pocket.traits import LINEAR_SPREAD, Traits, columns_of

SMALLEST = 1e-3
"""A size that may be nought, such as the depth of teeth, counts as this much at least: it has a logarithm."""


def oracle(drawn: pd.DataFrame) -> pd.DataFrame:
    """Return the traits of n sheets as a table of features that were made elsewhere.

    Sizes are logarithms, as they vary; a discrete trait is a column of noughts and ones for each of its
    states. Every column has mean 0 and spread 1 over all sheets.

    Args:
        drawn: one row a sheet, with `image_id` and the traits.

    Returns:
        `image_id` and `feature`, a list of as many float32 for every sheet.
    """
    traits = drawn[[*columns_of(Traits())]]
    sizes = traits.select_dtypes("float")
    states = pd.get_dummies(traits.drop(columns=sizes.columns).astype(str), dtype=float)
    linear = sizes[[*LINEAR_SPREAD]]
    logarithms = np.log(sizes.drop(columns=linear.columns).clip(lower=SMALLEST))
    values = pd.concat([logarithms, linear, states], axis=1)
    spread = values.std(ddof=0)
    values = (values - values.mean()) / spread.where(spread > 0, 1.0)
    vectors = list(values.to_numpy(np.float32))
    return pd.DataFrame({"image_id": drawn["image_id"], "feature": vectors})
