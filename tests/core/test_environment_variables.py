"""What the server was started with does not mislead the tools that it starts."""

import pytest

from jupyter_envmgr.core.environment_variables import scrub


@pytest.mark.parametrize(
    "name",
    [
        *("PIP_USER", "PIP_TARGET", "PIP_CONSTRAINT", "PIP_INDEX_URL", "PYTHONPATH", "PYTHONHOME"),
        *("PYTHONUSERBASE", "PYTHONSTARTUP", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_EXE", "_CE_M"),
        *("MAMBA_ROOT_PREFIX", "JUPYTER_TOKEN", "JUPYTERHUB_API_TOKEN", "JPY_API_TOKEN"),
        *("UV_CONFIG_FILE", "UV_SYSTEM_PYTHON", "UV_TARGET", "UV_DEFAULT_INDEX", "UV_CONSTRAINT"),
        *("RUST_LOG", "FORCE_COLOR", "BASH_ENV", "__PYVENV_LAUNCHER__"),
    ],
)
def test_what_would_mislead_a_tool_or_is_a_secret_of_the_server_is_dropped(name: str) -> None:
    assert scrub({name: "x"}) == {}


@pytest.mark.parametrize(
    "name",
    [
        *("HOME", "PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "CC", "CFLAGS", "USER"),
        *("CUDA_HOME", "HTTPS_PROXY", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC"),
        *("UV_CACHE_DIR", "UV_PYTHON_INSTALL_DIR", "UV_PYTHON_INSTALL_MIRROR", "UV_HTTP_TIMEOUT"),
        *("UV_KEYRING_PROVIDER", "UV_INDEX_TEAM_PASSWORD", "ENVIRONMENT", "JAVA_HOME"),
    ],
)
def test_what_is_about_the_person_or_the_machine_stays(name: str) -> None:
    assert scrub({name: "x"}) == {name: "x"}
