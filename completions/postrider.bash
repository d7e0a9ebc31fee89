# SPDX-License-Identifier: MIT
# Written by completions/generate from the tables of the program: do not edit.
# shellcheck shell=bash

_postrider_accounts() {
	sed -n \
		's/^[[:blank:]]*account[[:blank:]]\{1,\}"\{0,1\}\([^[:blank:]:"#]\{1,\}\).*/\1/p' \
		"$HOME/.msmtprc" \
		"${XDG_CONFIG_HOME:-$HOME/.config}/postrider/config" \
		"${XDG_CONFIG_HOME:-$HOME/.config}/msmtp/config" \
		/etc/postrider/config \
		/etc/msmtprc 2>/dev/null | sort -u
}

_postrider() {
	local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local key=$before start="" line
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
	-C | --file | --file= | --tls-trust-file | --tls-trust-file= | --password-file | \
		--password-file=)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		;;
	-a | --account | --account=)
		while IFS= read -r line; do
			[[ $line == "$current"* ]] && COMPREPLY+=("$line")
		done < <(_postrider_accounts)
		;;
	-f | --from | --from= | -r | -F | --full-name | --full-name= | -b | -B | -o | \
		--host | --host= | --port | --port= | --tls-host-override | --tls-host-override= | \
		--user | --user= | --passwordeval | --passwordeval= | --domain | --domain= | \
		--timeout | --timeout= | --timeout-final | --timeout-final= | --run-timeout | \
		--run-timeout=)
		return
		;;
	--tls= | --tls-starttls= | --tls-certcheck= | --auth-insecure=)
		mapfile -t COMPREPLY < <(compgen -W 'on off' -- "$current")
		;;
	--auth | --auth=)
		mapfile -t COMPREPLY < <(compgen -W 'on off scram plain login scram-sha-256 scram-sha-1 cram-md5' -- "$current")
		;;
	*)
		[[ $current == -* ]] || return
		mapfile -t COMPREPLY < <(compgen -W '
			-C --file= -a --account= -t --read-recipients -i -f --from= -r -F
			--full-name= -v --verbose -P --pretend -b -B -o --help --version --host=
			--port= --tls --tls-starttls --tls-trust-file= --tls-certcheck
			--tls-host-override= --auth= --auth-insecure --user= --password-file=
			--passwordeval= --domain= --timeout= --timeout-final= --run-timeout=
		' -- "$current")
		[[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
		;;
	esac
	COMPREPLY=("${COMPREPLY[@]/#/$start}")
}

complete -F _postrider postrider
