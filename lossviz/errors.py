"""What is raised when a loss is asked for something it cannot give."""


class LossError(ValueError):
    """A loss was asked for something it cannot give; the text says what, the rule, and what came."""


class LossTypeError(LossError, TypeError):
    """A parameter that does not exist, or a value of the wrong type."""


class UnknownLossError(LossError, LookupError):
    """No loss has this key or alias."""
