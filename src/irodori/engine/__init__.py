"""Drawing: modules, sampling, conditioning, passes. The only package besides painter that loads torch."""
