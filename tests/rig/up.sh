#!/usr/bin/env bash
# Brings the rig up: real Keystone, Cinder and Glance on loopback. What runs already is left as it is.
#   up.sh [--volumes N] [--fresh] [--install-only]
# --fresh starts from empty databases (the daemons are stopped first). Ends with 3 where the rig cannot run.
set -euo pipefail
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
usage() { echo "usage: up.sh [--volumes N] [--fresh] [--install-only]" >&2; exit 2; }
VOLUMES=5 FRESH=0 INSTALL_ONLY=0
while [ $# -gt 0 ]; do
  case "$1" in
  --volumes) VOLUMES="${2:-}"; shift ;;
  --volumes=*) VOLUMES="${1#*=}" ;;
  --fresh) FRESH=1 ;;
  --install-only) INSTALL_ONLY=1 ;;
  *) usage ;;
  esac
  shift || usage
done
case "$VOLUMES" in '' | *[!0-9]*) usage ;; esac
# shellcheck source=env.sh
. "$HERE/env.sh" admin
# shellcheck source=lib.sh
. "$HERE/lib.sh"
requirements
T0=$(date +%s%N)
took() { printf '%d.%d s' $((($(date +%s%N) - T0) / 1000000000)) $((($(date +%s%N) - T0) / 100000000 % 10)); }
folders() {
  mkdir -p "$RUN" "$LOG" "$OSRIG_HOME"/{etc,pristine} \
    "$OSRIG_HOME"/data/{volumes,conversion,images,staging,tasks,cinder,glance-locks}
}
folders
exec 9>"$OSRIG_HOME/up.lock"
flock -w 600 9 || { echo "another up.sh is running" >&2; exit 1; }

