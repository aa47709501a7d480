"""How jobs of clusters run in an environment: Slurm, torchrun, Dask, Spark, Ray."""

from __future__ import annotations

import json
import shlex

from .snippets import Place, Snippet


def slurm(place: Place) -> Snippet:
    lines = [
        "#!/bin/bash",
        f"#SBATCH --job-name={place.label}",
        "#SBATCH --output=%x-%j.out",
        "#SBATCH --nodes=1",
        "#SBATCH --ntasks-per-node=1",
        "#SBATCH --cpus-per-task=8",
        "#SBATCH --gpus-per-node=1",
        "#SBATCH --time=01:00:00",
        "",
        *place.settings(),
        f"srun {place.python} train.py",
    ]
    note = "The path of the environment must be mounted on the nodes too. sbatch job.sh"
    return Snippet("slurm", "Slurm", "bash", "\n".join(lines), note)


def torchrun(place: Place) -> Snippet:
    one = f"{place.isolation}{place.python} -m torch.distributed.run"
    several = '"$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1):29500"'
    text = (
        "# one machine\n"
        f"{one} --standalone --nproc-per-node=gpu train.py\n\n"
        "# several, in a Slurm job with one task for each node\n"
        + "".join(f"{line}\n" for line in place.settings())
        + f"srun {place.python} -m torch.distributed.run \\\n"
        '  --nnodes="$SLURM_NNODES" --nproc-per-node=gpu \\\n'
        '  --rdzv-id="$SLURM_JOB_ID" --rdzv-backend=c10d \\\n'
        f"  --rdzv-endpoint={several} \\\n"
        "  train.py"
    )
    note = "`torchrun` is the same program; started so, it is this environment's for sure."
    return Snippet("torchrun", "torchrun", "bash", text, note)


def dask(place: Place) -> Snippet:
    # dask-jobqueue puts it into the shell line of its job script as it is.
    lines = [
        "from dask_jobqueue import SLURMCluster",
        "",
        "cluster = SLURMCluster(",
        "    cores=8,",
        '    memory="32GB",',
        f"    python={_literal(place.python)},",
    ]
    prologue = place.settings()
    if prologue:
        lines += ["    job_script_prologue=["]
        lines += [f"        {_literal(line)}," for line in prologue]
        lines += ["    ],"]
    text = "\n".join([*lines, ")"])
    note = (
        "PBSCluster, LSFCluster and the others take the same arguments. The client needs the same "
        "versions of dask and distributed: run it in this environment too. Before dask-jobqueue "
        "0.8 the prologue was called env_extra."
    )
    return Snippet("dask", "Dask", "python", text, note)


def spark(place: Place) -> list[Snippet]:
    shared = (
        f"export PYSPARK_PYTHON={place.python}\n"
        f"export PYSPARK_DRIVER_PYTHON={place.python}\n"
        + ("export PYTHONNOUSERSITE=1\n" if place.isolated else "")
        + "spark-submit"
        + (" --conf spark.executorEnv.PYTHONNOUSERSITE=1" if place.isolated else "")
        + " app.py"
    )
    note = "Where all nodes mount the environment under this path. Driver and executors need the "
    note += (
        f"same Python ({place.environment.python})." if place.environment.python else "same Python."
    )
    found = [Snippet("spark", "Spark, with a shared file system", "bash", shared, note)]
    if place.kind == "conda":
        found += _spark_archive(place)
    return found


def _spark_archive(place: Place) -> list[Snippet]:
    archive = shlex.quote(f"{place.archive}#environment")
    isolated = "  --conf spark.executorEnv.PYTHONNOUSERSITE=1 \\\n"
    client = (
        "export PYSPARK_PYTHON=./environment/bin/python\n"
        f"export PYSPARK_DRIVER_PYTHON={place.python}\n"
        "export PYTHONNOUSERSITE=1\n"
        f"spark-submit \\\n  --archives {archive} \\\n{isolated}  app.py"
    )
    cluster = (
        "env -u PYSPARK_DRIVER_PYTHON PYSPARK_PYTHON=./environment/bin/python \\\n"
        "  spark-submit --master yarn --deploy-mode cluster \\\n"
        f"  --archives {archive} \\\n"
        "  --conf spark.yarn.appMasterEnv.PYSPARK_PYTHON=./environment/bin/python \\\n"
        f"  --conf spark.yarn.appMasterEnv.PYTHONNOUSERSITE=1 \\\n{isolated}  app.py"
    )
    note = (
        f"Export the environment first, as tar.gz: Spark 3.1 and later unpacks {place.archive} "
        "on each executor, as ./environment. It may lie on hdfs:// and the like."
    )
    return [
        Snippet("spark-archive", "Spark, with an archive", "bash", client, note),
        Snippet(
            "spark-yarn",
            "Spark on YARN, in cluster mode, with an archive",
            "bash",
            cluster,
            "The driver runs on the cluster too, with the Python of the archive. " + note,
        ),
    ]


def ray(place: Place) -> list[Snippet]:
    program = place.within("bin", "ray")
    start = "\n".join([*place.settings(), f"{program} start --head", "# on the other nodes:"])
    start += f"\n{program} start --address=HEAD:6379"
    environ = '"env_vars": {"PYTHONNOUSERSITE": "1"},' if place.isolated else ""
    lines = [
        "import ray",
        "",
        "ray.init(",
        '    address="auto",',
        "    runtime_env={",
        # Ray puts it into a line for bash.
        f'        "py_executable": {_literal(place.python)},',
        *([f"        {environ}"] if environ else []),
        "    },",
        ")",
    ]
    return [
        Snippet(
            "ray-start",
            "Ray, started in the environment",
            "bash",
            start,
            "All workers then have this environment; ray must be installed in it.",
        ),
        Snippet(
            "ray",
            "Ray, for one job of a running cluster",
            "python",
            "\n".join(lines),
            "For a Ray whose runtime_env has `py_executable`. The environment needs the cluster's "
            "version of Ray and of Python, and must be mounted on the nodes."
            + (" Its activation scripts do not run this way." if place.has_scripts else ""),
        ),
    ]


def _literal(text: str) -> str:
    """A Python string, with the double quotes that people write."""
    return json.dumps(text, ensure_ascii=False)
