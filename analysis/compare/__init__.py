"""Numbers to contrasts with uncertainty."""
