# Shared by the start and stop scripts of the test servers; sourced, not run.
#
# Each instance has a folder of its own under $DAVTEST_STATE, named after the server and its port, so that instances
# run side by side. What is installed is shared by all of them. Every server has the users alice and bob, each with
# calendar (VEVENT), tasks (VTODO) and contacts.
set -euo pipefail
umask 022

state_root=${DAVTEST_STATE:-${TMPDIR:-/tmp}/davtest}
users=(alice:alicepw bob:bobpw)

fail() { printf '%s\n' "$*" >&2; exit 1; }

# instance_folder SERVER PORT: where an instance keeps its data; made if it is not there.
instance_folder() {
  local folder="$state_root/$1-$2"
  mkdir -p "$folder" && printf '%s' "$folder"
}

# python_venv FOLDER REQUIREMENT: a virtual environment with one pinned package; made once, even by many at a time.
python_venv() {
  local venv=$1 requirement=$2
  mkdir -p "$(dirname "$venv")"
  (
    flock 9
    [ "$(cat "$venv/.installed" 2>/dev/null || true)" = "$requirement" ] && exit 0
    rm -rf "$venv"
    python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check "$requirement" >&2
    printf '%s' "$requirement" >"$venv/.installed"
  ) 9>"$venv.lock"
}

# runs PIDFILE: whether that process is alive. Where it can be seen, the process must also name the instance's folder, as
# each of them does: after a crash the number in the file may be that of somebody else.
runs() {
  local pid folder
  pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null || return 1
  folder=${1#"$state_root/"}
  [ ! -r "/proc/$pid/cmdline" ] || tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF "${folder%%/*}"
}

# end PIDFILE: ends that process, by force if it takes longer than five seconds.
end() {
  local pid tries
  if runs "$1"; then
    pid=$(cat "$1")
    kill "$pid" 2>/dev/null || true
    for tries in {1..50}; do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -f "$1"
}

# serve FOLDER ADDRESS COMMAND...: runs a server in the background unless it runs already, and waits until it answers.
serve() {
  local folder=$1 address=$2
  shift 2
  if ! runs "$folder/pid"; then
    [ "$(status OPTIONS "$address/" "${users[0]}")" = 000 ] || fail "something else answers at $address/"
    nohup "$@" >"$folder/log" 2>&1 </dev/null 9>&- &
    echo $! >"$folder/pid"
  fi
  await "$address/" "$folder/pid" "$folder/log"
}

# stop_instance SERVER PORT [PORT] [--wipe]: ends an instance, on the first port unless another one is given. With --wipe its
# data goes too; what is installed stays.
stop_instance() {
  local server=$1 port=$2 wipe= argument folder
  shift 2
  for argument in "$@"; do
    case $argument in
      --wipe) wipe=1 ;;
      *) port=$argument ;;
    esac
  done
  folder=$(instance_folder "$server" "$port")
  end "$folder/pid"
  [ -z "$wipe" ] || rm -rf "$folder"
}

# status METHOD URL USER:PASSWORD [BODY]: prints the HTTP status of a request, 000 where there is no answer. A server that
# takes logins by Digest alone has SABRE_AUTH=digest.
status() {
  local body=()
  [ $# -gt 3 ] && body=(-H 'Content-Type: application/xml; charset=utf-8' --data-binary "$4")
  curl --silent "--${SABRE_AUTH:-basic}" --noproxy '*' --max-time 20 --output /dev/null --write-out '%{http_code}' \
    --request "$1" --user "$3" "${body[@]}" "$2" || true
}

# await URL PIDFILE LOG: waits until the server answers anything; fails when its process ends before.
await() {
  local tries
  for tries in {1..300}; do
    [ "$(status OPTIONS "$1" "${users[0]}")" != 000 ] && return 0
    runs "$2" || { cat "$3" >&2; fail "the server ended before it answered"; }
    sleep 0.1
  done
  tail -20 "$3" >&2 || true
  fail "no answer from $1 within 30 seconds: $(curl --silent --show-error --noproxy '*' --max-time 20 --output /dev/null "$1" 2>&1)"
}

# calendar URL USER:PASSWORD NAME COMPONENT: makes a calendar unless it is there.
calendar() {
  made "$1" "$(status MKCALENDAR "$1" "$2" "<C:mkcalendar xmlns:C=\"urn:ietf:params:xml:ns:caldav\" xmlns:D=\"DAV:\"><D:set><D:prop>\
<D:displayname>$3</D:displayname><C:supported-calendar-component-set><C:comp name=\"$4\"/></C:supported-calendar-component-set>\
</D:prop></D:set></C:mkcalendar>")"
}

# address_book URL USER:PASSWORD NAME: makes an address book unless it is there.
address_book() {
  made "$1" "$(status MKCOL "$1" "$2" "<D:mkcol xmlns:D=\"DAV:\" xmlns:R=\"urn:ietf:params:xml:ns:carddav\"><D:set><D:prop>\
<D:resourcetype><D:collection/><R:addressbook/></D:resourcetype><D:displayname>$3</D:displayname></D:prop></D:set></D:mkcol>")"
}

made() { case $2 in 2?? | 403 | 405 | 409) ;; *) fail "$1 cannot be made: HTTP $2" ;; esac; }
