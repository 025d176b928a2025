#!/bin/busybox sh
# First program of the machine that carries a lab: lays a file system in memory over this machine's files, which it
# only reads, and hands over to what the lab left in its share (vm/machine.ts). Whatever fails ends it: the kernel
# panics, and QEMU ends.
/bin/busybox --install -s /bin || exit 1
export PATH=/bin

say() { echo "first-init: $*" >/dev/console; }
must() { "$@" || { say "FAILED: $*"; exit 1; }; }

must mount -t devtmpfs devtmpfs /dev
exec </dev/console >/dev/console 2>&1
while read -r module; do
  must insmod "/modules/$module"
done </modules/order

# Kept in memory as it was when it was first read: a program there is read once, whatever it costs.
must mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose files /lower
must mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=none lab /share
must mount -t tmpfs -o mode=755 upper /upper
mkdir /upper/files /upper/work
must mount -t overlay -o lowerdir=/lower,upperdir=/upper/files,workdir=/upper/work overlay /whole
mkdir -p /whole/mnt/lab
must mount --move /share /whole/mnt/lab
must mount --move /dev /whole/dev
read -r init </whole/mnt/lab/config/guest-init
exec switch_root /whole /bin/sh "$init"
