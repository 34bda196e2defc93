"""Geometry: how the picture of a sheet becomes the square that an encoder sees."""

from dataclasses import asdict, dataclass, replace

from herbnb.errors import BadInput

FITS = ("letterbox", "crop")
"""Whole sheet on a backdrop, or the published centre square, which loses its top and bottom."""

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SPREAD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Geometry:
    """What an encoder wants done to a picture; features of another geometry are other features.

    Args:
        height: side of the square, in pixels.
        fit: one of `FITS`.
        backdrop: red, green and blue (0 to 255) around a letterboxed sheet: by default ImageNet's mean,
            which is zero once normalised.
        mean: of red, green and blue (0 to 1), taken off before the first layer.
        spread: their standard deviations, divided by.

    Raises:
        BadInput: an unknown `fit`, or a height below 1.
    """

    height: int
    fit: str = "letterbox"
    backdrop: tuple[int, int, int] = (124, 116, 104)
    mean: tuple[float, float, float] = IMAGENET_MEAN
    spread: tuple[float, float, float] = IMAGENET_SPREAD

    def __post_init__(self):
        if self.fit not in FITS:
            raise BadInput(f"fit is {self.fit!r}: choose one of {', '.join(FITS)}.")
        if self.height < 1:
            raise BadInput(f"input_height is {self.height}: a square has a side of one pixel at least.")

    def card(self) -> dict:
        """Return it in plain types, as JSON keeps it."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @classmethod
    def of_card(cls, card: dict) -> "Geometry":
        """Return the geometry that `card` describes."""
        return cls(**{name: tuple(v) if isinstance(v, list) else v for name, v in card.items()})

    def at(self, height: int) -> "Geometry":
        """Return the same geometry at another height."""
        return replace(self, height=height)

    @property
    def square(self) -> dict:
        """Return what decides the pixels of a square; mean and spread only change what is made of them."""
        parts = ("height", "fit") if self.fit == "crop" else ("height", "fit", "backdrop")
        return {name: self.card()[name] for name in parts}

    @property
    def file(self) -> str:
        """Return what a file of such squares is called, such as "224-letterbox-808080"."""
        height, fit, *backdrop = self.square.values()
        return "-".join([str(height), fit, *(bytes(each).hex() for each in backdrop)])

    def __str__(self) -> str:
        return f"{self.height} px, {self.fit}"
