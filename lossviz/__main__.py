"""python -m lossviz: the command line."""

from lossviz.cli import main

raise SystemExit(main())
