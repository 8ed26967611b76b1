"""Where Backline runs: settings, processes and the servers it stands on. The only package that knows every part."""
