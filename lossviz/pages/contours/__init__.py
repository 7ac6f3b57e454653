"""The page Contours."""
