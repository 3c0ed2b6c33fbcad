"""The words that properties choose from."""

from typing import Final

TEAM_TYPES: Final = (
    "stream-aligned", "platform", "enabling", "complicated-subsystem", "component", "functional",
    "shared-service", "project", "operations", "governance", "undeclared",
)  # fmt: skip
STEP_KINDS: Final = (
    "idea", "refinement", "design", "development", "review", "approval", "testing", "integration",
    "deployment", "release", "verification", "monitoring", "feedback", "provisioning", "other",
)  # fmt: skip
WAIT_REASONS: Final = (
    "queue", "cadence", "approval", "dependency", "batch", "environment", "handoff", "other",
)  # fmt: skip
NATURES: Final = ("practice", "platform", "complicated-subsystem", "governance", "undeclared")
MODES: Final = (
    "self-service", "api", "library", "embedded", "facilitation", "ticket", "meeting", "document",
)  # fmt: skip
NEED_KINDS: Final = (
    "decision", "approval", "deliverable", "service", "data", "environment", "release", "expertise",
)  # fmt: skip
VIAS: Final = (
    "self-service", "api", "library", "ticket", "meeting", "email", "document", "collaboration",
    "facilitation",
)  # fmt: skip
COORDINATION_KINDS: Final = (
    "release-train", "change-board", "review-board", "integration-environment", "sync-meeting",
    "steering",
)  # fmt: skip
ORIGINS: Final = ("measured", "interview", "estimate", "design")
OBSERVATION_WAYS: Final = ("walk", "system-data", "interview", "workshop", "estimate")
CLOCKS: Final = ("request-to-delivery", "commit-to-production")
SELF_SERVING: Final = frozenset({"self-service", "api", "library", "embedded", "x-as-a-service"})
MANUAL: Final = frozenset({"ticket", "meeting", "email", "document"})
