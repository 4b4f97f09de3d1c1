"""Networks and embeddings for the shipped model, trained on the painter's pictures."""
