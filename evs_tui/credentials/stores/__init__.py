"""Where a profile's secret may live: the OS keyring, memory, an encrypted file. Nowhere in plain text."""
