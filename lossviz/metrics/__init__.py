"""What is measured on embeddings and metrics: arrays in, numbers out."""
