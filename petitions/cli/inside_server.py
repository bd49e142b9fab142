"""What granian's processes import: how they load what they serve, and the loop they run on."""

import os
from typing import TYPE_CHECKING

from petitions.web.gateway.loop import register

if TYPE_CHECKING:
    from petitions.web.gateway import Gateway


def load_application(threads: int) -> "Gateway":
    """Load what is served, in a process of granian's."""
    import gc

    from petitions import logs
    from petitions.cli.parents import end_with_parent

    # Ctrl-C in a terminal reaches a whole group, and granian's processes may hang on it together
    # with the SIGTERM that follows. So they leave the group, and granian alone ends them.
    os.setpgid(0, 0)
    end_with_parent()
    logs.set_up()  # before Flask looks for handlers: paths in its lines hold tokens
    from petitions import create_app
    from petitions.web.gateway import Gateway

    gateway = Gateway(create_app(threads=threads), threads)
    gc.collect()
    gc.freeze()  # what is loaded stays: no search for garbage walks through it again
    return gateway


register()  # before granian makes its loop, and after it has unpickled the function above
