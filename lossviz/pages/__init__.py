"""The rooms of the pages: a folder each. No page imports another's."""
