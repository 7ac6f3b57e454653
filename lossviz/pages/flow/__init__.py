"""The page Flow."""
