"""What students learn by: implicit Q-learning (IQL) and constrained variational policy optimisation (CVPO)."""
