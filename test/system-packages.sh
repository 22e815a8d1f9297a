#!/usr/bin/env bash
# The Debian programs that tests ask for a second opinion. Installs what is missing where it may; else says so,
# and the tests that need them are skipped by name.
set -eu
declare -A package=(
  [unbound]=unbound [dnsmasq]=dnsmasq-base [dnsperf]=dnsperf [dig]=bind9-dnsutils
  [mosquitto_sub]=mosquitto-clients [chromium]=chromium [socat]=socat [faketime]=faketime
)
missing=()
for program in "${!package[@]}"; do
  PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || missing+=("${package[$program]}")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing for the tests: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  # unbound and dnsmasq are started by tests on free ports; their packages must not start them on 53.
  policy=/usr/sbin/policy-rc.d
  made=
  if [ ! -e "$policy" ]; then printf '#!/bin/sh\nexit 101\n' >"$policy"; chmod +x "$policy"; made=1; fi
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || echo "could not install: ${missing[*]}"
  [ -z "$made" ] || rm -f "$policy"
else
  echo "not installed, and not root: ${missing[*]} (tests that need them are skipped by name)"
fi
