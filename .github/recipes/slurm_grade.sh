#!/bin/sh
# A class as a Slurm array: sbatch --array=0-3 slurm_grade.sh hand-ins grades
# Then: charybdis merge grades
# Latencies are judged, so each task needs a node for itself: --exclusive.
#SBATCH --job-name=charybdis-grade
#SBATCH --array=0-3
#SBATCH --exclusive
#SBATCH --output=charybdis-%A-%a.log
set -eu
limit=$(ulimit -v)
if [ "$limit" != unlimited ] && [ "$limit" -lt 50331648 ]; then
  echo "charybdis needs an address space of 48 GB, but ulimit -v is $limit KB. V8 reserves it and uses a fraction. Ask the site to limit memory in use instead (ConstrainRAMSpace), or raise ulimit -v." >&2
  exit 254
fi
submissions=${1:-hand-ins} out=${2:-grades}
[ $# -lt 2 ] || shift 2
# All tasks need one secret, from the environment or from the grading file: export CHARYBDIS_SECRET='a text of your own'
status=0
"${CHARYBDIS:-bin/charybdis}" grade --submissions "$submissions" --out "$out" --shard auto "$@" || status=$?
# 1 and 2 mean that a submission failed or was refused, which is not a failure of the job.
[ "$status" -le 2 ]
