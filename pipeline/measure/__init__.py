"""The numbers: areas, magnetization transfer, diffusion, and what labels hold of them."""
