#!/bin/sh
# apt-install.sh POLICY_FILE PACKAGE...
#
# Installs Debian packages without letting any of their services start, now or at the next boot: the center runs its
# own private server, and a second one on a well-known port is not what anybody asked for.
set -eu
policy=$1
shift

# Debian asks this program before it starts a service; 101 means no.
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' INT TERM
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive
# An index that cannot be refreshed may still be good enough; the installation itself will tell.
apt-get update -qq || true
apt-get install -y -qq --no-install-recommends "$@"

if command -v systemctl >/dev/null 2>&1; then
  for package in "$@"; do
    systemctl disable --quiet "$package" 2>/dev/null || true
  done
fi
