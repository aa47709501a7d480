"""What a person may have meant by a package name that no index knows."""

from __future__ import annotations

import difflib
import sys

# What people import is not always what they install.
_INSTALLED_AS = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cuda": "cuda-python",
    "cv": "opencv-python",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "git": "gitpython",
    "hydra": "hydra-core",
    "image": "pillow",
    "jwt": "pyjwt",
    "lightning-fabric": "lightning",
    "mpi4": "mpi4py",
    "opencv": "opencv-python",
    "osgeo": "gdal",
    "pil": "pillow",
    "pytorch": "torch",
    "pytorch-cuda": "torch",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "tensorboardx": "tensorboardX",
    "umap": "umap-learn",
    "wx": "wxpython",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
_WELL_KNOWN = """
accelerate anndata astropy beautifulsoup4 bokeh catboost cupy dask datasets diffusers fastai
flask gensim geopandas h5py huggingface-hub imageio ipykernel ipywidgets jax jaxlib joblib
jupyterlab keras lightgbm lightning matplotlib mlflow monai mpi4py networkx nltk notebook numba
numpy onnx onnxruntime opencv-python openpyxl optuna pandas pillow plotly polars pyarrow
pydantic pytest pytorch-lightning pyyaml rasterio requests scanpy scikit-image scikit-learn
scipy seaborn sentencepiece spacy sqlalchemy statsmodels sympy tensorboard tensorflow
tokenizers torch torchaudio torchvision tqdm transformers umap-learn wandb xarray xgboost zarr
"""


def suggestion(name: str) -> str:
    """A hint for a name that was not found; empty if nothing comes to mind."""
    if name.replace("-", "_") in sys.stdlib_module_names:
        return f"{name} is a part of Python itself: leave it out."
    meant = _INSTALLED_AS.get(name)
    if meant is None:
        close = difflib.get_close_matches(name, _WELL_KNOWN.split(), n=1, cutoff=0.8)
        meant = close[0] if close else ""
    return f"Did you mean {meant}?" if meant else ""
