#!/bin/sh
# Makes every secret of the stack of compose.apps.yml once, each where only its reader sees it; what is there stays.
# Below $1 there is one folder for each reader, in containers a volume that is mounted there and nowhere else.
# With `renew-factor-secret` as $2 auth has a new FACTOR_SECRET, and the one before among FACTOR_SECRETS_FORMER; with
# `forget-former-factor-secrets` it has the present one alone.
set -eu
umask 077
root=${1:-/secrets}

secret() {
  od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'
}

hash() {
  printf %s "$1" | sha256sum | cut -d ' ' -f 1
}

# For the program that follows the events. By itself, since there may be secrets from before it was there.
add_consumer() {
  if grep -q CONSUMER_PASSWORD "$root/nats/nats.conf"; then return; fi
  consumer_nats=$(secret)
  mkdir -p "$root/consumer"
  echo "NATS_URL=nats://consumer:$consumer_nats@nats:4222" > "$root/consumer/env"
  if [ "$(id -u)" -eq 0 ]; then chown -R 1000:1000 "$root/consumer"; fi
  echo "CONSUMER_PASSWORD: \"$consumer_nats\"" >> "$root/nats/nats.conf"
}

# What auth is given but for what begins with $1, and then the lines of standard input; never a part of a file.
replace_in_auth() {
  { grep -v "^$1" "$root/auth/env"; cat; } > "$root/auth/env.new"
  if [ "$(id -u)" -eq 0 ]; then chown 1000:1000 "$root/auth/env.new"; fi
  mv "$root/auth/env.new" "$root/auth/env"
}

value_in_auth() {
  sed -n "s/^$1=//p" "$root/auth/env"
}

case ${2:-} in
  renew-factor-secret)
    former=$(value_in_auth FACTOR_SECRET)
    older=$(value_in_auth FACTOR_SECRETS_FORMER)
    replace_in_auth FACTOR_SECRET <<END
FACTOR_SECRET=$(secret)
FACTOR_SECRETS_FORMER=$former${older:+,$older}
END
    echo 'secrets: a new one for factors'
    exit 0 ;;
  forget-former-factor-secrets)
    replace_in_auth FACTOR_SECRETS_FORMER < /dev/null
    echo 'secrets: the former ones for factors are gone'
    exit 0 ;;
  '') ;;
  *)
    echo "secrets: what is $2?" >&2
    exit 2 ;;
esac

# The other files hold what belongs together, so that all are made anew or none.
if [ -e "$root/made/all" ]; then
  add_consumer
  echo 'secrets: there already'
  exit 0
fi

owner=$(secret)
database=$(secret)
session_redis=$(secret)
activity_redis=$(secret)
gateway_nats=$(secret)
auth_nats=$(secret)
session_nats=$(secret)
activity_nats=$(secret)

for reader in made postgres redis nats migrate gateway auth session activity; do mkdir -p "$root/$reader"; done

secret > "$root/postgres/superuser"
printf %s "$owner" > "$root/postgres/owner"
printf %s "$database" > "$root/postgres/auth"

sed -e "s/SESSION_SHA256/$(hash "$session_redis")/" -e "s/ACTIVITY_SHA256/$(hash "$activity_redis")/" \
  "$(dirname "$0")/redis-users.acl" > "$root/redis/users.acl"

cat > "$root/nats/nats.conf" <<END
GATEWAY_PASSWORD: "$gateway_nats"
AUTH_PASSWORD: "$auth_nats"
SESSION_PASSWORD: "$session_nats"
ACTIVITY_PASSWORD: "$activity_nats"
END

cat > "$root/migrate/env" <<END
MIGRATION_DATABASE_URL=postgres://latchkey_owner:$owner@postgres:5432/latchkey
END

cat > "$root/gateway/env" <<END
NATS_URL=nats://gateway:$gateway_nats@nats:4222
SERVICE_KEY=$(secret)
END

cat > "$root/auth/env" <<END
NATS_URL=nats://auth:$auth_nats@nats:4222
DATABASE_URL=postgres://latchkey_auth:$database@postgres:5432/latchkey
FACTOR_SECRET=$(secret)
END

cat > "$root/session/env" <<END
NATS_URL=nats://session:$session_nats@nats:4222
REDIS_URL=redis://session:$session_redis@redis:6379
REFRESH_SECRET=$(secret)
END

cat > "$root/activity/env" <<END
NATS_URL=nats://activity:$activity_nats@nats:4222
REDIS_URL=redis://activity:$activity_redis@redis:6379
END

mkdir -p "$root/session/keys"
# The accounts of the images: the apps' `node`, and whoever PostgreSQL and Redis run as (70 and 999 in their Alpine images).
if [ "$(id -u)" -eq 0 ]; then
  for reader in migrate gateway auth session activity; do chown -R 1000:1000 "$root/$reader"; done
  chown -R 70:70 "$root/postgres"
  chown -R 999:1000 "$root/redis"
fi
add_consumer
: > "$root/made/all"
echo 'secrets: made'
