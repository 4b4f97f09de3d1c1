"""Drawing: modules, sampling, conditioning, passes. Besides painter, alone in loading torch."""
