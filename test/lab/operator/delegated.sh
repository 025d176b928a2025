#!/bin/sh
# Kea's run_script hook on `isp`: what is delegated leads to the link-local address of who asked, where it asked.
set -eu
[ "$1" = leases6_committed ] || exit 0
n=0
while [ "$n" -lt "${LEASES6_SIZE:-0}" ]; do
  eval "type=\$LEASES6_AT${n}_TYPE prefix=\$LEASES6_AT${n}_ADDRESS length=\$LEASES6_AT${n}_PREFIX_LEN"
  if [ "$type" = IA_PD ]; then
    ip -6 route replace "$prefix/$length" via "$QUERY6_REMOTE_ADDR" dev "${QUERY6_IFACE_NAME:-access}"
  fi
  n=$((n + 1))
done
