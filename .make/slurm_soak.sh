#!/bin/sh
# Tries the recipes for Slurm: starts Slurm on loopback, runs a sweep of four shards and a grading of three submissions as arrays,
# and compares the joined results with one run. Needs slurm-wlm and munge (Debian), root, and bin/charybdis.
set -eu
cd "$(dirname "$0")/.."
for tool in slurmctld slurmd munged sbatch; do
  command -v "$tool" >/dev/null || { echo "slurm: skipped, because $tool is not installed (apt-get install slurm-wlm munge)"; exit 0; }
done
[ "$(id -u)" = 0 ] || { echo "slurm: skipped, because slurmd needs root"; exit 0; }
dir=$(mktemp -d)
# Ends the daemons that this script started, by their ids.
stop() {
  for daemon in slurmd slurmctld munged; do
    [ ! -s "$dir/$daemon.pid" ] || kill "$(cat "$dir/$daemon.pid")" 2>/dev/null || true
  done
  sleep 1
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT TERM
fail() {
  echo "slurm: FAILED: $1" >&2
  tail -n 20 "$dir"/*.log >&2
  exit 1
}

dd if=/dev/urandom of="$dir/munge.key" bs=1024 count=1 2>/dev/null
chmod 600 "$dir/munge.key"
mkdir -p "$dir/state" "$dir/spool" "$dir/hand-ins"
chmod 755 "$dir"
munged --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
  --log-file="$dir/munged.log" --seed-file="$dir/munge.seed"
host=$(hostname -s)
cat >"$dir/slurm.conf" <<CONF
ClusterName=charybdis
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES OverSubscribe=YES State=UP
CONF
export SLURM_CONF="$dir/slurm.conf" CHARYBDIS="$PWD/bin/charybdis"
slurmctld && slurmd
for _ in $(seq 60); do sinfo -h -o %T 2>/dev/null | grep -q idle && break; sleep 0.5; done
sinfo -h -o %T | grep -q idle || fail "the node did not become idle"

began=$(date +%s)
batch() { sbatch --quiet --wait --output="$dir/task-%a.log" "$@" || fail "an array ended with an error"; }

seeds=1..80
batch --array=0-3 --cpus-per-task=1 .github/recipes/slurm_sweep.sh broadcast "$seeds" "$dir/sweep"
bin/charybdis merge "$dir/sweep" --json >"$dir/joined.json"
bin/charybdis sweep -w broadcast --faults all --seeds "$seeds" --store "$dir/whole" --json >"$dir/whole.json"
figure() { tr ',{}' '\n\n\n' <"$1" | grep -E '^"(seeds|operations|invalid|unknown|inconclusive)":' | sort -u; }
[ -n "$(figure "$dir/whole.json")" ] || fail "a sweep has no figures to compare"
[ "$(figure "$dir/joined.json")" = "$(figure "$dir/whole.json")" ] || fail "four shards of a sweep differ from one run"

cp -r bin/echo "$dir/hand-ins/first" && printf '#!/bin/sh\nexit 3\n' >"$dir/hand-ins/second" && ln -s /etc/passwd "$dir/hand-ins/third"
echo '{"challenges": {"short": {"lines": ["-w echo --node-count 1 --time-limit 2"]}}}' >"$dir/grading.json"
export CHARYBDIS_SECRET=spring
batch --array=0-2 --cpus-per-task=1 .github/recipes/slurm_grade.sh "$dir/hand-ins" "$dir/grades" --grading "$dir/grading.json"
bin/charybdis merge "$dir/grades" >/dev/null || [ $? = 2 ]
bin/charybdis grade --submissions "$dir/hand-ins" --out "$dir/alone" --grading "$dir/grading.json" --secret spring >/dev/null || [ $? = 2 ]
points() { cut -d, -f1-4 "$1"; }
[ "$(points "$dir/alone/grades.csv" | wc -l)" = 4 ] || fail "the class has no three grades"
[ "$(points "$dir/grades/grades.csv")" = "$(points "$dir/alone/grades.csv")" ] || fail "three shards of a class differ from one run"
echo "slurm: ok, a sweep of 80 seeds in 4 shards and a class of 3 in 3 shards are like one run ($(($(date +%s) - began)) s)"
