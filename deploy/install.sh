#!/bin/bash
# Installs what is missing on a Debian or Ubuntu machine to run Dialtide's demonstration or its tests:
#
#   deploy/install.sh run      PostgreSQL, Redis, Asterisk 22, speech for the messages, Node.js for the web desktop
#   deploy/install.sh test     the same, and SIPp, Chromium with Chinese fonts, a C compiler for the race detector
#
# It starts none of the machine's own services and makes no database cluster of the machine's: Dialtide runs private instances
# (deploy/lab). With everything there it changes nothing, asks no network, and ends within a second.
#
#   DIALTIDE_VAR             folder for what is not a package (default: var in the repository)
#   DIALTIDE_ASTERISK_ROOT   a private Asterisk root that exists already
#   DIALTIDE_DEBIAN_MIRROR   Debian mirror for Asterisk (default: the machine's own, or mmdebstrap's)
set -euo pipefail

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
var=${DIALTIDE_VAR:-$repo/var}
log=$var/install.log
# The release of Debian that has Asterisk 22 (long-term support) as a package.
asterisk_suite=forky
asterisk_major=22
# The web build needs it; see the "engines" of its package.json.
node_wanted=20.19.0

say() { printf 'install: %s\n' "$*"; }
die() { printf 'install: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

case "${1:-run}" in
run) test=no ;;
test) test=yes ;;
-h | --help) sed -n '2,15s/^# \{0,1\}//p' "$0"; exit 0 ;;
*) die "unknown argument '$1': use run or test" ;;
esac

# ---- what is missing ----------------------------------------------------------------------------------------------------

# at_least VERSION WANTED
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

have_postgres() { compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || have postgres; }
have_redis() { have redis-server || have redis-check-rdb || have valkey-server; }
have_chromium() { have chromium || have chromium-browser || have google-chrome || have google-chrome-stable; }
have_cjk() { compgen -G '/usr/share/fonts/*/*/*CJK*' >/dev/null || { have fc-list && [ -n "$(fc-list :lang=zh-cn 2>/dev/null)" ]; }; }

node_version() { "$1" --version 2>/dev/null | tr -d v || true; }
have_node() {
  local v
  if [ -x "$var/node/bin/node" ] && [ -x "$var/node/bin/npm" ]; then return 0; fi
  have node && have npm && v=$(node_version node) && [ -n "$v" ] && at_least "$v" "$node_wanted"
}

# have_asterisk: in a private root, or the machine's own of the right version.
have_asterisk() {
  local root v
  root=${DIALTIDE_ASTERISK_ROOT:-$var/asterisk-root}
  [ -x "$root/usr/sbin/asterisk" ] && return 0
  [ -x /usr/sbin/asterisk ] || return 1
  v=$(/usr/sbin/asterisk -V 2>/dev/null | grep -oE '[0-9]+' | head -n 1)
  [ -n "$v" ] && [ "$v" -ge "$asterisk_major" ]
}

packages=()
want() { packages+=("$@"); }
have_postgres || want postgresql
have_redis || want redis-tools # has the server too, under the name redis-check-rdb, and no service
have espeak-ng || want espeak-ng
have sox || want sox
have opusenc || want opus-tools # recordings are transcoded in the background; without it they stay WAV files
{ have setpriv && have unshare; } || want util-linux
have mount || want mount
if [ "$test" = yes ]; then
  have sipp || want sip-tester
  have_chromium || want chromium
  have_cjk || want fonts-noto-cjk
  have cc || have gcc || want gcc libc6-dev
fi
need_node=no
have_node || need_node=yes
need_asterisk=no
have_asterisk || need_asterisk=yes

