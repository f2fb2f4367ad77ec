#!/bin/sh
# Installs or upgrades the service on a Debian server, from the top of the repository, as root:
#   sh deploy/install.sh talk.example.org
# It makes no choice twice: settings and keys that are there stay as they are. With DESTDIR=FOLDER it writes under that
# folder only, and makes no user: to try it.

set -eu
[ $# -eq 1 ] || { echo "Say the name people use: sh deploy/install.sh talk.example.org" >&2; exit 1; }
name=$1 root=${DESTDIR:-} here=$(dirname "$0")
program=$root/opt/bigconversation settings=$root/etc/bigconversation/bigconversation.env
own() { [ -n "$root" ] || chown "$@"; }

[ -x "$program/bin/python" ] || python3 -m venv "$program"
"$program/bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$here/../requirements.lock"
"$program/bin/pip" install --quiet --disable-pip-version-check --no-deps --no-build-isolation --force-reinstall "$here/.."

[ -n "$root" ] || id bigconversation >/dev/null 2>&1 || useradd --system --home-dir /var/lib/bigconversation bigconversation
install -d -m 0700 "$root/var/lib/bigconversation" "$root/var/lib/bigconversation-erased" "$root/var/backups/bigconversation"
own bigconversation: /var/lib/bigconversation /var/lib/bigconversation-erased /var/backups/bigconversation

install -d -m 0755 "$root/etc/bigconversation" "$root/etc/systemd/system" "$root/etc/caddy" "$root/usr/local/bin"
if [ ! -e "$settings" ]; then
    umask 077
    sed -e "s|https://talk.example.org|https://$name|" \
        -e "s|^BIGCONVERSATION_SECRET_KEYS=$|&$("$program/bin/bigconversation" doctor --new-key)|" \
        -e "s|^BIGCONVERSATION_LOOKUP_KEY=$|&$("$program/bin/bigconversation" doctor --new-key)|" \
        "$here/bigconversation.env.example" > "$settings"
    umask 022
    echo "Two keys were made in $settings. Copy them to two safe places, apart from the backups."
fi
for unit in bigconversation.service bigconversation-backup.service bigconversation-backup.timer bigconversation-migrate.service; do
    install -m 0644 "$here/$unit" "$root/etc/systemd/system/"
done
install -m 0755 "$here/as-the-service.sh" "$root/usr/local/bin/bigconversation"
grep -qs "Big Conversation" "$root/etc/caddy/Caddyfile" ||
    sed "s|^talk.example.org|$name|" "$here/Caddyfile" > "$root/etc/caddy/Caddyfile"
[ -n "$root" ] || systemctl daemon-reload
echo "Installed. Settings: $settings"
