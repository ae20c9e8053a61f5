"""From a dataset of gold_data to a policy that drives."""
