"""`python -m tuike_sandbox`: see :mod:`tuike_sandbox.main`."""

import sys

from tuike_sandbox.main import main

sys.exit(main())
