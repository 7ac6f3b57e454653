"""The page Embeddings: lossviz/pages/embeddings/."""

from lossviz.pages.embeddings.page import show

show()
