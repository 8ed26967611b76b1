"""Country packs: figures in parameters/*.toml with their day and source, shapes in functions."""
