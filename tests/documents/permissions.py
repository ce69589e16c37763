"""The permissions page: least-privilege policies and the table of calls, made from the one table of operations."""

from __future__ import annotations

import json

from evs_tui.cloud.operations import OPERATIONS, Operation

_HEAD = """\
# Permissions

Made by `python -m tests.documents` from the table that the program itself sends its requests by
(`evs_tui/cloud/operations.py`), so nothing is missing here and nothing is too much. `evs-tui doctor` tells which of
them the signed-in user has.

## Huawei-style clouds (Open Telekom Cloud, Huawei Cloud, Flexible Engine)

A custom policy for a user who only looks ({looking} rights), to be granted in the project whose volumes are meant:

```json
{looking_policy}
```

And for one who exports ({doing} rights):

```json
{doing_policy}
```

Without the rights for servers the list still works: it shows the ids of servers, and an attached disk cannot be judged.
`evs-tui --read-only` refuses by itself to send anything that changes something, whatever the user may do.

## Plain OpenStack

The default policies let any member of a project do all of this. Where an operator restricted them, these rules count:
{rules}.

## Every call

| call | what it does | right | changes something | source |
| --- | --- | --- | --- | --- |
{rows}
"""


def permissions() -> str:
    """The page in Markdown."""
    vendor = [operation for operation in OPERATIONS if operation.right and _is_vendor(operation)]
    looking = sorted({str(operation.right) for operation in vendor if operation.effect == "read"})
    doing = sorted({str(operation.right) for operation in vendor})
    plain = sorted({str(operation.right) for operation in OPERATIONS if operation.right and not _is_vendor(operation)})
    return _HEAD.format(
        looking=len(looking),
        looking_policy=_policy(looking),
        doing=len(doing),
        doing_policy=_policy(doing),
        rules=", ".join(f"`{rule}`" for rule in plain),
        rows="\n".join(_row(operation) for operation in OPERATIONS),
    )


def _is_vendor(operation: Operation) -> bool:
    return operation.right is not None and operation.right.startswith(("evs:", "ims:", "ecs:", "iam:"))


def _policy(rights: list[str]) -> str:
    return json.dumps({"Version": "1.1", "Statement": [{"Effect": "Allow", "Action": rights}]}, indent=2)


def _row(operation: Operation) -> str:
    right = "none" if operation.right is None else f"`{operation.right}`"
    call = f"`{operation.service.upper()} {operation.method} {operation.path}`"
    changes = "-" if operation.effect == "read" else "yes" if operation.effect == "change" else "deletes"
    return f"| {call} | {operation.name.replace('_', ' ')} | {right} | {changes} | {operation.page} |"
