# shellcheck shell=bash
# The settings of the rig, and the OS_* variables that clients read. Source it:
#     . tests/rig/env.sh            # as the plain user "demo"
#     . tests/rig/env.sh admin      # as the cloud's administrator
#     . tests/rig/env.sh other      # as a user of another project
#     . tests/rig/env.sh fleeting   # as a second user of demo's project: tests end this one's tokens
# Every OSRIG_* may be set before; up.sh, down.sh and check.sh must see the same ones.
export OSRIG_HOME="${OSRIG_HOME:-/opt/osrig}"
export OSRIG_IP="${OSRIG_IP:-127.0.0.1}"
export OSRIG_KEYSTONE_PORT="${OSRIG_KEYSTONE_PORT:-15000}"
export OSRIG_CINDER_PORT="${OSRIG_CINDER_PORT:-18776}"
export OSRIG_GLANCE_PORT="${OSRIG_GLANCE_PORT:-19292}"
export OSRIG_AMQP_PORT="${OSRIG_AMQP_PORT:-15673}"
export OSRIG_ERL_PORT="${OSRIG_ERL_PORT:-15674}"
export OSRIG_EPMD_PORT="${OSRIG_EPMD_PORT:-15675}"
# Dummies, all of them: nothing here listens on anything but loopback.
export OSRIG_ADMIN_PASSWORD="${OSRIG_ADMIN_PASSWORD:-rig-admin-pw}"
export OSRIG_DEMO_PASSWORD="${OSRIG_DEMO_PASSWORD:-rig-demo-pw}"
export OSRIG_SERVICE_PASSWORD="${OSRIG_SERVICE_PASSWORD:-rig-service-pw}"
# Behaviour (README.md, "Knobs").
export OSRIG_DEBUG="${OSRIG_DEBUG:-false}"
export OSRIG_TOKEN_TTL="${OSRIG_TOKEN_TTL:-86400}"
export OSRIG_FORCE_UPLOAD="${OSRIG_FORCE_UPLOAD:-true}"
export OSRIG_UPLOAD_DELAY="${OSRIG_UPLOAD_DELAY:-0}"
export OSRIG_VHD_SHIM="${OSRIG_VHD_SHIM:-1}"
export OSRIG_REGION="${OSRIG_REGION:-RegionOne}"

# Whatever was set for another cloud would mix with what is set below.
unset OS_CLOUD OS_TOKEN OS_TENANT_NAME OS_TENANT_ID OS_PROJECT_ID OS_USER_ID OS_DOMAIN_NAME OS_DOMAIN_ID \
  OS_USER_DOMAIN_ID OS_PROJECT_DOMAIN_ID OS_SYSTEM_SCOPE OS_TRUST_ID OS_CACERT OS_ENDPOINT \
  OS_APPLICATION_CREDENTIAL_ID OS_APPLICATION_CREDENTIAL_NAME OS_APPLICATION_CREDENTIAL_SECRET
export OS_AUTH_URL="http://$OSRIG_IP:$OSRIG_KEYSTONE_PORT/v3"
export OS_IDENTITY_API_VERSION=3 OS_VOLUME_API_VERSION=3 OS_IMAGE_API_VERSION=2
export OS_REGION_NAME="$OSRIG_REGION" OS_INTERFACE=public OS_AUTH_TYPE=password
case "${1:-demo}" in
admin)
  export OS_USERNAME=admin OS_PASSWORD="$OSRIG_ADMIN_PASSWORD" OS_PROJECT_NAME=admin
  export OS_USER_DOMAIN_NAME=Default OS_PROJECT_DOMAIN_NAME=Default ;;
other)
  export OS_USERNAME=other OS_PASSWORD="$OSRIG_DEMO_PASSWORD" OS_PROJECT_NAME=other
  export OS_USER_DOMAIN_NAME=rig OS_PROJECT_DOMAIN_NAME=rig ;;
fleeting)
  export OS_USERNAME=fleeting OS_PASSWORD="$OSRIG_DEMO_PASSWORD" OS_PROJECT_NAME=demo
  export OS_USER_DOMAIN_NAME=rig OS_PROJECT_DOMAIN_NAME=rig ;;
*)
  export OS_USERNAME=demo OS_PASSWORD="$OSRIG_DEMO_PASSWORD" OS_PROJECT_NAME=demo
  export OS_USER_DOMAIN_NAME=rig OS_PROJECT_DOMAIN_NAME=rig ;;
esac
# Last, so that `openstack` is found and the shell's own python is not hidden.
case ":$PATH:" in *":$OSRIG_HOME/venv/bin:"*) ;; *) export PATH="$PATH:$OSRIG_HOME/venv/bin" ;; esac
