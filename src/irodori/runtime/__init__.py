"""Workers: run recipes on the engine, one job at a time."""
