"""What was driven: the arrays, their acceptance, their statistics."""
