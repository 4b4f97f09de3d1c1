"""The application: configuration, composition, what the shells call."""
