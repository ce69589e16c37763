"""Fills the running services: projects, users, catalogue, types, volumes.

Idempotent: what is there already is left as it is.  Ends with a JSON summary
in $OSRIG_HOME/state.json.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import requests

E = os.environ
HOME, IP = E['OSRIG_HOME'], E['OSRIG_IP']
KEYSTONE = f"http://{IP}:{E['OSRIG_KEYSTONE_PORT']}/v3"
CINDER = f"http://{IP}:{E['OSRIG_CINDER_PORT']}"
GLANCE = f"http://{IP}:{E['OSRIG_GLANCE_PORT']}"
http = requests.Session()
http.trust_env = False


def call(method, url, token=None, ok=(200, 201, 202, 204), **kw):
    headers = kw.pop('headers', {})
    if token:
        headers['X-Auth-Token'] = token
    r = http.request(method, url, headers=headers, timeout=60, **kw)
    if r.status_code not in ok:
        sys.exit(f'{method} {url}: {r.status_code} {r.text[:600]}')
    return r.json() if r.content and 'json' in r.headers.get(
        'content-type', '') else {}


def login(user, password, project, domain):
    body = {'auth': {
        'identity': {'methods': ['password'], 'password': {'user': {
            'name': user, 'password': password,
            'domain': {'name': domain}}}},
        'scope': {'project': {'name': project,
                              'domain': {'name': domain}}}}}
    r = http.post(KEYSTONE + '/auth/tokens', json=body, timeout=60)
    if r.status_code != 201:
        sys.exit(f'login {user}: {r.status_code} {r.text[:600]}')
    return r.headers['X-Subject-Token'], r.json()['token']['project']['id']


def ensure(kind, token, match, extra=None):
    """One identity object with these attributes, made if missing."""
    plural = kind + ('es' if kind.endswith('s') else 's')
    found = call('GET', f'{KEYSTONE}/{plural}', token, params=match)[plural]
    if found:
        return found[0]['id']
    return call('POST', f'{KEYSTONE}/{plural}', token,
                json={kind: {**match, **(extra or {})}})[kind]['id']


def identity(admin):
    roles = {r['name']: r['id']
             for r in call('GET', KEYSTONE + '/roles', admin)['roles']}
    service_role = roles.get('service') or ensure(
        'role', admin, {'name': 'service'})
    service = ensure('project', admin,
                     {'name': 'service', 'domain_id': 'default'})
    rig = ensure('domain', admin, {'name': 'rig'})

    def grant(project, user, role):
        call('PUT', f'{KEYSTONE}/projects/{project}/users/{user}/roles/{role}',
             admin)

    for name in ('cinder', 'glance'):
        uid = ensure('user', admin, {'name': name, 'domain_id': 'default'},
                     {'password': E['OSRIG_SERVICE_PASSWORD']})
        grant(service, uid, roles['admin'])
        grant(service, uid, service_role)
    # fleeting: a second user of demo's project, so that a test can end all
    # tokens of a user without ending those of the tests beside it
    for name, project in (('demo', 'demo'), ('other', 'other'),
                          ('fleeting', 'demo')):
        pid = ensure('project', admin, {'name': project, 'domain_id': rig})
        uid = ensure('user', admin, {'name': name, 'domain_id': rig},
                     {'password': E['OSRIG_DEMO_PASSWORD']})
        grant(pid, uid, roles['member'])
    for kind, name, url in (
            ('volumev3', 'cinderv3', CINDER + '/v3/%(project_id)s'),
            ('block-storage', 'cinder', CINDER + '/v3/%(project_id)s'),
            ('image', 'glance', GLANCE)):
        sid = ensure('service', admin, {'type': kind}, {'name': name})
        for side in ('public', 'internal', 'admin'):
            ensure('endpoint', admin,
                   {'service_id': sid, 'interface': side},
                   {'url': url, 'region_id': E['OSRIG_REGION']})


def wait_services(base, admin):
    """Until the scheduler knows what the backend can hold.

    A service counts as up before that, and a volume created then ends in
    error: its report may get lost while the scheduler starts.
    """
    deadline = time.time() + 90
    rows, pools = [], []
    while time.time() < deadline:
        rows = call('GET', base + '/os-services', admin)['services']
        pools = call('GET', base + '/scheduler-stats/get_pools', admin)['pools']
        up = {r['binary'] for r in rows if r['state'] == 'up'}
        if {'cinder-volume', 'cinder-scheduler'} <= up and pools:
            return
        time.sleep(0.3)
    states = {r['binary']: r['state'] for r in rows}
    sys.exit(f'cinder is not ready: services {states}, {len(pools)} pools')


def image(token):
    """A small qcow2 in Glance with the properties a system disk has."""
    found = call('GET', GLANCE + '/v2/images', token,
                 params={'name': 'rig-base-image'})['images']
    if found:
        return found[0]['id']
    with tempfile.TemporaryDirectory() as d:
        raw, qcow = d + '/raw', d + '/qcow2'
        with open(raw, 'wb') as f:
            f.write(b'osrig base image\n'.ljust(4096, b'\0') * 64)
            f.truncate(64 << 20)
        subprocess.run(['qemu-img', 'convert', '-O', 'qcow2', raw, qcow],
                       check=True)
        iid = call('POST', GLANCE + '/v2/images', token, json={
            'name': 'rig-base-image', 'disk_format': 'qcow2',
            'container_format': 'bare', 'visibility': 'private',
            'min_disk': 1, 'os_type': 'linux', 'os_distro': 'debian',
            'os_version': '12', 'hw_disk_bus': 'virtio',
            'hw_firmware_type': 'bios', 'architecture': 'x86_64'})['id']
        with open(qcow, 'rb') as f:
            call('PUT', f'{GLANCE}/v2/images/{iid}/file', token, data=f,
                 headers={'Content-Type': 'application/octet-stream'})
    return iid


def wanted(n):
    fixed = ['rig-vol-01', '数据盘-测试-02', 'rig-boot-03', 'rig-error-04',
             'rig-inuse-05']
    return (fixed + [f'rig-vol-{i:02d}' for i in range(6, n + 1)])[:n]


def volume(base, token, name, image_id):
    body = {'name': name, 'size': 1, 'metadata': {'made_by': 'osrig'}}
    if name == 'rig-boot-03':
        body['imageRef'] = image_id
    elif name.startswith('数据盘'):
        body['description'] = '中文描述：测试卷'
    return call('POST', base + '/volumes', token,
                json={'volume': body})['volume']['id']


def settle(base, token, vid):
    deadline = time.time() + 90
    while time.time() < deadline:
        v = call('GET', f'{base}/volumes/{vid}', token)['volume']
        if v['status'] != 'creating' and v['status'] != 'downloading':
            return v
        time.sleep(0.2)
    sys.exit(f'volume {vid} is still {v["status"]}')


def finish(abase, admin, name, v):
    """Content by which images are told apart, and the state its name says."""
    vid = v['id']
    if v['bootable'] != 'true':
        with open(f'{HOME}/data/volumes/volume-{vid}', 'r+b') as f:
            f.write(f'osrig volume {vid}\n'.encode())
            f.seek(512 << 20)
            f.write(os.urandom(1 << 20))
    action = f'{abase}/volumes/{vid}/action'
    if name == 'rig-error-04':
        call('POST', action, admin,
             json={'os-reset_status': {'status': 'error'}})
    elif name == 'rig-inuse-05':
        # Cinder refuses a reset to in-use while nothing is attached, so this
        # is a true attachment record (of a server that nobody has)
        call('POST', action, admin, json={'os-attach': {
            'instance_uuid': '11111111-2222-3333-4444-555555555555',
            'mountpoint': '/dev/vdb'}})
        call('POST', action, admin,
             json={'os-reset_status': {'status': 'in-use'}})


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--volumes', type=int, default=5)
    n = ap.parse_args().volumes
    admin, admin_pid = login('admin', E['OSRIG_ADMIN_PASSWORD'], 'admin',
                             'Default')
    identity(admin)
    demo, pid = login('demo', E['OSRIG_DEMO_PASSWORD'], 'demo', 'rig')
    _, other_pid = login('other', E['OSRIG_DEMO_PASSWORD'], 'other', 'rig')
    abase, base = f'{CINDER}/v3/{admin_pid}', f'{CINDER}/v3/{pid}'
    wait_services(abase, admin)
    types = {t['name'] for t in
             call('GET', abase + '/types', admin)['volume_types']}
    for t in ('SSD', 'SAS'):
        if t not in types:
            call('POST', abase + '/types', admin,
                 json={'volume_type': {'name': t}})
    names = wanted(n)
    listed = call('GET', base + '/volumes/detail', demo)['volumes']
    for v in listed:                        # what an earlier start left undone
        if v['name'] in names and v['name'] != 'rig-error-04' and (
                v['status'] == 'error'):
            call('DELETE', f"{base}/volumes/{v['id']}", demo, ok=(202, 404))
    have = {v['name']: v['id'] for v in listed
            if v['status'] not in ('error', 'deleting')
            or v['name'] == 'rig-error-04'}
    image_id = image(demo) if 'rig-boot-03' in names else None
    missing = [x for x in names if x not in have]
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda x: volume(base, demo, x, image_id),
                             missing))
        rows = list(pool.map(lambda v: settle(base, demo, v), made))
    for name, v in zip(missing, rows):
        if v['status'] == 'available':
            finish(abase, admin, name, v)
    bad = [f'{name} became {v["status"]}' for name, v in zip(missing, rows)
           if v['status'] != 'available']
    if bad:
        sys.exit('volume ' + ', '.join(bad) + ' (up.sh again makes it anew)')
    listed = call('GET', base + '/volumes/detail', demo)['volumes']
    state = {'auth_url': KEYSTONE, 'cinder': CINDER, 'glance': GLANCE,
             'project_id': pid, 'admin_project_id': admin_pid,
             'other_project_id': other_pid, 'image_id': image_id,
             'volumes': {v['name']: {'id': v['id'], 'status': v['status'],
                                     'bootable': v['bootable']}
                         for v in listed if v['name'] in names
                         and v['status'] != 'deleting'}}
    with open(HOME + '/state.json', 'w', encoding='utf-8') as f:
        json.dump(state, f, indent=1, ensure_ascii=False)
    for v in sorted(listed, key=lambda v: v['name']):
        print(f"   {v['id']}  {v['status']:<10} bootable={v['bootable']:<5} "
              f"{v['size']} GiB  {v['name']}")


if __name__ == '__main__':
    main()
