"""The reader of models, with the words of all planned changes."""

from functools import partial

import orgdiag.resolve
from orgdiag.whatif import operations

resolve = partial(orgdiag.resolve.resolve, operations=operations.forms())
