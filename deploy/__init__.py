"""Where Backline runs: settings, processes, servers. The only package that knows every part."""
