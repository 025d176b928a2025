#!/bin/sh
# First program of User-mode Linux: lays a file system in memory over this machine's files, which it only reads, and hands
# over to what the lab left in its share (vm/machine.ts). Whatever fails ends it: the kernel panics, and the program ends.
set -eu
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/upper/files /run/upper/work /run/whole
insmod "$(find /usr/lib/uml/modules -name overlay.ko)"
mount -t overlay -o lowerdir=/,upperdir=/run/upper/files,workdir=/run/upper/work overlay /run/whole
mkdir -p /run/whole/mnt/lab
mount -t hostfs -o "$LAB_SHARE_FROM" lab /run/whole/mnt/lab
mount -t devtmpfs devtmpfs /run/whole/dev
read -r init </run/whole/mnt/lab/config/guest-init
umount /proc
exec switch_root /run/whole /bin/sh "$init"
