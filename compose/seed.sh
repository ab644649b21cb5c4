#!/bin/sh
# Copies out of a server's image what has to be patched before the server starts, into volumes. Runs in that image, as root, before
# `prepare`; needs nothing but a POSIX shell and the usual small tools, so that it works in every flavour of the images. Run again, it
# copies what belongs to the image again, and never touches data.
#   seed.sh HOME [VOLUMES]
#
#   HOME                   of the server in its image; wso2-config-volume beside it counts, as it does when the server starts
#   VOLUMES/home           what `prepare` reads: deployment.toml, stores, versions
#   VOLUMES/overlay        what `prepare` writes, and the server's entrypoint lays over the home
#   VOLUMES/database       the H2 databases; a file that is there stays
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
owner=$(stat -c %u "$home")

main() {
  copy_home
  copy_databases
  [ ! -d "$volumes/sql" ] || copy_sql
  open_overlay
  [ ! -d "$volumes/lib" ] || copy_libraries
}

# Made beside and put in place at the end, so that a copy that was cut short is never taken for a home.
copy_home() {
  new=$volumes/home/.new
  rm -rf "$new"
  mkdir -p "$new/bin" "$new/repository/conf" "$new/repository/resources" "$new/repository/components/plugins" \
    "$new/repository/components/dropins" "$new/repository/database"
  for layer in "$home" "$config"; do
    copy "$layer/bin/version.txt" "$new/bin"
    copy "$layer/repository/conf/deployment.toml" "$new/repository/conf"
    copy "$layer/repository/resources/security" "$new/repository/resources"
    for jar in "$layer"/repository/components/plugins/h2-engine_*.jar; do copy "$jar" "$new/repository/components/plugins"; done
    for jar in "$layer"/repository/components/dropins/*.jar; do copy "$jar" "$new/repository/components/dropins"; done
  done
  [ ! -e "$volumes/identity-db.toml" ] || replace_identity_db "$new/repository/conf/deployment.toml"
  share "$new"
  rm -rf "$volumes/home/bin" "$volumes/home/repository"
  mv "$new/bin" "$new/repository" "$volumes/home/"
  rmdir "$new"
  share_folder "$volumes/home" "$owner"
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
    chown -R "$owner:$group" "$volumes/database/.new"
    chmod -R u+rwX,g+rwX,o= "$volumes/database/.new"
    mv "$volumes/database/.new" "$volumes/database/$name"
  done
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
  chown -R "$owner:$group" "$1"
  chmod -R u+rwX,g+rX,g-w,o= "$1"
}

share_folder() {
  chown "$2:$group" "$1"
  chmod u+rwx,g+rwx,o= "$1"
}

main
