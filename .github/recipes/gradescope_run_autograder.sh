#!/bin/sh
# run_autograder of a Gradescope autograder. The container is thrown away after each run, so that the student's program needs no
# sandbox: it has no rights that another student's submission depends on.
set -eu
class=$(mktemp -d)
trap 'rm -rf "$class" "$class.grades"' EXIT
cp -R "${AUTOGRADER:-/autograder}/submission" "$class/student"
status=0
"${CHARYBDIS:-/autograder/source/charybdis}" grade --submissions "$class" --out "$class.grades" --budget 8m --no-sandbox "$@" || status=$?
mkdir -p "${AUTOGRADER:-/autograder}/results"
cp "$class.grades/students/student/results.json" "${AUTOGRADER:-/autograder}/results/results.json"
# 1 and 2 mean that the submission failed or was refused, which the results say.
[ "$status" -le 2 ]
