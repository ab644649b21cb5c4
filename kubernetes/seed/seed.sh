#!/bin/sh
# Copies out of a server's image what km-bootstrap has to patch before the server starts. Runs in that image, as the server's own user, on a
# read-only root; needs a POSIX shell and the usual small tools. Run again, it begins anew: home and overlay are made from the image at
# each start of the pod, so that a new image is never given files of the old one. Data is never touched.
#   seed.sh 'HOME'          HOME may be a pattern, because its name carries the version
# Exit code 78, with why, before anything is touched: where HOME is not the one home in this image, or the server could not take what
# `prepare` makes of it.
#
#   HOME/../wso2-config-volume   counts, as it does when the server starts: the server's entrypoint lays it over the home
#   /seed/home                   what `prepare` reads: deployment.toml, stores, versions
#   /seed/overlay                what `prepare` writes; emptied
#   /seed/database               if mounted: the H2 databases; a file that is there stays
set -eu
umask 027
seed=${SEED_FOLDER:-/seed}

main() {
  IFS='' # A pattern is expanded, and nothing split.
  for home in $1; do
    if [ "$home" != "$(echo $1)" ] || [ ! -d "$home/repository/conf" ]; then refuse "$1"; fi
  done
  refuse_mounted "$home"
  empty "$seed/home"
  empty "$seed/overlay"
  copy_home "$home" "$(dirname "$home")/wso2-config-volume"
  [ ! -d "$seed/database" ] || copy_databases "$home/repository/database"
}

refuse() {
  there=
  for found in "$(dirname "$1")"/wso2*-[0-9]*; do [ ! -d "$found" ] || there=${there:+$there, }$found; done
  fail "$1 is not the one home of a server in this image, which has ${there:-none}: name its version here, and where this pod mounts the database"
}

# What is mounted there the server's start could not lay the overlay over, and would end.
refuse_mounted() {
  # The kernel writes a blank in a path so.
  written=$(echo "$1" | sed 's/ /\\040/g')
  while IFS=' ' read -r _ _ _ _ at _; do
    case $at in
      "$written"/repository/resources/security* | "$written"/repository/conf | "$written"/repository/conf/deployment.toml)
        fail "$at is mounted on the home itself, where nothing can be laid over it: mount it below $(dirname "$1")/wso2-config-volume, at the same path" ;;
    esac
  done <"${SEED_MOUNTS:-/proc/self/mountinfo}"
}

fail() {
  echo "seed.sh: $1" >&2
  exit 78
}

empty() {
  rm -rf "$1"/* "$1"/.[!.]*
}

copy_home() {
  for folder in bin repository/conf repository/resources repository/components/plugins repository/components/dropins repository/database; do
    mkdir -p "$seed/home/$folder"
  done
  for layer in "$@"; do
    copy "$layer/bin/version.txt" bin
    copy "$layer/repository/conf/deployment.toml" repository/conf
    copy "$layer/repository/resources/security" repository/resources
    for jar in "$layer"/repository/components/plugins/h2-engine_*.jar; do copy "$jar" repository/components/plugins; done
    for jar in "$layer"/repository/components/dropins/*.jar; do copy "$jar" repository/components/dropins; done
  done
  # What says the version when that file does not.
  [ -e "$seed/home/bin/version.txt" ] || basename "$1" >"$seed/home/bin/version.txt"
}

copy() {
  [ ! -e "$1" ] || cp -RL "$1" "$seed/home/$2/"
}

# Put in place at the end, so that a copy that was cut short is never taken for a database.
copy_databases() {
  for file in "$1"/*; do
    name=$(basename "$file")
    if [ ! -e "$file" ] || [ -e "$seed/database/$name" ]; then continue; fi
    rm -rf "$seed/database/.new"
    cp -R "$file" "$seed/database/.new"
    chmod -R u+rwX "$seed/database/.new"
    mv "$seed/database/.new" "$seed/database/$name"
  done
}

main "$@"
