"""Settings, links, errors, words for numbers, caches: what every room may use."""
