"""The paper's driving table and figures, from runs and their evaluations."""
