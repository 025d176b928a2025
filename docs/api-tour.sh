#!/bin/bash
# A stranger drives the box by its OpenAPI document alone: bash docs/api-tour.sh http://192.168.1.1 PASSWORD [ADDRESS]
set -euo pipefail
box=$1 password=$2 device=${3:-192.168.1.20} seen=$(mktemp)
text() { grep -o "\"$1\":\"[^\"]*\"" | sed -n '1s/.*:"\(.*\)"/\1/p'; } # the first text of this name in an answer
# The document lists every operation; "servers" says what their paths begin with.
document=$(curl -fsS "$box/api/v1/openapi.json")
api=$box$(text url <<<"$document")
echo "$(grep -o '"operationId"' <<<"$document" | wc -l) operations below $api"
call() { curl -fsS -X "$1" "$api$2" -H "Authorization: Bearer ${token-}" -H 'Content-Type: application/json' -H 'X-Passerelle: 1' -d @-; }
# POST /sessions: transport "bearer" answers a token for the Authorization header. It is in the answer once.
token=$(call POST /sessions <<<"{\"kind\":\"password\",\"password\":\"$password\",\"transport\":\"bearer\"}" | text token)
trap 'kill ${watcher-} 2>/dev/null || true; rm -f "$seen"; call DELETE /sessions/current </dev/null' EXIT
# x-step-up: dangerous operations want a person's proof within the hour before. The password again is one.
call POST /sessions/current/step-up <<<"{\"kind\":\"password\",\"password\":\"$password\"}" >/dev/null
# GET /hosts: every device of the home.
call GET /hosts </dev/null | grep -o '"name":"[^"]*"'
# GET /events/sse: a snapshot of each channel first, then what changes, as server-sent events.
curl -fsSN "$api/events/sse?channels=port-mappings" -H "Authorization: Bearer $token" >"$seen" & watcher=$!
until grep -q snapshot "$seen"; do sleep 0.1; done
# POST /nat/port-mappings: opens port 8443 of the Internet side to the device; DELETE closes it.
id=$(call POST /nat/port-mappings <<<"{\"protocol\":\"tcp\",\"port\":8443,\"to\":\"$device\",\"name\":\"tour\"}" | text id)
until grep -q "$id" "$seen"; do sleep 0.1; done
call DELETE "/nat/port-mappings/$id" </dev/null
until [ "$(sed -n 's/^data: //p' "$seen" | tail -1 | grep -c "$id")" = 0 ]; do sleep 0.1; done
sed -n 's/^data: //p' "$seen" # what was seen meanwhile: the opening came, and went
