"""The gate and the workshop of multi-centre spinal cord MRI databases."""

__version__ = "0.1.0"
