"""Tests of what the live page shows of runs."""
