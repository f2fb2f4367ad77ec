#!/bin/sh
# Runs a command of Big Conversation as the service runs it: same user, same folder, same settings. As root.
set -eu
set -a
. /etc/bigconversation/bigconversation.env
set +a
cd /var/lib/bigconversation
exec setpriv --reuid=bigconversation --regid=bigconversation --clear-groups /opt/bigconversation/bin/bigconversation "$@"