# -- install ----------------------------------------------------------------
pkgs=()
[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || pkgs+=(rabbitmq-server)
[ -x /usr/sbin/mariadbd ] || pkgs+=(mariadb-server-core)
command -v mariadb >/dev/null || pkgs+=(mariadb-client-core)
command -v qemu-img >/dev/null || pkgs+=(qemu-utils)
if [ ${#pkgs[@]} -gt 0 ]; then
  say "apt: ${pkgs[*]}"
  "$HERE/apt-install.sh" "${pkgs[@]}"
fi
VENV="$OSRIG_HOME/venv" PY="$OSRIG_HOME/venv/bin/python"
want="$(sha256sum <"$HERE/requirements.lock")"
if [ "$(cat "$VENV/.osrig-lock" 2>/dev/null || true)" != "$want" ]; then
  say "pip: the services into $VENV"
  base="${OSRIG_PYTHON:-python3}"
  [ -x "$PY" ] || "$base" -m venv "$VENV"
  "$VENV/bin/pip" install -q --disable-pip-version-check -r "$HERE/requirements.lock" \
    >"$LOG/pip.log" 2>&1 || { grep -v WARNING "$LOG/pip.log" | tail -n 20; exit 1; }
  printf '%s\n' "$want" >"$VENV/.osrig-lock"
fi
say "installed ($(took))"
[ $INSTALL_ONLY = 1 ] && exit 0

# -- stop, when asked to begin anew --------------------------------------------
if [ $FRESH = 1 ]; then
  bash "$HERE/down.sh" --wipe
  folders
fi

# -- configuration ------------------------------------------------------------
export OSRIG_TRANSPORT_URL="rabbit://rig:rig-amqp-pw@$OSRIG_IP:$OSRIG_AMQP_PORT/"
render() {                                  # render NAME SOURCE TARGET
  sed -e "s|@HOME@|$OSRIG_HOME|g" -e "s|@IP@|$OSRIG_IP|g" \
    -e "s|@KEYSTONE_PORT@|$OSRIG_KEYSTONE_PORT|g" -e "s|@GLANCE_PORT@|$OSRIG_GLANCE_PORT|g" \
    -e "s|@CINDER_PORT@|$OSRIG_CINDER_PORT|g" -e "s|@AMQP_PORT@|$OSRIG_AMQP_PORT|g" \
    -e "s|@ERL_PORT@|$OSRIG_ERL_PORT|g" -e "s|@TRANSPORT_URL@|$OSRIG_TRANSPORT_URL|g" \
    -e "s|@DEBUG@|$OSRIG_DEBUG|g" -e "s|@TOKEN_TTL@|$OSRIG_TOKEN_TTL|g" \
    -e "s|@FORCE_UPLOAD@|$OSRIG_FORCE_UPLOAD|g" -e "s|@UPLOAD_DELAY@|$OSRIG_UPLOAD_DELAY|g" \
    -e "s|@SERVICE_PASSWORD@|$OSRIG_SERVICE_PASSWORD|g" \
    -e "s|@DEMO_PASSWORD@|$OSRIG_DEMO_PASSWORD|g" -e "s|@ADMIN_PASSWORD@|$OSRIG_ADMIN_PASSWORD|g" \
    -e "s|@REGION@|$OSRIG_REGION|g" "$1" >"$2"
}
E="$OSRIG_HOME/etc"
for s in cinder glance keystone; do rm -rf "$E/$s"; cp -r "$VENV/etc/$s" "$E/$s"; done
render "$HERE/conf/keystone.conf.in" "$E/keystone/keystone.conf"
render "$HERE/conf/cinder.conf.in" "$E/cinder/cinder.conf"
render "$HERE/conf/glance-api.conf.in" "$E/glance/glance-api.conf"
render "$HERE/conf/mariadb.cnf.in" "$E/mariadb.cnf"
render "$HERE/conf/rabbitmq.conf.in" "$E/rabbitmq.conf"
render "$HERE/conf/clouds.yaml.in" "$OSRIG_HOME/clouds.yaml"
: >"$E/rabbitmq-plugins"; echo '[].' >"$E/rabbitmq-plugins"
# Cinder 29 asks "qemu-img info -f vhd", but qemu-img calls that format vpc, so
# no VHD upload can succeed; OSRIG_VHD_SHIM=0 shows the failure as it is.
rm -rf "$E/bin"; mkdir -p "$E/bin"
if [ "$OSRIG_VHD_SHIM" = 1 ]; then
  real="$(command -v qemu-img)"
  cat >"$E/bin/qemu-img" <<SHIM
#!/bin/bash
args=(); last=
for a in "\$@"; do [ "\$last" = -f ] && [ "\$a" = vhd ] && a=vpc; args+=("\$a"); last="\$a"; done
exec $real "\${args[@]}"
SHIM
  chmod +x "$E/bin/qemu-img"
fi
export OS_KEYSTONE_CONFIG_FILES="$E/keystone/keystone.conf"
export OS_GLANCE_CONFIG_DIR="$E/glance"
export OSRIG_CINDER_CONF="$E/cinder/cinder.conf"
export PYTHONPATH="$HERE/py" PYTHONWARNINGS=ignore PYTHONDONTWRITEBYTECODE=1
export LC_ALL=C.UTF-8 no_proxy="$OSRIG_IP,localhost" NO_PROXY="$OSRIG_IP,localhost"
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY 2>/dev/null || true

# -- the broker, while the databases are made -----------------------------------
mkdir -p "$OSRIG_HOME/rabbit"
start epmd env ERL_EPMD_ADDRESS="$OSRIG_IP" epmd -port "$OSRIG_EPMD_PORT"
start rabbit env HOME="$OSRIG_HOME/rabbit" ERL_EPMD_PORT="$OSRIG_EPMD_PORT" ERL_EPMD_ADDRESS="$OSRIG_IP" \
  RABBITMQ_NODENAME=osrig@localhost RABBITMQ_BASE="$OSRIG_HOME/rabbit" \
  RABBITMQ_MNESIA_BASE="$OSRIG_HOME/rabbit/mnesia" RABBITMQ_LOG_BASE="$LOG" RABBITMQ_LOGS=- \
  RABBITMQ_CONFIG_FILE="$E/rabbitmq.conf" RABBITMQ_ENABLED_PLUGINS_FILE="$E/rabbitmq-plugins" \
  RABBITMQ_CONF_ENV_FILE=/dev/null RABBITMQ_DIST_PORT="$OSRIG_ERL_PORT" \
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}" \
  /usr/lib/rabbitmq/bin/rabbitmq-server

# -- databases ------------------------------------------------------------------
# Migrated once per version of the services; a fresh start copies the result.
key="$({ cat "$HERE/requirements.lock"; /usr/sbin/mariadbd --version; } | sha256sum | cut -c1-12)"
PRISTINE="$OSRIG_HOME/pristine/mysql-$key"
sql() { mariadb --no-defaults --socket="$RUN/mysql.sock" -uroot "$@"; }
start_db() {
  start mariadb /usr/sbin/mariadbd --defaults-file="$E/mariadb.cnf"
  wait_for mariadb 60 sql -e 'select 1'
}
[ -f "$OSRIG_HOME/mysql/.migrated" ] || { stop mariadb; rm -rf "$OSRIG_HOME/mysql" "$OSRIG_HOME/mysql.new"; }
if [ ! -d "$OSRIG_HOME/mysql" ] && [ ! -d "$PRISTINE" ]; then
  mariadb-install-db --no-defaults --user=root --datadir="$OSRIG_HOME/mysql.new" \
    --auth-root-authentication-method=normal --skip-test-db >"$LOG/mariadb-install.log" 2>&1 ||
    { tail -n 20 "$LOG/mariadb-install.log"; exit 1; }
  mv "$OSRIG_HOME/mysql.new" "$OSRIG_HOME/mysql"
  start_db
  sql -e 'create user rig@localhost'
  for d in keystone cinder glance; do sql -e "create database $d; grant all on $d.* to rig@localhost"; done
  "$VENV/bin/cinder-manage" --config-file "$E/cinder/cinder.conf" db sync >"$LOG/cinder-db.log" 2>&1 & c=$!
  "$VENV/bin/glance-manage" --config-file "$E/glance/glance-api.conf" db_sync >"$LOG/glance-db.log" 2>&1 & g=$!
  "$VENV/bin/keystone-manage" --config-file "$E/keystone/keystone.conf" db_sync >"$LOG/keystone-db.log" 2>&1 & k=$!
  for p in $k $g $c; do
    wait $p || { tail -n 5 "$LOG"/*-db.log; stop mariadb; rm -rf "$OSRIG_HOME/mysql"; exit 1; }
  done
  stop mariadb
  : >"$OSRIG_HOME/mysql/.migrated"
  rm -rf "$OSRIG_HOME"/pristine/*
  cp -a --reflink=auto "$OSRIG_HOME/mysql" "$PRISTINE.new" && mv "$PRISTINE.new" "$PRISTINE"
elif [ ! -d "$OSRIG_HOME/mysql" ]; then
  cp -a --reflink=auto "$PRISTINE" "$OSRIG_HOME/mysql"
fi
start_db
say "databases ready ($(took))"
if [ ! -d "$OSRIG_HOME/keystone/fernet-keys" ] || [ ! -f "$OSRIG_HOME/keystone/bootstrapped" ]; then
  mkdir -p -m 700 "$OSRIG_HOME/keystone/fernet-keys" "$OSRIG_HOME/keystone/credential-keys"
  "$PY" - "$OSRIG_HOME/keystone" <<'PYEOF'
import base64, os, sys            # what keystone-manage fernet_setup makes: keys 0 and 1
for d in ('fernet-keys', 'credential-keys'):
    for n in '01':
        p = os.path.join(sys.argv[1], d, n)
        if not os.path.exists(p):
            with os.fdopen(os.open(p, os.O_WRONLY | os.O_CREAT, 0o600), 'w') as f:
                f.write(base64.urlsafe_b64encode(os.urandom(32)).decode())
PYEOF
  u="http://$OSRIG_IP:$OSRIG_KEYSTONE_PORT/v3"
  "$VENV/bin/keystone-manage" --config-file "$E/keystone/keystone.conf" bootstrap \
    --bootstrap-password "$OSRIG_ADMIN_PASSWORD" --bootstrap-region-id "$OSRIG_REGION" \
    --bootstrap-admin-url "$u" --bootstrap-internal-url "$u" --bootstrap-public-url "$u" \
    >"$LOG/bootstrap.log" 2>&1 || { tail -n 20 "$LOG/bootstrap.log"; exit 1; }
  : >"$OSRIG_HOME/keystone/bootstrapped"
fi

# -- the services ------------------------------------------------------------------
serve() {                                   # serve NAME PORT WSGI-MODULE
  start "$1" env OSRIG_WSGI="$3" "$VENV/bin/gunicorn" --bind "$OSRIG_IP:$2" --workers 1 --threads 8 \
    --worker-class gthread --timeout 600 --keep-alive 5 --no-control-socket --access-logfile - \
    osrig_wsgi:application
}
serve keystone "$OSRIG_KEYSTONE_PORT" keystone.wsgi.api
serve glance "$OSRIG_GLANCE_PORT" glance.wsgi.api
wait_for rabbit 60 port_open "$OSRIG_AMQP_PORT"
start cinder-scheduler "$VENV/bin/cinder-scheduler" --config-file "$E/cinder/cinder.conf"
start cinder-volume env PATH="$E/bin:$PATH" "$VENV/bin/cinder-volume" --config-file "$E/cinder/cinder.conf"
serve cinder-api "$OSRIG_CINDER_PORT" cinder.wsgi.api
wait_for keystone 60 curl -fsS -m 2 "http://$OSRIG_IP:$OSRIG_KEYSTONE_PORT/v3"
wait_for glance 60 curl -fsS -m 2 "http://$OSRIG_IP:$OSRIG_GLANCE_PORT/healthcheck"
wait_for cinder-api 60 curl -fsS -m 2 "http://$OSRIG_IP:$OSRIG_CINDER_PORT/healthcheck"
say "services answer ($(took))"
"$PY" "$HERE/py/provision.py" --volumes "$VOLUMES"
say "up ($(took)); clients: . tests/rig/env.sh  (or OS_CLIENT_CONFIG_FILE=$OSRIG_HOME/clouds.yaml OS_CLOUD=rig)"
