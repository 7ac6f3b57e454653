"""Packages of the wheel: the library, the networks, and the app below `lossviz.app`, so that no `app` and no
`pages` is installed."""

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py


class Modules(build_py):
    """Leaves this file out of the package that lies in its folder."""

    def find_package_modules(self, package: str, package_dir: str) -> list[tuple[str, str, str]]:
        """(package, module, file) of each module."""
        return [found for found in super().find_package_modules(package, package_dir) if found[1] != "setup"]


setup(
    cmdclass={"build_py": Modules},
    packages=[*find_packages(include=["lossviz*", "models*"]), "lossviz.app", "lossviz.app.pages"],
    package_dir={"lossviz.app": ".", "lossviz.app.pages": "pages"},
    package_data={
        "lossviz": [
            "package.json",
            "**/*.sweep.gz",
            "sweeps/atlas/made.json",
            "**/*.css",
            "**/*.png",
            "**/*.js",
        ],
        "lossviz.app": [".streamlit/config.toml"],
    },
    include_package_data=False,
)
