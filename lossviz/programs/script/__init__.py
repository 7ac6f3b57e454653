"""A run as a self-contained PyTorch program: only what its config uses, in the library's own formulas."""

from lossviz.programs.script.program import Facts, fingerprint
from lossviz.programs.script.write import script_of, source_of

__all__ = ["Facts", "fingerprint", "script_of", "source_of"]
