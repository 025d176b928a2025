# shellcheck shell=dash
# Copied to /etc/uci-defaults when the network is handed over, and kept by sysupgrade. The boot runs it before the network:
# where the new image has no Passerelle, the network goes back to what it was. Anything but 0 keeps this file.
BEFORE="${PASSERELLE_ROOT:-}/etc/passerelle/openwrt/before"
[ -e "${PASSERELLE_ROOT:-}/usr/lib/passerelle/openwrt/services" ] && exit 1
[ -s "$BEFORE" ] || exit 0
while read -r line; do
	case "$line" in network.*) uci set "$line" ;; esac
done <"$BEFORE"
uci commit network
# Its services are on in a fresh image; this runs as well where they are not.
while read -r line; do
	case "$line" in
		'service '*) [ -x "${PASSERELLE_ROOT:-}/etc/init.d/${line#service }" ] && "${PASSERELLE_ROOT:-}/etc/init.d/${line#service }" enable ;;
	esac
done <"$BEFORE"
mv "$BEFORE" "${BEFORE%/*}/given-back"
logger -t passerelle "Passerelle is not in this image: the network is OpenWrt's again."
exit 0
