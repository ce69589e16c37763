"""The cloud layer: sessions, authentication and the four services, each call with its source."""