missing="${packages[*]:-}"
[ $need_node = no ] || missing+=" Node.js-$node_wanted"
[ $need_asterisk = no ] || missing+=" Asterisk-$asterisk_major"
if [ ${#packages[@]} -eq 0 ] && [ $need_node = no ] && [ $need_asterisk = no ]; then
  exit 0
fi

# ---- rights, and keeping the machine's services as they are ----------------------------------------------------------------

have apt-get || die "only Debian and Ubuntu are known here; install by hand: $missing"
mkdir -p "$var" || die "cannot write $var: change its owner or set DIALTIDE_VAR"
: >"$log"

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  have sudo || die "missing: $missing. Run deploy/install.sh as root, or install sudo"
  sudo -v 2>/dev/null || die "sudo refused: run 'sudo deploy/install.sh ${1:-run}' as a user who may"
  as_root=(sudo)
fi
root() { "${as_root[@]}" "$@"; }

policy=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.conf
made_policy=no
saved_clusters=
temp_root=
cleanup() {
  if [ $made_policy = yes ]; then root rm -f "$policy"; fi
  if [ -n "$saved_clusters" ]; then root cp "$saved_clusters" "$clusters"; rm -f "$saved_clusters"; fi
  if [ -n "$temp_root" ]; then root rm -rf "$temp_root"; fi
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# quietly WHAT COMMAND...: output goes to the log; when the command fails its last lines are shown.
quietly() {
  local what=$1
  shift
  printf '\n## %s: %s\n' "$what" "$*" >>"$log"
  if ! "$@" >>"$log" 2>&1 </dev/null; then
    tail -n 5 "$log" | sed 's/^/install:   /' >&2
    die "$what failed; the whole story is in $log"
  fi
}

updated=no
apt_update() {
  [ $updated = no ] || return 0
  updated=yes
  say "reading package lists"
  quietly "apt-get update" root apt-get -q update
}

apt_install() {
  apt_update
  if [ ! -e "$policy" ]; then
    # Packages ask this file whether they may start their service.
    printf '#!/bin/sh\nexit 101\n' | root tee "$policy" >/dev/null
    made_policy=yes
    root chmod 755 "$policy"
  fi
  say "installing $*"
  quietly "apt-get install $*" root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "$@"
}

# candidate PACKAGE: the version that apt would install, without epoch; empty when there is none.
candidate() {
  local v
  v=$(apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" { print $2 }')
  [ "$v" = "(none)" ] || printf '%s' "${v#*:}"
}

# ---- packages --------------------------------------------------------------------------------------------------------------

install_packages() {
  local p
  apt_update
  for p in "${packages[@]}"; do
    [ -n "$(candidate "$p")" ] || die "this system has no package $p: install it by hand and start again"
  done
  if [[ " ${packages[*]} " == *" postgresql "* ]]; then
    # First what decides about clusters, then the server, which would make one otherwise.
    apt_install postgresql-common
    saved_clusters=$(mktemp)
    cp "$clusters" "$saved_clusters"
    root sed -i -E 's/^#?[[:space:]]*create_main_cluster.*/create_main_cluster = false/' "$clusters"
    grep -q '^create_main_cluster = false' "$clusters" || echo 'create_main_cluster = false' | root tee -a "$clusters" >/dev/null
  fi
  apt_install "${packages[@]}"
}

# ---- Node.js ---------------------------------------------------------------------------------------------------------------

# The distribution's where it is new enough, or else the program from npm's own registry, below var.
install_node() {
  local v arch
  apt_update
  v=$(candidate nodejs)
  if ! have npm || ! have node; then
    apt_install nodejs npm
    hash -r
    if have_node; then return 0; fi
  fi
  case "$(uname -m)" in
  x86_64) arch=x64 ;;
  aarch64) arch=arm64 ;;
  *) die "Node.js $node_wanted or newer is needed and has no package for $(uname -m): install it by hand" ;;
  esac
  say "installing Node.js 22 into $var/node (the system's is ${v:-older})"
  rm -rf "$var/node.new"
  mkdir -p "$var/node.new/bin"
  # npm itself is fetched with the system's Node.js, and then run with the new one.
  quietly "npm install node" npm install --prefix "$var/node.new" --no-save --no-audit --no-fund --fetch-retries=1 "node-linux-$arch@22" npm@10
  ln -s "../node_modules/node-linux-$arch/bin/node" "$var/node.new/bin/node"
  ln -s ../node_modules/npm/bin/npm-cli.js "$var/node.new/bin/npm"
  ln -s ../node_modules/npm/bin/npx-cli.js "$var/node.new/bin/npx"
  v=$(node_version "$var/node.new/bin/node")
  { [ -n "$v" ] && at_least "$v" "$node_wanted"; } || die "the Node.js that npm installed does not run; see $log"
  rm -rf "$var/node"
  mv "$var/node.new" "$var/node"
}

# ---- Asterisk --------------------------------------------------------------------------------------------------------------

install_asterisk() {
  local v
  apt_update
  v=$(candidate asterisk)
  if [ -n "$v" ] && [ "${v%%[.:~+-]*}" -ge "$asterisk_major" ]; then
    apt_install asterisk asterisk-modules
    # Not now, and not after the next start of the machine either.
    if have systemctl; then root systemctl disable --quiet asterisk.service >>"$log" 2>&1 || true; fi
    return
  fi
  have mmdebstrap || apt_install mmdebstrap
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || apt_install debian-archive-keyring
  build_asterisk_root
}

# debian_mirror: where this machine's apt gets Debian from; nothing on Ubuntu, where mmdebstrap knows Debian's own.
debian_mirror() {
  if [ -n "${DIALTIDE_DEBIAN_MIRROR:-}" ]; then
    printf '%s' "$DIALTIDE_DEBIAN_MIRROR"
    return
  fi
  # indextargets reads all forms of apt's configuration. Security and third parties' archives are told by their label.
  apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk -F'|' '$1 == "Debian" && $2 == "Debian" && $3 ~ /^(https?|file|copy):/ { print $3; exit }'
}

# Asterisk and its libraries are unpacked, not set up: no program of theirs runs as root, and nothing outside the folder is
# touched. The folder appears at its place only when it is whole and its program runs.
build_asterisk_root() {
  local mirror target=$var/asterisk-root args
  mirror=$(debian_mirror)
  temp_root=$var/asterisk-root.new.$$
  say "unpacking Asterisk $asterisk_major from Debian $asterisk_suite into $target (about a minute, 270 MB)"
  args=(--variant=extract --include=asterisk,asterisk-modules,asterisk-core-sounds-en "$asterisk_suite" "$temp_root")
  [ -z "$mirror" ] || args+=("$mirror")
  printf '\n## mmdebstrap %s\n' "${args[*]}" >>"$log"
  if ! root mmdebstrap "${args[@]}" >>"$log" 2>&1 </dev/null; then
    # A mirror that is not renewed daily has an index past its date. Its signature is checked all the same.
    tail -n 20 "$log" | grep -q 'is expired' || die "unpacking Asterisk failed: $(grep -E '^(E|Err):' "$log" | tail -n 1); see $log, or name another mirror in DIALTIDE_DEBIAN_MIRROR"
    say "the mirror's index is past its date; using it all the same (its signature is checked)"
    root rm -rf "$temp_root"
    quietly "unpacking Asterisk" root mmdebstrap --aptopt='Acquire::Check-Valid-Until "false"' "${args[@]}"
  fi
  local libs
  libs=$(compgen -G "$temp_root/usr/lib/*/asterisk/modules" | head -n 1)
  libs=${libs%/asterisk/modules}
  "$libs"/ld-linux*.so.* --library-path "$libs" "$temp_root/usr/sbin/asterisk" -V >>"$log" 2>&1 ||
    die "the unpacked Asterisk does not run on this machine; see $log"
  # The user's own, so that removing var needs no rights; readable by the user that Asterisk runs as.
  root chown -R "$(id -u):$(id -g)" "$temp_root"
  chmod -R u+rwX,go+rX "$temp_root"
  rm -rf "$target"
  mv "$temp_root" "$target"
  temp_root=
}

[ ${#packages[@]} -eq 0 ] || install_packages
[ $need_node = no ] || install_node
[ $need_asterisk = no ] || install_asterisk
say "done"
