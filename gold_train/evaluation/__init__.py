"""What a policy is worth: driven, measured, compared."""
