# SPDX-License-Identifier: MIT
# Written by completions/generate from the tables of the program: do not edit.

function __postrider_accounts
	set -l config $HOME/.config
	set -q XDG_CONFIG_HOME; and set config $XDG_CONFIG_HOME
	sed -n \
		's/^[[:blank:]]*account[[:blank:]]\{1,\}"\{0,1\}\([^[:blank:]:"#]\{1,\}\).*/\1/p' \
		"$HOME/.msmtprc" \
		"$config/postrider/config" \
		"$config/msmtp/config" \
		/etc/postrider/config \
		/etc/msmtprc 2>/dev/null
end

complete -c postrider -f
complete -c postrider -s C -l file -r -F -d 'read this configuration file'
complete -c postrider -s a -l account -x -a '(__postrider_accounts)' -d 'use this account'
complete -c postrider -s t -l read-recipients -d 'recipients from To, Cc, Bcc too'
complete -c postrider -s i -d 'at a terminal, a lone dot is text'
complete -c postrider -s f -l from -x -d 'envelope sender; <> for none'
complete -c postrider -s r -x -d 'the same as -f'
complete -c postrider -s F -l full-name -x -d 'your name, where a From field is added'
complete -c postrider -s v -l verbose -d 'show the conversation on standard error'
complete -c postrider -s P -l pretend -d 'print the account and its settings, send nothing'
complete -c postrider -s b -x -d 'read a message and send it, the default'
complete -c postrider -s B -x -d 'ignored: the message itself tells'
complete -c postrider -s o -x -d 'ignored; -oi is as -i'
complete -c postrider -l help -d 'print this and exit'
complete -c postrider -l version -d 'print versions and exit'
complete -c postrider -l host -x -d 'the smarthost\'s name or address'
complete -c postrider -l port -x -d 'its port'
complete -c postrider -l tls -a 'on off' -d 'use TLS'
complete -c postrider -l tls-starttls -a 'on off' -d 'begin TLS with STARTTLS'
complete -c postrider -l tls-trust-file -r -F -d 'trusted authorities, PEM'
complete -c postrider -l tls-certcheck -a 'on off' -d 'verify the server\'s certificate'
complete -c postrider -l tls-host-override -x -d 'the name the certificate must have'
complete -c postrider -l auth -x -a 'on off scram plain login scram-sha-256 scram-sha-1 cram-md5' -d 'authenticate'
complete -c postrider -l auth-insecure -a 'on off' -d 'allow secrets without verified TLS'
complete -c postrider -l user -x -d 'user name for authentication'
complete -c postrider -l password-file -r -F -d 'file whose first line is the password'
complete -c postrider -l passwordeval -x -d 'command that prints the password'
complete -c postrider -l domain -x -d 'name to introduce ourselves with (EHLO)'
complete -c postrider -l timeout -x -d 'limit for each wait, but for the final reply'
complete -c postrider -l timeout-final -x -d 'limit for the reply to the message'
complete -c postrider -l run-timeout -x -d 'limit for all together'
