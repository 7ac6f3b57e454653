"""The ground floor: declarations, links, names. Knows no loss, no run and no page."""
