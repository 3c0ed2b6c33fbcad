"""What `orgdiag init` writes: a small model to start from, a configuration, a pre-commit entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from orgdiag import __version__

MODEL: Final = """\
# An organisation as orgdiag reads it. Change it into yours; `orgdiag check` says what it thinks.
# Names are lower-case-with-hyphens and stay; the text in quotes may change freely.
# What you do not know, leave out or write `unknown`: it is asked for, never guessed.

org example "Example Ltd" {
  as-of {as_of}  # the day that rules about time use
}

# Who works here. `type` is a claim that orgdiag holds against what the team does.
team checkout "Checkout" {
  type stream-aligned
  size 7
  durable
  skills product, design, backend, frontend, testing
  on-call self
}
team platform "Developer platform" {
  type platform
  size 5
  durable
  on-call self
}

# How work flows, from the decision to build something until it is used.
stream order "From basket to delivery" {
  owner checkout
  trigger "Decision to build a change"
  end "Change live and verified in production"
  customer "Shopper"
  observed {as_of} by walk with engineers, testers, operators
  arrivals 6/month  # changes that start
  deployment-frequency 4/month
  lead-time commit-to-production 2d
  changes shop 100%

  # process = time of work on one item; lead = from arriving at the step to leaving it.
  step refine { kind refinement; by checkout; process 4h; lead 6h }
  step build { kind development; by checkout; process 16h; lead 3d }
  step deploy { kind deployment; by platform; process 5min; lead 1h; automated }
  step verify { kind verification; by checkout; process 1h; lead 2h }
}

# What is built, and what teams offer each other.
component shop "Web shop" { layer service; owner checkout; deploy independent }
capability pipeline "Build and deploy" {
  nature platform
  provided-by platform
  mode self-service
  used-by checkout
}
"""

CONFIG: Final = """\
# The configuration of orgdiag. All keys: `orgdiag config --schema`. In force: `orgdiag check
# --show-settings`. The folder of this file is the root of the project.

fail-level = "warning"            # findings from here on fail a run: error, warning or info
# ignore = ["deep-blocking-chain"]
# rules-dir = ["org-rules"]       # rules of your own

# [rules.too-many-blocking-dependencies]
# limit = 4

# [gates]
# "stream.order.flow-efficiency" = ">= 15%"
"""

PRE_COMMIT: Final = """\
repos:
  - repo: local
    hooks:
      - id: orgdiag
        name: orgdiag check
        entry: python -I -m orgdiag check
        language: python
        additional_dependencies: ["orgdiag=={version}"]
        files: (\\.orgd$|\\.orgr$|(^|/)orgdiag\\.toml$)
        pass_filenames: false
        require_serial: true
"""


def files(today: str) -> Mapping[str, str]:
    """The texts of the starter by file name.

    Args:
        today: the day that the model is about, ISO.
    """
    return {
        "organisation.orgd": MODEL.replace("{as_of}", today),
        "orgdiag.toml": CONFIG,
        ".pre-commit-config.yaml": PRE_COMMIT.replace("{version}", __version__),
    }
