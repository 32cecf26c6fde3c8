#!/bin/sh
# environment.sh FOLDER [EXTRAS]: makes the virtual environment FOLDER with a Python from 3.11 to 3.13 and installs
# Wetread into it, editable, in the versions of constraints.txt. EXTRAS are those of pyproject.toml ("test,train").
# PYTHON=/path/to/python3 chooses the interpreter.
set -eu
folder=$1
extras=${2:-}

fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; }
has_venv() { "$1" -c 'import venv, ensurepip' 2>/dev/null; }
version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo none; }

find_python() { # sets $python to the first that fits and can make environments; else to one that only fits, or to ""
    python=
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        fits "$candidate" || continue
        python=${python:-$candidate}
        if has_venv "$candidate"; then
            python=$candidate
            return
        fi
    done
}

find_python
if [ -z "$python" ]; then
    echo "Wetread needs Python 3.11, 3.12 or 3.13; ${PYTHON:-python3} here is $(version_of "${PYTHON:-python3}")." >&2
    echo "Debian 12, Ubuntu 24.04 and later have one: apt-get install python3 python3-venv" >&2
    echo "One that lies elsewhere: make PYTHON=/path/to/python3 ..." >&2
    exit 1
fi
if ! has_venv "$python"; then
    package=python$(version_of "$python")-venv
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $package, which $python needs to make an environment ..."
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null
    else
        echo "$python cannot make a virtual environment. Run this once, then again what you ran:" >&2
        echo "    sudo apt-get install $package" >&2
        exit 1
    fi
fi

if ! { "$folder/bin/python" -m pip --version >/dev/null 2>&1 && fits "$folder/bin/python"; }; then
    "$python" -m venv --clear "$folder"
fi
echo "Installing Wetread and what it needs${extras:+ (with: $extras)} into $folder; the first time takes some minutes ..."
# Built with the locked setuptools: an isolated build would fetch one of its own choice.
"$folder/bin/python" -m pip install -qq --disable-pip-version-check -c constraints.txt setuptools
"$folder/bin/python" -m pip install -qq --disable-pip-version-check -c constraints.txt --no-build-isolation \
    -e ".${extras:+[$extras]}"
