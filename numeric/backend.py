"""Array namespaces: NumPy, or CuPy when it is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

BACKENDS = ("numpy", "cupy")


class BackendError(RuntimeError):
    """The array backend that was asked for is not there; nothing else is used in its place."""


def array_namespace(name: str = "numpy") -> Any:
    """The module whose arrays are used: ``numpy``, or ``cupy`` with a device that answers.

    Raises ``ValueError`` for an unknown name and :class:`BackendError` where CuPy or its device is missing.

    >>> array_namespace("numpy").__name__
    'numpy'
    """
    if name == "numpy":
        return np
    if name != "cupy":
        raise ValueError(f"unknown backend {name!r}: choose from {', '.join(BACKENDS)}")
    try:
        import cupy  # type: ignore[import-not-found, import-untyped, unused-ignore]
    except ImportError as error:
        raise BackendError(f"backend 'cupy' needs CuPy (pip install 'attain[gpu]'): {error}") from None
    try:
        devices = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:
        raise BackendError(f"backend 'cupy' found no usable device: {error}") from None
    if devices < 1:
        raise BackendError("backend 'cupy' found no device")
    return cupy


def to_host(array: Any) -> np.ndarray:
    """The array as a NumPy array; waits for a device to finish.

    >>> to_host(np.ones(2)).tolist()
    [1.0, 1.0]
    """
    return np.asarray(array.get() if hasattr(array, "get") else array)
