#!/usr/bin/env bash
# The rig's own end-to-end check with curl alone (about 10 s): a token, a list, an upload followed to the end,
# the image's bytes, and the refusals.
set -uo pipefail
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=env.sh
. "$HERE/env.sh"
PASS=0 FAIL=0
ok() { if [ "$2" = "$3" ]; then PASS=$((PASS + 1)); else FAIL=$((FAIL + 1)); echo "FAILED $1: got [$2], wanted [$3]"; fi; }
js() { python3 -c "import json,sys; d=json.load(sys.stdin); print($1)"; }
C="http://$OSRIG_IP:$OSRIG_CINDER_PORT" G="http://$OSRIG_IP:$OSRIG_GLANCE_PORT"
D="$(mktemp -d)"; trap 'rm -rf "$D"' EXIT
curl() { command curl --noproxy '*' -sS -m 60 "$@"; }
code="$(curl -o "$D/t" -D "$D/h" -w '%{http_code}' -H 'Content-Type: application/json' "$OS_AUTH_URL/auth/tokens" -d '{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"'"$OS_USERNAME"'","password":"'"$OS_PASSWORD"'","domain":{"name":"rig"}}}},"scope":{"project":{"name":"demo","domain":{"name":"rig"}}}}}')"
ok token "$code" 201
T="$(tr -d '\r' <"$D/h" | sed -n 's/^[Xx]-[Ss]ubject-[Tt]oken: //p')"
P="$(js "d['token']['project']['id']" <"$D/t")"
A=(-H "X-Auth-Token: $T")
vol() { curl "${A[@]}" "$C/v3/$P/volumes?name=$1" | js "d['volumes'][0]['id']"; }
V="$(vol rig-vol-01)" U="$(vol rig-inuse-05)"
act() { curl "${A[@]}" -o "$D/o" -w '%{http_code}' -H 'Content-Type: application/json' "$C/v3/$P/volumes/$1/action" -d "$2"; }
ok 'Chinese name' "$(curl "${A[@]}" "$C/v3/$P/volumes" | js "sum('数据盘' in v['name'] for v in d['volumes'])")" 1
ok 'in-use without force' "$(act "$U" '{"os-volume_upload_image":{"image_name":"x"}}')" 400
ok 'unknown id' "$(act 00000000-dead-beef-0000-000000000000 '{"os-volume_upload_image":{"image_name":"x"}}')" 404
ok 'bad disk_format' "$(act "$V" '{"os-volume_upload_image":{"image_name":"x","disk_format":"nope"}}')" 400
ok 'bad token' "$(curl -o /dev/null -w '%{http_code}' -H 'X-Auth-Token: bad' "$C/v3/$P/volumes")" 401
ok upload "$(act "$V" '{"os-volume_upload_image":{"image_name":"check-镜像","disk_format":"qcow2","force":false}}')" 202
ok 'status at once' "$(js "d['os-volume_upload_image']['status']" <"$D/o")" uploading
I="$(js "d['os-volume_upload_image']['image_id']" <"$D/o")"
for _ in $(seq 1 150); do
  s="$(curl "${A[@]}" "$C/v3/$P/volumes/$V" | js "d['volume']['status']")"
  [ "$s" != uploading ] && break; sleep 0.2
done
ok 'volume at the end' "$s" available
ok 'image at the end' "$(curl "${A[@]}" "$G/v2/images/$I" | js "d['status'] + ' ' + d['name'] + ' ' + d['disk_format']")" 'active check-镜像 qcow2'
curl "${A[@]}" -o "$D/img" "$G/v2/images/$I/file"
qemu-img convert -f qcow2 -O raw "$D/img" "$D/raw"
cmp -s "$D/raw" "$OSRIG_HOME/data/volumes/volume-$V"; ok 'same bytes' $? 0
ok delete "$(curl "${A[@]}" -o /dev/null -w '%{http_code}' -X DELETE "$G/v2/images/$I")" 204
echo "$PASS passed, $FAIL failed"
[ "$FAIL" = 0 ]
