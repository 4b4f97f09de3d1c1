"""A procedural illustrator and the trainer of the shipped model."""
