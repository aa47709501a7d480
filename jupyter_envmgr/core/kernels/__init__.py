"""Kernels: registered kernelspecs and the environments that they start."""
