"""The reader of models, with the words of all planned changes."""

from functools import partial

import orgdiag.resolve
from orgdiag.whatif.words import change_words

resolve = partial(orgdiag.resolve.resolve, operations=change_words())
