"""A loss over the plane of two features: its field, profiles, probes, descent and flow."""

from lossviz.fields.descent import *  # noqa: F403
from lossviz.fields.field import *  # noqa: F403
