#!/bin/sh
# setup.sh of a Gradescope autograder. The zip file has setup.sh, run_autograder and the executable charybdis.
set -eu
chmod +x /autograder/source/charybdis
