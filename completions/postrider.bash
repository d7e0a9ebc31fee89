# SPDX-License-Identifier: MIT
# Written by completions/generate from the tables of the program: do not edit.
# shellcheck shell=bash

# An address is one word.
COMP_WORDBREAKS=${COMP_WORDBREAKS//@/}

# A word as the shell reads it, in "$read".
_postrider_read() {
	read=${1//[\\\"\']/}
	read=${read/#\~\//$HOME/}
}

# What the program lists ($2), of the file that -C names, as far as it begins with $1.
_postrider_list() {
	local file="" line i read
	for ((i = 1; i < COMP_CWORD; i++)); do
		case ${COMP_WORDS[i]} in
		-C) file=${COMP_WORDS[i + 1]} ;;
		--file)
			file=${COMP_WORDS[i + 1]}
			[[ $file == "=" ]] && file=${COMP_WORDS[i + 2]}
			;;
		esac
	done
	_postrider_read "$file" && file=$read
	_postrider_read "${COMP_WORDS[0]}"
	while IFS= read -r line; do
		[[ $line == "$1"* ]] && COMPREPLY+=("$(printf %q "$line")")
	done < <("$read" ${file:+-C "$file"} --list="$2" 2>/dev/null)
}

_postrider() {
	local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local key=$before start=""
	# bash cuts --name=value at the "=" unless told otherwise; both are turned into "--name=".
	if [[ $current == --*=* ]]; then
		key=${current%%=*}= start=$key current=${current#*=}
	elif [[ $current == "=" ]]; then
		key=$before= current=""
	elif [[ $before == "=" ]]; then
		key=${COMP_WORDS[COMP_CWORD - 2]}=
	fi
	COMPREPLY=()
	case $key in
	-C | --file | --file= | --attach | --attach= | --message | --message= | -X | \
		--import | --import= | -D | --socket | --socket= | --tls-trust-file | \
		--tls-trust-file= | --tls-crl-file | --tls-crl-file= | --tls-key-file | \
		--tls-key-file= | --tls-cert-file | --tls-cert-file= | --password-file | \
		--password-file= | --aliases | --aliases= | --logfile | --logfile=)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		;;
	-a | --account | --account=)
		_postrider_list "$current" accounts
		;;
	-f | --from | --from= | -r)
		_postrider_list "$current" senders
		;;
	-F | --full-name | --full-name= | -s | --subject | --subject= | --to | --to= | \
		--cc | --cc= | --bcc | --bcc= | --header | --header= | --body | --body= | \
		--debug= | -N | -R | -V | --flush= | --rmqs | --rmqs= | -e | -o | -O | -A | -h | \
		-L | -M | -p | -T | --host | --host= | --port | --port= | --source-ip | \
		--source-ip= | --proxy-host | --proxy-host= | --proxy-port | --proxy-port= | \
		--proxy-user | --proxy-user= | --tunnel | --tunnel= | --tls-fingerprint | \
		--tls-fingerprint= | --tls-pin | --tls-pin= | --tls-priorities | \
		--tls-priorities= | --tls-host-override | --tls-host-override= | \
		--tls-min-dh-prime-bits | --tls-min-dh-prime-bits= | --user | --user= | \
		--passwordeval | --passwordeval= | --from-full-name | --from-full-name= | \
		--maildomain | --maildomain= | --domain | --domain= | --max-recipients | \
		--max-recipients= | --logfile-time-format | --logfile-time-format= | --timeout | \
		--timeout= | --timeout-final | --timeout-final= | --run-timeout | --run-timeout=)
		return
		;;
	--progress | --progress= | --set-from-header=)
		mapfile -t COMPREPLY < <(compgen -W 'auto on off' -- "$current")
		;;
	--list | --list=)
		mapfile -t COMPREPLY < <(compgen -W 'accounts senders' -- "$current")
		;;
	-b)
		mapfile -t COMPREPLY < <(compgen -W 'm s p i v C' -- "$current")
		;;
	-B)
		mapfile -t COMPREPLY < <(compgen -W '7BIT 8BITMIME' -- "$current")
		;;
	--help=)
		mapfile -t COMPREPLY < <(compgen -W 'all settings' -- "$current")
		;;
	--protocol | --protocol=)
		mapfile -t COMPREPLY < <(compgen -W 'smtp lmtp' -- "$current")
		;;
	--address-family | --address-family=)
		mapfile -t COMPREPLY < <(compgen -W 'any ipv4 ipv6' -- "$current")
		;;
	--tls= | --tls-starttls= | --tls-certcheck= | --tls-session-cache= | \
		--tls-force-sslv3= | --auth-insecure= | --read-envelope-from= | --auto-from= | \
		--remove-bcc-headers= | --complete-header= | --partial= | --rewrite-to=)
		mapfile -t COMPREPLY < <(compgen -W 'on off' -- "$current")
		;;
	--tls-min-version | --tls-min-version=)
		mapfile -t COMPREPLY < <(compgen -W '1.2 1.3' -- "$current")
		;;
	--auth=)
		mapfile -t COMPREPLY < <(compgen -W 'on off scram plain login external oauthbearer xoauth2 gssapi' -- "$current")
		;;
	--set-date-header= | --set-msgid-header= | --chunking | --chunking=)
		mapfile -t COMPREPLY < <(compgen -W 'auto off' -- "$current")
		;;
	--set-to-header=)
		mapfile -t COMPREPLY < <(compgen -W 'on off undisclosed_recipients' -- "$current")
		;;
	--long-lines | --long-lines=)
		mapfile -t COMPREPLY < <(compgen -W 'encode pass' -- "$current")
		;;
	--pipelining | --pipelining=)
		mapfile -t COMPREPLY < <(compgen -W 'auto full basic off' -- "$current")
		;;
	--dsn-notify | --dsn-notify=)
		mapfile -t COMPREPLY < <(compgen -W 'off never LIST' -- "$current")
		;;
	--dsn-return | --dsn-return=)
		mapfile -t COMPREPLY < <(compgen -W 'off headers full' -- "$current")
		;;
	--log-format | --log-format=)
		mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$current")
		;;
	--syslog=)
		mapfile -t COMPREPLY < <(compgen -W 'on off failures FACILITY' -- "$current")
		;;
	*)
		[[ $current == -* ]] || return
		mapfile -t COMPREPLY < <(compgen -W '
			-C --file= -a --account= -t --read-recipients -i -f --from= -r -F
			--full-name= -s --subject= --to= --cc= --bcc= --header= --body= --attach=
			--message= -v --verbose -d --debug -4 -6 --json --progress= --all-or-none
			--dry-run -X -N -R -V -P --pretend --list= --import= -b --mailq -q --flush
			-I --rmqs= -B -e -o -O -A -D -E -G -h -J -L -M -m -n -p -T -U -x --help
			--version --host= --port= --socket= --protocol= --address-family=
			--source-ip= --proxy-host= --proxy-port= --proxy-user= --tunnel= --tls
			--tls-starttls --tls-trust-file= --tls-crl-file= --tls-fingerprint=
			--tls-pin= --tls-key-file= --tls-cert-file= --tls-certcheck
			--tls-priorities= --tls-min-version= --tls-session-cache
			--tls-host-override= --tls-min-dh-prime-bits= --tls-force-sslv3 --auth
			--auth-insecure --user= --password-file= --passwordeval= --from-full-name=
			--read-envelope-from --maildomain= --auto-from --domain= --set-from-header
			--set-date-header --set-msgid-header --set-to-header --remove-bcc-headers
			--complete-header --long-lines= --pipelining= --chunking= --partial
			--max-recipients= --dsn-notify= --dsn-return= --aliases= --rewrite-to
			--logfile= --logfile-time-format= --log-format= --syslog --timeout=
			--timeout-final= --run-timeout=
		' -- "$current")
		[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
		;;
	esac
	COMPREPLY=("${COMPREPLY[@]/#/$start}")
}

complete -F _postrider postrider
