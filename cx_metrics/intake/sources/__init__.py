"""The formats that can be imported. Each module offers one `SOURCE`; this is the list of them."""

from __future__ import annotations
