import sys

from deepdream_core.cli.main import main

sys.exit(main())
