"""Python's collector of circular garbage, set for processes that live long and handle lists of thousands of rows."""

import gc

_YOUNG, _MIDDLE, _OLD = 100_000, 50, 100
"""A batch of a thousand orders makes some 50,000 objects, and none in a circle: at Python's own first bound of 700 the
collector walks over them again and again, a sixth of the batch's time."""


def settle() -> None:
    """Call once, when everything is imported: what is there by now stays and isn't looked at any more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
