"""Where configuration and state live, and what the configuration says."""
