"""The one table of calls: what each asks of the cloud, what it changes, which right it needs, where it is documented.

Read-only mode, retries, the ring of recent calls and the list of rights all read this table; there is no second list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from evs_tui.cloud.dialects import Service

Effect = Literal["read", "change", "destroy"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of one service.

    `path` is a template: `{project_id}` is the signed-in project, other names are ids that the caller gives.
    `effect` says what the call does to the cloud; only a `read` may be sent in read-only mode. `retry` allows the
    same request to be sent again when it failed for a reason that passes. `right` is the vendor's name of the
    permission, `page` the vendor's page, `failed` the sentence a user reads when the call did not do its work.
    """

    name: str
    service: Service
    method: Literal["GET", "POST", "DELETE"]
    path: str
    effect: Effect
    retry: bool
    right: str | None
    page: str
    failed: str


CREATE_TOKEN = Operation(
    "create_token",
    "iam",
    "POST",
    "/v3/auth/tokens",
    "read",
    retry=False,  # a wrong password sent twice counts twice towards a lock-out, a passcode is good for one try
    right=None,
    page="IAM API: Obtaining a User Token Through Password Authentication",
    failed="Signing in failed",
)
CHECK_TOKEN = Operation(
    "check_token",
    "iam",
    "GET",
    "/v3/auth/tokens",
    "read",
    retry=False,
    right=None,
    page="IAM API: Verifying a Token",
    failed="The token could not be checked",
)
OWN_PROJECTS = Operation(
    "own_projects",
    "iam",
    "GET",
    "/v3/auth/projects",
    "read",
    retry=True,
    right=None,
    page="IAM API: Querying the List of Projects Accessible to Users",
    failed="The projects could not be listed",
)
FIND_PROJECTS = Operation(
    "find_projects",
    "iam",
    "GET",
    "/v3/projects",
    "read",
    retry=True,
    right="iam:projects:listProjects",
    page="IAM API: Querying Project Information Based on the Specified Criteria",
    failed="The project could not be looked up",
)
LIST_CLOUDVOLUMES = Operation(
    "list_cloudvolumes",
    "evs",
    "GET",
    "/v2/{project_id}/cloudvolumes/detail",
    "read",
    retry=True,
    right="evs:volumes:list",
    page="EVS API: Querying Details About All Disks",
    failed="The volumes could not be listed",
)
LIST_VOLUMES = Operation(
    "list_volumes",
    "evs",
    "GET",
    "/v3/{project_id}/volumes/detail",
    "read",
    retry=True,
    right="volume:get_all",
    page="Cinder API: volumes, List accessible volumes with details",
    failed="The volumes could not be listed",
)
GET_VENDOR_VOLUME = Operation(
    "get_vendor_volume",
    "evs",
    "GET",
    "/v2/{project_id}/os-vendor-volumes/{volume_id}",
    "read",
    retry=True,
    right="evs:volumes:get",
    page="EVS API: Querying Details About a Disk",
    failed="The volume could not be read",
)
GET_VOLUME = Operation(
    "get_volume",
    "evs",
    "GET",
    "/v3/{project_id}/volumes/{volume_id}",
    "read",
    retry=True,
    right="volume:get",
    page="Cinder API: volumes, Show a volume's details",
    failed="The volume could not be read",
)
EXPORT = Operation(
    "export",
    "evs",
    "POST",
    "/v3/{project_id}/volumes/{volume_id}/action",
    "change",
    retry=False,
    right="evs:volumes:uploadImage",
    page="EVS API: Exporting EVS Disk Data as an Image",
    failed="The export was not accepted",
)
MESSAGES = Operation(
    "messages",
    "evs",
    "GET",
    "/v3/{project_id}/messages",
    "read",
    retry=True,
    right="message:get_all",
    page="Cinder API: messages, List messages",
    failed="The reason of the failure could not be read",
)
LIST_CLOUDIMAGES = Operation(
    "list_cloudimages",
    "ims",
    "GET",
    "/v2/cloudimages",
    "read",
    retry=True,
    right="ims:images:list",
    page="IMS API: Querying Images",
    failed="The images could not be listed",
)
LIST_IMAGES = Operation(
    "list_images",
    "ims",
    "GET",
    "/v2/images",
    "read",
    retry=True,
    right="ims:images:list",
    page="Glance API v2: List images",
    failed="The images could not be listed",
)
GET_IMAGE = Operation(
    "get_image",
    "ims",
    "GET",
    "/v2/images/{image_id}",
    "read",
    retry=True,
    right="ims:images:get",
    page="Glance API v2: Show image",
    failed="The image could not be read",
)
IMAGE_QUOTA = Operation(
    "image_quota",
    "ims",
    "GET",
    "/v1/cloudimages/quota",
    "read",
    retry=True,
    right="ims:quotas:get",
    page="IMS API: Querying the Image Quota",
    failed="The quota of images could not be read",
)
LIST_CLOUDSERVERS = Operation(
    "list_cloudservers",
    "ecs",
    "GET",
    "/v1/{project_id}/cloudservers/detail",
    "read",
    retry=True,
    right="ecs:cloudServers:list",
    page="ECS API: Querying Details About ECSs",
    failed="The servers could not be listed",
)
GET_CLOUDSERVER = Operation(
    "get_cloudserver",
    "ecs",
    "GET",
    "/v1/{project_id}/cloudservers/{server_id}",
    "read",
    retry=True,
    right="ecs:cloudServers:showServer",
    page="ECS API: Querying Details About an ECS",
    failed="The server could not be read",
)
LIST_SERVERS = Operation(
    "list_servers",
    "ecs",
    "GET",
    "/v2.1/{project_id}/servers/detail",
    "read",
    retry=True,
    right="os_compute_api:servers:detail",
    page="Compute API: servers, List Servers Detailed",
    failed="The servers could not be listed",
)
GET_SERVER = Operation(
    "get_server",
    "ecs",
    "GET",
    "/v2.1/{project_id}/servers/{server_id}",
    "read",
    retry=True,
    right="os_compute_api:servers:show",
    page="Compute API: servers, Show Server Details",
    failed="The server could not be read",
)
STOP_CLOUDSERVER = Operation(
    "stop_cloudserver",
    "ecs",
    "POST",
    "/v1/{project_id}/cloudservers/action",
    "change",
    retry=False,
    right="ecs:cloudServers:stop",
    page="ECS API: Stopping ECSs in a Batch",
    failed="The server was not stopped",
)
START_CLOUDSERVER = Operation(
    "start_cloudserver",
    "ecs",
    "POST",
    "/v1/{project_id}/cloudservers/action",
    "change",
    retry=False,
    right="ecs:cloudServers:start",
    page="ECS API: Starting ECSs in a Batch",
    failed="The server was not started",
)
GET_SERVER_JOB = Operation(
    "get_server_job",
    "ecs",
    "GET",
    "/v1/{project_id}/jobs/{job_id}",
    "read",
    retry=True,
    right=None,
    page="ECS API: Querying Task Execution Status",
    failed="The job of the server could not be read",
)
STOP_SERVER = Operation(
    "stop_server",
    "ecs",
    "POST",
    "/v2.1/{project_id}/servers/{server_id}/action",
    "change",
    retry=False,
    right="os_compute_api:servers:stop",
    page="Compute API: servers, Stop Server (os-stop Action)",
    failed="The server was not stopped",
)
START_SERVER = Operation(
    "start_server",
    "ecs",
    "POST",
    "/v2.1/{project_id}/servers/{server_id}/action",
    "change",
    retry=False,
    right="os_compute_api:servers:start",
    page="Compute API: servers, Start Server (os-start Action)",
    failed="The server was not started",
)

OPERATIONS: tuple[Operation, ...] = (
    CREATE_TOKEN,
    CHECK_TOKEN,
    OWN_PROJECTS,
    FIND_PROJECTS,
    LIST_CLOUDVOLUMES,
    LIST_VOLUMES,
    GET_VENDOR_VOLUME,
    GET_VOLUME,
    EXPORT,
    MESSAGES,
    LIST_CLOUDIMAGES,
    LIST_IMAGES,
    GET_IMAGE,
    IMAGE_QUOTA,
    LIST_CLOUDSERVERS,
    GET_CLOUDSERVER,
    LIST_SERVERS,
    GET_SERVER,
    STOP_CLOUDSERVER,
    START_CLOUDSERVER,
    GET_SERVER_JOB,
    STOP_SERVER,
    START_SERVER,
)
"""Every call that this program can make."""
