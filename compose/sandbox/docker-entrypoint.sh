#!/bin/sh
# Stands in for the entrypoint of WSO2's images: lays both volumes over the home at each start, the artifact volume last, and starts the
# server in place of this shell.  docker-entrypoint.sh is7|apim
set -e
base=/home/wso2carbon
case $1 in
  is7) home=$(echo "$base"/wso2is-*) start=bin/wso2server.sh ;;
  apim) home=$(echo "$base"/wso2am-*) start=bin/api-manager.sh ;;
  *) echo "docker-entrypoint.sh: say is7 or apim" >&2; exit 64 ;;
esac
for volume in "$base/wso2-config-volume" "$base/wso2-artifact-volume"; do
  if [ -d "$volume" ] && [ -n "$(ls -A "$volume")" ]; then cp -RL "$volume"/* "$home/"; fi
done
exec sh "$home/$start"
