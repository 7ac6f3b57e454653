"""Advice on a run: verdicts on what it did, remedies for what it did not."""
