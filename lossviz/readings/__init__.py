"""A trained run, or a file of one's own, as arrays for the metrics; and the slow work behind it.

>>> from lossviz.readings import source
>>> reading = source.of_run(run)
>>> reading.metrics.shape, reading.labels.shape
"""
