"""From a dataset's windows to tensors."""
