"""Who may enter: sessions, people, API keys, and the partner's visits to its agencies."""
