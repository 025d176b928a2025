# What U-Boot does on every board. The image builder makes it into boot.scr and fills in what stands between at signs.
#
# Boot state: variables with a CRC in one sector, twice, outside the partitions (sectors 1024 and 1032). The first copy is the
# one user space writes (fw_setenv, RAUC); the second stands in for a first one that was cut while it was written.
#   BOOT_ORDER                "A B": the slot to prefer comes first
#   BOOT_A_LEFT, BOOT_B_LEFT  tries: taken off before each start, given back by user space when its health is proved
#   passerelle_trial          the slot that was installed and has not been proved: "B", and "B+" once it has been started
#   passerelle_reset          1: this start empties the data partition
# Numbers are hexadecimal. "uuid" is signature-partition of an MBR: 1a2b3c4d-02.

setenv state_at @STATE_ADDRESS@
setenv kernel_at @KERNEL_ADDRESS@
setenv ramdisk_at @RAMDISK_ADDRESS@
setenv BOOT_ORDER "A B"
setenv BOOT_A_LEFT 3
setenv BOOT_B_LEFT 3
setenv passerelle_trial none
setenv passerelle_reset 0
# Only these are taken from the disk: nothing on it can set bootcmd or bootargs.
setenv names "BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT passerelle_trial passerelle_reset"

${devtype} dev ${devnum}
part uuid ${devtype} ${devnum}:2 uuid

setenv state none
for sector in 400 408; do
  if test "${state}" = none; then
    if ${devtype} read ${state_at} ${sector} 1; then
      if env import -c ${state_at} 200 ${names}; then
        setenv state ${sector}
      fi
    fi
  fi
done
echo "passerelle: state ${state}, order ${BOOT_ORDER}, tries ${BOOT_A_LEFT} ${BOOT_B_LEFT}, trial ${passerelle_trial}"

setenv state_write 'env export -c -s 200 ${state_at} ${names}; ${devtype} write ${state_at} 400 1; ${devtype} write ${state_at} 408 1'

# Loads what was told to be in the slot and compares it with the slot's own sums, so that a file that went bad in the
# flash is found before it is started.
# Of Debian's two U-Boots one puts the sum into memory with its highest octet first, the other as its processor does.
setenv sum_same 'itest.l *${state_at} == ${sum} || itest.l *${state_at} == ${sum_turned}'
setenv sum_ok 'crc32 ${sum_from} ${filesize} ${state_at} && run sum_same'
setenv kernel_ok 'load ${devtype} ${devnum}:${part} ${kernel_at} /vmlinuz && setenv sum_from ${kernel_at} && setenv sum ${kernel_sum} && setenv sum_turned ${kernel_sum_turned} && run sum_ok'
setenv ramdisk_ok 'load ${devtype} ${devnum}:${part} ${ramdisk_at} /initramfs && setenv sum_from ${ramdisk_at} && setenv sum ${ramdisk_sum} && setenv sum_turned ${ramdisk_sum_turned} && run sum_ok'
setenv sums_ok 'load ${devtype} ${devnum}:${part} ${state_at} /boot.sums && env import -t ${state_at} ${filesize} kernel_sum kernel_sum_turned ramdisk_sum ramdisk_sum_turned'

# A slot on trial that has all its tries again has been proved by user space; one that starts says so once.
setenv trial_look 'setenv trial 0; if test "${passerelle_trial}" = "${slot}+"; then if test "${left}" = 3; then setenv passerelle_trial none; else setenv trial 1; fi; fi; if test "${passerelle_trial}" = "${slot}"; then setenv passerelle_trial "${slot}+"; setenv trial 1; fi'

setenv start 'setenv bootargs "@BOOTARGS@ passerelle.slot=${slot} rauc.slot=${slot} passerelle.disk=${devtype}:${uuid} passerelle.tries=${left} passerelle.trial=${trial} passerelle.first=${first} passerelle.reset=${passerelle_reset}"; booti ${kernel_at} ${ramdisk_at}:${ramdisk_size} ${fdt_addr}'

test -n "${BOOT_ORDER}" || setenv BOOT_ORDER "A B"
test -n "${BOOT_A_LEFT}" || setenv BOOT_A_LEFT 0
test -n "${BOOT_B_LEFT}" || setenv BOOT_B_LEFT 0

for pass in first second; do
  setenv first
  for each in ${BOOT_ORDER}; do
    setenv slot ${each}
    setenv left 0
    if test -z "${first}"; then
      setenv first ${slot}
    fi
    if test "${slot}" = A; then
      setenv part 2
      setenv left ${BOOT_A_LEFT}
    fi
    if test "${slot}" = B; then
      setenv part 3
      setenv left ${BOOT_B_LEFT}
    fi
    if itest ${left} -gt 0; then
      run trial_look
      setexpr left ${left} - 1
      setenv BOOT_${slot}_LEFT ${left}
      run state_write
      echo "passerelle: slot ${slot}, ${left} tries left"
      if run sums_ok; then
        if run kernel_ok; then
          if run ramdisk_ok; then
            setenv ramdisk_size ${filesize}
            run start
          fi
        fi
      fi
      echo "passerelle: slot ${slot} is damaged"
      setenv BOOT_${slot}_LEFT 0
      run state_write
    fi
  done
  # No slot has tries left. All get theirs again, but one that was never proved.
  for each in A B; do
    if test "${passerelle_trial}" != "${each}+"; then
      if test "${passerelle_trial}" != "${each}"; then
        setenv BOOT_${each}_LEFT 3
      fi
    fi
  done
  run state_write
done
echo "passerelle: no slot starts"
sleep 5
reset
