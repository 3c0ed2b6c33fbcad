"""Kinds of failures that are known, why, and which later work ends them."""

from __future__ import annotations

from .trial import Kind


def reason(kind: Kind) -> str:
    """Why a failure of that kind is expected; "" where it is not."""
    return ""
