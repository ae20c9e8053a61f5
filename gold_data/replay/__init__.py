"""Description -> what driving it gives, step by step."""
