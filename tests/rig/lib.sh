# shellcheck shell=bash
# Shared by up.sh and down.sh. A daemon is known by its pid AND its start time, so that a pid which another
# program got meanwhile is never touched.
RUN="$OSRIG_HOME/run"
LOG="$OSRIG_HOME/log"

say() { printf '%s  %s\n' "$(date +%T)" "$*"; }
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

alive() {                                   # alive NAME
  local pid st
  [ -f "$RUN/$1.pid" ] || return 1
  read -r pid st <"$RUN/$1.pid" || return 1
  [ -n "$pid" ] && [ -n "$st" ] && [ "$(start_time "$pid")" = "$st" ]
}

start() {                                   # start NAME COMMAND...
  local name="$1" pid; shift
  alive "$name" && return 0
  [ -f "$LOG/$name.log" ] && mv -f "$LOG/$name.log" "$LOG/$name.log.1"
  setsid "$@" >"$LOG/$name.log" 2>&1 </dev/null 9>&- &
  pid=$!
  sleep 0.05
  printf '%s %s\n' "$pid" "$(start_time "$pid")" >"$RUN/$name.pid"
}

stop() {                                    # stop NAME
  local pid st
  if alive "$1"; then
    read -r pid st <"$RUN/$1.pid"
    kill -TERM "$pid" 2>/dev/null
    for _ in $(seq 1 150); do
      alive "$1" || break
      sleep 0.1
    done
    if alive "$1"; then                     # it leads a session of its own (setsid above)
      say "$1 ($pid) did not stop in 15 s: killed"
      kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null
    else
      say "stopped $1 ($pid)"
    fi
  fi
  rm -f "$RUN/$1.pid"
}

wait_for() {                                # wait_for NAME SECONDS COMMAND...
  local name="$1" limit="$2"; shift 2
  for _ in $(seq 1 $((limit * 5))); do
    "$@" >/dev/null 2>&1 && return 0
    if ! alive "$name"; then
      say "$name died; the end of its log:"; tail -n 30 "$LOG/$name.log"; return 1
    fi
    sleep 0.2
  done
  say "$name was not ready after $limit s; the end of its log:"
  tail -n 30 "$LOG/$name.log"; return 1
}

port_open() { (exec 3<>"/dev/tcp/$OSRIG_IP/$1") 2>/dev/null; }

cannot() { printf 'the rig cannot run here: %s\n' "$*" >&2; exit 3; }

requirements() {                            # why the rig cannot run here, in words, before anything is touched
  local python="${OSRIG_PYTHON:-python3}" system
  [ "$(uname -s)" = Linux ] || cannot "it needs Linux (Debian 12), this is $(uname -s)"
  [ "$(id -u)" = 0 ] || cannot "it needs root (a container will do), this is $(id -un 2>/dev/null || id -u)"
  system="$(. /etc/os-release 2>/dev/null; echo "${ID:-unknown} ${VERSION_ID:-}")"
  [ "$system" = "debian 12" ] || [ "${OSRIG_ANY_SYSTEM:-0}" = 1 ] ||
    cannot "it is made for Debian 12, this is $system (OSRIG_ANY_SYSTEM=1 tries all the same)"
  for tool in apt-get curl flock setsid; do
    command -v "$tool" >/dev/null || cannot "$tool is missing"
  done
  "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    cannot "$python is not Python 3.11 or newer with venv (apt-get install python3-venv, or set OSRIG_PYTHON)"
}
