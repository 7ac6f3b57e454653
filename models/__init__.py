"""The networks: one file each, exporting NET (a NetSpec). Nothing here trains."""
