"""Speed-ups that change the picture; each is off unless the recipe or the configuration asks."""
