"""Guided online distillation (GOLD, arXiv 2309.09408), Algorithm 1 and its learners."""
