"""Where policies drive: the datasets' own scenes, and a toy."""
