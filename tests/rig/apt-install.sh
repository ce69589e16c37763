#!/usr/bin/env bash
# apt-install.sh PACKAGE...: installs Debian packages without starting the services they bring: the tests run
# their own copies of those. Quiet; on a failure the end of apt's words.
set -euo pipefail
log="$(mktemp)"
policy=/usr/sbin/policy-rc.d made=0
finish() { rm -f "$log"; if [ $made = 1 ]; then rm -f "$policy"; fi; }
trap finish EXIT
trap 'exit 130' INT TERM
if [ ! -e "$policy" ]; then
  made=1
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi
install() {
  apt-get -o DPkg::Lock::Timeout=300 update -qq &&
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@"
}
install "$@" >"$log" 2>&1 </dev/null || { rc=$?; tail -n 20 "$log" >&2; exit $rc; }
