#!/usr/bin/env bash
# Stops what up.sh started, by pid file. --wipe also removes the data (not the installed programs, nor the
# migrated empty databases that are kept as templates).
set -uo pipefail
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=env.sh
. "$HERE/env.sh" admin
# shellcheck source=lib.sh
. "$HERE/lib.sh"
case "${1:-}" in '' | --wipe) ;; *) echo "usage: down.sh [--wipe]" >&2; exit 2 ;; esac
[ -d "$RUN" ] || { say "nothing to stop in $OSRIG_HOME"; exit 0; }
for d in cinder-api cinder-volume cinder-scheduler glance keystone; do stop "$d" & done
wait
for d in rabbit mariadb; do stop "$d" & done
wait
stop epmd
if [ "${1:-}" = --wipe ]; then
  rm -rf "$OSRIG_HOME"/{mysql,mysql.new,data,keystone,rabbit,etc,run,log,state.json,clouds.yaml}
  say "wiped"
fi
