#!/bin/sh
# Holds the gateway's disk: a small file system in memory that outlives the gateway's host (fault power-cut) and
# can be filled (fault disk-full). Arguments: LAB_DIRECTORY SIZE.
set -eu
mount -t tmpfs -o "mode=755,size=$2" disk "$1/gateway/state"
echo ready
exec </dev/null >/dev/null 2>&1
while :; do
  sleep 86400 || true
done
