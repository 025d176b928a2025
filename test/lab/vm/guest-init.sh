#!/bin/sh
# First program of the guest once it sees this machine's files: makes what a boot makes, starts the agent, and switches
# the machine off when the agent ends. It collects every process that nobody else waits for.
# Reads /mnt/lab/config/guest: assignments of the names that are used below.
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
. /mnt/lab/config/guest

# Read through the files of this machine, whose octets stay in memory, and before /run hides them.
mkdir -p /mnt/programs
mount --bind "$programs" /mnt/programs

mount -t proc -o nosuid,nodev,noexec proc /proc
mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
mount -t tmpfs -o mode=755,nosuid,nodev tmpfs /run
mkdir -p /dev/pts /dev/shm /run/lock
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t cgroup2 cgroup2 /sys/fs/cgroup
ln -sfn /proc/self/fd /dev/fd

version=$(uname -r)
mkdir -p "/lib/modules/$version"
mount --bind "$modules/$version" "/lib/modules/$version"
# Nothing asks for these by a name that the kernel could answer with a module: pppd looks for /dev/ppp.
modprobe -a $drivers

hostname lab
ip link set lo up
# A cable that the lab lays may not have the name of a device in the namespace from which it is laid.
ip link set "$device" name door
ip link set door addrgenmode none up
ip address add "$address" dev door

cd /
# What is shared with the outside, and how long things may take here.
export LAB_SHARE=/mnt/lab LAB_PROGRAMS=/mnt/programs LAB_PATIENCE="$patience" LAB_READY_MS="$ready"
PATH="${node%/*}:$PATH"
# shellcheck disable=SC2163
for one in $environment; do export "$one"; done
"$node" --disable-warning=ExperimentalWarning /mnt/programs/agent.mjs "$lab" "$network" || true
sync
echo o >/proc/sysrq-trigger
sleep 60
