"""Validates messages by the committed JSON Schema with python-jsonschema, a validator that is not ours.

validate.py SCHEMA FILE   FILE has one JSON object a line: {"name": ..., "call": ..., "message": ...}
                          on stdout one a line: {"name": ..., "problems": [...]}; no problem: valid

A message is checked as a whole, and what a call or a notice carries is checked by the schema that `calls` and `notices`
name for it. Completions and events say only by their number which command they belong to, so their lines have `call`.
"""

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator


def main() -> None:
    schema = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    whole = Draft202012Validator(schema)

    def problems(part: dict, value: object) -> list[str]:
        # Only `$defs` besides the part itself: references stay right.
        validator = Draft202012Validator({**part, "$defs": schema["$defs"]})
        return [f"{error.json_path}: {error.message}"[:300] for error in validator.iter_errors(value)]

    for line in Path(sys.argv[2]).read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        message = item["message"]
        found = [f"{error.json_path}: {error.message}"[:300] for error in whole.iter_errors(message)]
        kind = message.get("type") if isinstance(message, dict) else None
        call = schema["calls"].get(item.get("call"))
        if kind == "completion" and call and message.get("payload") is not None:
            found += problems(call["reply"], message["payload"])
        if kind == "event" and call:
            part = call["events"].get(message.get("name"))
            found += problems(part, message.get("payload")) if part else ["no event of this call"]
        if kind == "notice":
            part = schema["notices"].get(message.get("name"))
            found += problems(part, message.get("payload")) if part else ["no such notice"]
        print(json.dumps({"name": item["name"], "problems": found}))


main()
