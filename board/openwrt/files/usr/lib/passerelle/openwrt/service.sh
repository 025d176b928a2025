# Sourced by /etc/init.d/passerelle-*: what the daemons have in common under procd.
# shellcheck shell=dash disable=SC3043,SC2034

PASSERELLE_LIB=/usr/lib/passerelle
PASSERELLE_RUNTIME=/var/run/passerelle

# Nothing runs before the network was handed over: an installed package changes nothing.
passerelle_is_taken() {
	[ -s "${PASSERELLE_ROOT:-}/etc/passerelle/openwrt/before" ]
}

passerelle_state() {
	uci -q get passerelle.main.state || echo /srv/passerelle
}

# A directory of one user: passerelle_directory USER MODE PATH
passerelle_directory() {
	mkdir -p "$3" && chown "$1:$1" "$3" && chmod "$2" "$3"
}

# Opens the instance of a daemon, as its own user unless another is named; the caller adds its jail and closes it.
passerelle_open() {
	local name="$1" user="${2:-passerelle-$1}" state
	passerelle_is_taken || return 1
	state="$(passerelle_state)"
	mkdir -p "$state" "$PASSERELLE_RUNTIME"
	# The commands of a person come in by the socket of web; what is in there guards itself.
	chmod 755 "$state" "$PASSERELLE_RUNTIME"
	passerelle_directory "$user" 700 "$state/$name" || return 1
	passerelle_directory "$user" 700 "$PASSERELLE_RUNTIME/$name" || return 1

	procd_open_instance "$name"
	procd_set_param command /usr/bin/node --disable-warning=ExperimentalWarning --disable-proto=throw \
		"$PASSERELLE_LIB/main.js" run "$name"
	procd_set_param env \
		NODE_ENV=production \
		PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		PASSERELLE_STATE_DIR="$state" \
		PASSERELLE_RUNTIME_DIR="$PASSERELLE_RUNTIME" \
		PASSERELLE_BUS="$PASSERELLE_RUNTIME/bus/$name/$name.sock" \
		PASSERELLE_DEFAULTS=/etc/passerelle/defaults.json \
		PASSERELLE_UI_DIR=/usr/share/passerelle/ui
	# Started again after one second, for ever: a box without this daemon is no box.
	procd_set_param respawn 3600 1 0
	procd_set_param limits core=0 nofile="1024 4096" nproc="128 128"
	# A daemon says farewell within five seconds (runtime/service).
	procd_set_param term_timeout 8
	procd_set_param stdout 1
	procd_set_param stderr 1
	if [ "$user" != root ]; then
		procd_set_param user "$user"
		procd_set_param group "$user"
		procd_set_param no_new_privs 1
	fi
}

# The jail of an opened instance: passerelle_jail NAME [FLAG...]. With `requirejail` the daemon does not start where
# ujail is missing or fails, rather than start without it.
passerelle_jail() {
	local name="$1" state
	shift
	state="$(passerelle_state)"
	procd_set_param capabilities "/etc/capabilities/passerelle-$name.json"
	procd_add_jail "passerelle-$name" requirejail log ronly "$@"
	procd_add_jail_mount "$PASSERELLE_LIB" /etc/passwd /etc/group /etc/ssl /etc/TZ /usr/share/icu
	# The order of a factory reset lies in the directory above; others' directories are shut by their mode.
	procd_add_jail_mount "$state" "$PASSERELLE_RUNTIME/bus/$name"
	procd_add_jail_mount_rw "$state/$name" "$PASSERELLE_RUNTIME/$name"
}
