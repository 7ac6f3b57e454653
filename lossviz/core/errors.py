"""Errors that the user can put right; each text says what is wrong, the rule, and what came."""


class LossvizError(ValueError):
    """Something asked for cannot be given; pages and the command line show the text as it is."""


class LossError(LossvizError):
    """A loss was asked for something it cannot give; the text says what, the rule, and what came."""


class LossTypeError(LossError, TypeError):
    """A parameter that does not exist, or a value of the wrong type."""


class UnknownLossError(LossError, LookupError):
    """No loss has this key or alias."""


class DataError(LossvizError):
    """A data set that is missing, damaged or cannot be cut as asked."""


class NetError(LossvizError):
    """A network that does not exist or cannot be built for these images."""


class ConfigError(LossvizError):
    """A setting of a run that is not allowed."""


class RunError(LossvizError):
    """A run folder that cannot be read, written or resumed."""


class MetricError(LossvizError):
    """Arrays that cannot be measured: a wrong shape, labels out of range, numbers that are not finite."""


class ReadingError(LossvizError):
    """A run or a file that does not hold what is to be read."""


class PathError(DataError, RunError, ReadingError):
    """A path that cannot be resolved, whatever was to be found there."""


class ProgramError(LossvizError):
    """A loss or a run that cannot be written as source."""


class SettingError(LossError, ConfigError):
    """A value that a setting does not take, be it of a loss, a run or a page."""


class SettingTypeError(SettingError, LossTypeError):
    """A value of another type than the setting's."""
