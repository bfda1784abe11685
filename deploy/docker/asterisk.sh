#!/bin/sh
# Starts Asterisk in its container: takes the configuration that is mounted at /etc/asterisk.host, whoever may read it there, and
# runs as the user asterisk.
set -eu
from=/etc/asterisk.host
[ -r "$from/asterisk.conf" ] || { echo "dialtide-asterisk: there is no $from/asterisk.conf: put the files of 'dialtide asterisk-config' into deploy/docker/asterisk before the first start" >&2; exit 1; }
rm -rf /etc/asterisk
install -d -m 750 -o asterisk -g asterisk /etc/asterisk
install -m 640 -o asterisk -g asterisk "$from"/*.conf /etc/asterisk/
install -d -m 750 -o asterisk -g asterisk /run/asterisk
exec setpriv --reuid asterisk --regid asterisk --init-groups --inh-caps=-all asterisk -f
