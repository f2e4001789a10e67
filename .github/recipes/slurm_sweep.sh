#!/bin/sh
# A sweep as a Slurm array: sbatch --array=0-15 slurm_sweep.sh kafka 1..10000 sweep
# Then: charybdis merge sweep
#SBATCH --job-name=charybdis-sweep
#SBATCH --array=0-15
#SBATCH --cpus-per-task=2
#SBATCH --output=charybdis-%A-%a.log
set -eu
limit=$(ulimit -v)
if [ "$limit" != unlimited ] && [ "$limit" -lt 50331648 ]; then
  echo "charybdis needs an address space of 48 GB, but ulimit -v is $limit KB. V8 reserves it and uses a fraction. Ask the site to limit memory in use instead (ConstrainRAMSpace), or raise ulimit -v." >&2
  exit 254
fi
"${CHARYBDIS:-bin/charybdis}" sweep -w "${1:-kafka}" --faults all --seeds "${2:-1..10000}" --shard auto --store "${3:-sweep}"
