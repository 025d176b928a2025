#!/bin/sh
# The first process of a host: makes the host's own files, says so, then only collects the dead.
# Arguments: LAB_DIRECTORY HOST ro|rw (how /sys is mounted).
set -eu
lab=$1 host=$2 sys=$3
private=$lab/hosts/$host

hostname "$host"
ip link set lo up

# The host writes to a file system in memory that only its mount namespace sees: nothing to clean afterwards.
mount -t tmpfs -o mode=755 lab "$private"
for tree in etc var tmp; do
  mkdir -p "$private/$tree" "$private/.work-$tree"
  [ "$tree" = tmp ] && chmod 1777 "$private/tmp"
  mount -t overlay overlay -o "lowerdir=/$tree,upperdir=$private/$tree,workdir=$private/.work-$tree" "/$tree"
done

# Its own /run, in which the lab's directory keeps its path.
mkdir -p "$private/run/lock" "$private/run${lab#/run}"
mount --bind "$lab" "$private/run${lab#/run}"
[ "$host" = gw ] && mount --bind "$lab/gateway/state" "$private/run${lab#/run}/gateway/state"
mount --rbind "$private/run" /run

# systemd-networkd takes links as they are, without udev, where /sys is read-only.
mount -t sysfs -o "$sys" sysfs /sys

# A host that starts again has booted: what it stored about the last boot's clock means nothing any more.
cat /proc/sys/kernel/random/uuid >"$private/boot-id"
mount --bind "$private/boot-id" /proc/sys/kernel/random/boot_id

rm -f /etc/resolv.conf /etc/machine-id
echo "# no resolver yet" >/etc/resolv.conf
echo "$host" >/etc/hostname
printf '127.0.0.1 localhost\n127.0.1.1 %s\n' "$host" >/etc/hosts
echo "$host" | md5sum | cut -c1-32 >/etc/machine-id

echo ready
exec </dev/null >/dev/null 2>&1
# While the shell waits for this child it collects every other one that ends; the host stays when it is killed.
while :; do
  sleep 86400 || true
done
