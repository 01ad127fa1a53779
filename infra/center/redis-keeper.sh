#!/bin/sh
# Keeps a Redis server running for as long as somebody holds the other end of standard input.
#
#   redis-keeper.sh GRACE_SECONDS SERVER CONFIG
#
# The line `stop` stops the server at once. The end of the input without it means that the center died: the server
# then stays for GRACE_SECONDS, so that the services, which notice too, can still put things in order. SIGTERM is for
# a server that does not stop when asked: it is killed, which loses nothing that was synced.
#
# Why a shell and not Node: it needs next to no memory, and it survives whoever kills every Node process at once.
grace=$1
shift

# What the center remembers is for its owner only.
umask 077

exec 3<&0
"$@" </dev/null 3<&- &
server=$!

(
  word=
  while read -r word <&3; do
    [ "$word" = stop ] && break
  done
  if [ "$word" != stop ]; then
    sleep "$grace" &
    nap=$!
    trap 'kill "$nap"; exit' TERM
    wait "$nap"
  fi
  kill -TERM "$server"
) 2>/dev/null &
watch=$!

trap 'kill -KILL "$server"' TERM

# A signal interrupts `wait`, so ask until the server is really gone.
wait "$server"
status=$?
while kill -0 "$server" 2>/dev/null; do
  wait "$server"
  status=$?
done
kill "$watch" 2>/dev/null
exit "$status"
