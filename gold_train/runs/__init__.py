"""What every training has: metrics, progress, signals, the drives of the validation scenes."""
