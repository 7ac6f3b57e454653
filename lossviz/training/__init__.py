"""Training small networks: a config in, snapshots out. Nothing here knows of files or pages."""
