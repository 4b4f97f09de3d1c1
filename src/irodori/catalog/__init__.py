"""What the model files on the disk are, told without loading them or torch."""
