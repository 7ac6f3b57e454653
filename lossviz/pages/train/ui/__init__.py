"""The parts of the live page: picture, form, runs, curves, exports."""
