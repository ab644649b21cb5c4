#!/bin/sh
# Copies out of a server's image what has to be patched before the server starts, into volumes. Runs in that image, as root, before
# `prepare`; needs nothing but a POSIX shell and the usual small tools, so that it works in every flavour of the images. Run again, it
# replaces what the image has otherwise now, and nothing else: others may be reading. Of data it only corrects owner and mode.
#   seed.sh HOME [VOLUMES]
#
#   HOME                   of the server in its image; wso2-config-volume beside it counts, as it does when the server starts
#   VOLUMES/home           what `prepare` reads: deployment.toml, stores, versions
#   VOLUMES/overlay        what `prepare` writes, and the server's entrypoint lays over the home
#   VOLUMES/database       the H2 databases; a file that is there stays, and gets the owner and mode that the server and `prepare` need
#   VOLUMES/sql            if mounted: the scripts that make the identity database on the engine that IDENTITY_DB names
#   VOLUMES/identity-db.toml   if mounted: stands in place of [database.identity_db]
#   VOLUMES/lib            if mounted: jars for the server's repository/components/lib (JDBC drivers)
#
# SEED_USER is km-bootstrap's uid, SEED_GROUP the gid that it shares with the server (65532 both): nobody else reads what is copied.
set -eu
home=$1
volumes=${2:-/seed}
user=${SEED_USER:-65532}
group=${SEED_GROUP:-65532}
config=$(dirname "$home")/wso2-config-volume

main() {
  require_home
  owner=$(stat -c %u "$home")
  copy_home
  copy_databases
  [ ! -d "$volumes/sql" ] || copy_sql
  open_overlay
  [ ! -d "$volumes/lib" ] || copy_libraries
}

# The name of the home carries the version: of another image it is another one.
require_home() {
  [ ! -d "$home" ] || return 0
  echo "seed: this image has no $home, but $(echo "${home%-*}"-*). The image and the version that is given for it (in .env:" \
    "IS7_IMAGE and IS7_VERSION, APIM_IMAGE and APIM_VERSION) must be of one release." >&2
  exit 78
}

# Made beside and put in place at the end, so that a copy that was cut short is never taken for a home. `repository` itself stays: its
# `database` is where the databases are mounted, in containers that may be running.
copy_home() {
  new=$volumes/home/.new
  rm -rf "$new"
  mkdir -p "$new/bin" "$new/repository/conf" "$new/repository/resources" "$new/repository/components/plugins" \
    "$new/repository/components/dropins"
  for layer in "$home" "$config"; do
    copy "$layer/bin/version.txt" "$new/bin"
    copy "$layer/repository/conf/deployment.toml" "$new/repository/conf"
    copy "$layer/repository/resources/security" "$new/repository/resources"
    for jar in "$layer"/repository/components/plugins/h2-engine_*.jar; do copy "$jar" "$new/repository/components/plugins"; done
    for jar in "$layer"/repository/components/dropins/*.jar; do copy "$jar" "$new/repository/components/dropins"; done
  done
  [ ! -e "$volumes/identity-db.toml" ] || replace_identity_db "$new/repository/conf/deployment.toml"
  share "$new"
  mkdir -p "$volumes/home/repository/database"
  for part in bin repository/conf repository/resources repository/components; do replace "$part"; done
  rm -rf "$new"
  share "$volumes/home/bin" "$volumes/home/repository"
  share_folder "$volumes/home" "$owner"
}

replace() {
  old=$volumes/home/$1
  [ ! -d "$old" ] || [ "$(listing "$old")" != "$(listing "$new/$1")" ] || return 0
  rm -rf "$old.old"
  [ ! -d "$old" ] || mv "$old" "$old.old"
  mv "$new/$1" "$old"
  rm -rf "$old.old"
}

# Every path below a folder, and what the files hold.
listing() {
  (cd "$1" && find . | sort && find . -type f -exec cksum {} + | sort)
}

copy() {
  [ ! -e "$1" ] || cp -RL "$1" "$2/"
}

# The table of that name, up to the next header; it is added when there is none.
replace_identity_db() {
  awk -v table="$volumes/identity-db.toml" '
    function insert() { while ((getline line < table) > 0) print line; done = 1 }
    /^[ \t]*\[/ { skipping = 0 }
    /^[ \t]*\[[ \t]*database\.identity_db[ \t]*\]/ { skipping = 1; insert(); print "" }
    !skipping { print }
    END { if (!done) { print ""; insert() } }
  ' "$1" >"$1.new"
  mv "$1.new" "$1"
}

copy_databases() {
  share_folder "$volumes/database" "$owner"
  rm -rf "$volumes/database/.new"
  for file in "$home"/repository/database/*; do
    name=$(basename "$file")
    if [ ! -e "$file" ] || [ -e "$volumes/database/$name" ]; then continue; fi
    cp -R "$file" "$volumes/database/.new"
    share_data "$volumes/database/.new"
    mv "$volumes/database/.new" "$volumes/database/$name"
  done
  for file in "$volumes"/database/*; do [ ! -e "$file" ] || share_data "$file"; done
}

copy_sql() {
  cp "$home/dbscripts/identity/$IDENTITY_DB.sql" "$volumes/sql/1-identity.sql"
  [ ! -e "$home/dbscripts/consent/$IDENTITY_DB.sql" ] || cp "$home/dbscripts/consent/$IDENTITY_DB.sql" "$volumes/sql/2-consent.sql"
  chmod -R a+rX "$volumes/sql"
}

# km-bootstrap owns it; the server reads it as a member of the group.
open_overlay() {
  share_folder "$volumes/overlay" "$user"
}

copy_libraries() {
  lib=$volumes/overlay/repository/components/lib
  mkdir -p "$lib"
  for jar in "$volumes"/lib/*.jar; do copy "$jar" "$lib"; done
  chown -R "$user:$group" "$volumes/overlay/repository"
  chmod -R a+rX "$lib"
}

share() {
  chown -R "$owner:$group" "$@"
  chmod -R u+rwX,g+rX,g-w,o= "$@"
}

# The server writes it as its owner, `prepare` as a member of the group.
share_data() {
  chown -R "$owner:$group" "$1"
  chmod -R u+rwX,g+rwX,o= "$1"
}

share_folder() {
  chown "$2:$group" "$1"
  chmod u+rwx,g+rwx,o= "$1"
}

main
