#!/bin/sh
# Prints the first Python of at least 3.11 that can make a virtual environment; nothing where there is none.
for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$name" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        echo "$name"
        exit 0
    fi
done
