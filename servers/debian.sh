# Shared by the scripts of the servers that come as Debian packages; sourced after lib.sh.
#
# These run under users of their own, so their scripts need root. An instance serves many tests at a time: each test asks
# for a user of its own with `servers/<name>/user NAME:PASSWORD [PORT]`.

# packages NAME...: installs what is missing where DAVTEST_INSTALL is set; else says what is missing, and fails.
packages() {
  local missing=() package guard=/usr/sbin/policy-rc.d
  [ "$(id -u)" = 0 ] || fail "this server has to be started as root"
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return 0
  [ -n "${DAVTEST_INSTALL:-}" ] || fail "not installed: ${missing[*]} (./test --servers installs them)"
  mkdir -p "$state_root"
  (
    flock 9
    # No service starts by itself on its usual port.
    [ -e $guard ] || { printf '#!/bin/sh\nexit 101\n' >$guard && chmod +x $guard && trap "rm -f $guard" EXIT; }
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq -o DPkg::Lock::Timeout=600 update >/dev/null
    apt-get -qq -y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold install --no-install-recommends \
      "${missing[@]}" >"$state_root/apt.log" 2>&1 9>&- || { tail -20 "$state_root/apt.log" >&2; exit 1; }
  ) 9>"$state_root/apt.lock"
}

# alone FOLDER: waits until no other script works on the instance, and keeps others waiting until this one ends.
alone() { exec 8>"$1/.lock" && flock 8; }

# answers PIDFILE URL: whether it runs already.
answers() { runs "$1" && [ "$(status OPTIONS "$2" "${users[0]}")" != 000 ]; }

# as USER COMMAND...: runs a command as a system user, without the locks of this script.
as() { local user=$1; shift; (cd / && exec runuser -u "$user" -- "$@" 8>&- 9>&-); }

# postgres_start FOLDER PORT: a PostgreSQL of its own on loopback that trusts everybody and never waits for the disk.
postgres_start() {
  local bin
  bin=$(postgres_bin)
  mkdir -p "$1" && chown postgres "$1"
  [ -s "$1/data/PG_VERSION" ] ||
    as postgres "$bin/initdb" -D "$1/data" -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$1/initdb.log" 2>&1
  as postgres "$bin/pg_ctl" -D "$1/data" status >/dev/null 2>&1 && return 0
  as postgres "$bin/pg_ctl" -D "$1/data" -w -l "$1/log" start >/dev/null -o "-p $2 -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories=$1 -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum_naptime=1s"
}

postgres_stop() {
  [ ! -s "$1/data/postmaster.pid" ] || as postgres "$(postgres_bin)/pg_ctl" -D "$1/data" -m immediate stop >/dev/null || true
}

postgres_bin() { find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin | sort -V | tail -1; }

# php_start FOLDER [LINE...]: PHP behind the socket FOLDER/php.sock; the lines go into its pool's settings.
php_start() {
  local folder=$1
  shift
  runs "$folder/php.pid" && return 0
  touch "$folder/php.log" && chown www-data "$folder/php.log"
  {
    printf '[global]\npid = %s\nerror_log = %s\n[pool]\n' "$folder/php.pid" "$folder/php.log"
    printf 'user = www-data\ngroup = www-data\nlisten = %s\nlisten.owner = www-data\n' "$folder/php.sock"
    printf 'pm = static\npm.max_children = 6\nphp_admin_value[error_log] = %s\nphp_admin_flag[log_errors] = on\n' \
      "$folder/php.log"
    printf '%s\n' "$@"
  } >"$folder/php.conf"
  "$(find /usr/sbin -name 'php-fpm8*' | sort -V | tail -1)" -y "$folder/php.conf" 8>&- 9>&-
}

# nginx_start FOLDER PORT: a web server on loopback; what it does is read from standard input, as in a `server` block.
nginx_start() {
  local folder=$1 port=$2 tmp=$1/nginx tries
  mkdir -p "$tmp" && chown www-data "$tmp"
  cat >"$folder/nginx.conf" <<CONF
user www-data; worker_processes 1; pid $folder/nginx.pid; error_log $folder/nginx.log;
events { worker_connections 512; }
http {
  access_log off; keepalive_requests 100000; client_max_body_size 50m; absolute_redirect off;
  client_body_temp_path $tmp; fastcgi_temp_path $tmp; proxy_temp_path $tmp; uwsgi_temp_path $tmp; scgi_temp_path $tmp;
  server {
    listen 127.0.0.1:$port;
$(cat)
  }
}
CONF
  for tries in {1..3}; do
    runs "$folder/nginx.pid" || nginx -c "$folder/nginx.conf" -p "$folder" 8>&- 9>&-
    listens "$port" && return 0
    printf 'nginx does not listen on port %s, and is started again\n' "$port" >&2
    tail -20 "$folder/nginx.log" >&2 || true
    end "$folder/nginx.pid"
  done
}

# listens PORT: whether somebody takes connections there, within five seconds.
listens() {
  local tries
  for tries in {1..50}; do
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
    sleep 0.1
  done
  return 1
}
