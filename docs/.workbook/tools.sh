# shellcheck shell=bash
# What the chapters need beside the stages: preflight, mystery, frame, help.
# SPDX-License-Identifier: Apache-2.0

# The homework before a class: says what is missing, then fetches and builds what takes time.
command_preflight() {
    [ $# -eq 0 ] || usage preflight
    missing=0
    look_for_swift
    look_for_nc
    look_for_open_files
    look_for_port
    look_for_tools
    if [ "$missing" -eq 0 ]; then
        say "building  (the first time takes some minutes: SwiftNIO compiles once)"
        if swift build --build-tests; then
            good "fetched and built"
        else
            bad "a build that succeeds"
        fi
    fi
    [ "$missing" -eq 0 ] || exit "$exit_unsolved"
}

good() { say "ok        $1"; }

bad() {
    say "${red}MISSING${plain}   $1"
    missing=1
}

optional() { say "optional  $1"; }

# The Swift that is installed, such as 6.3; nothing if none is.
swift_version() { swift --version 2>&1 | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1; }

# Which workbook this is, for whoever asks a question about it.
say_version() {
    local swift
    swift=$(swift_version)
    say "workbook, commit $(git log -1 --format='%h of %cs' 2>/dev/null || say unknown)" \
        "Swift ${swift:-: none is found here} (the workbook is tested with 6.2, 6.3 and 6.4)"
}

# Tested means: every change of the workbook is built and checked with it.
look_for_swift() {
    local version major minor
    version=$(swift_version)
    major=${version%%.*}
    minor=${version#*.}
    if [ -z "$version" ]; then
        bad "Swift 6.2 or later: https://www.swift.org/install/"
    elif [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
        bad "Swift 6.2 or later, this is $version: https://www.swift.org/install/"
    elif [ "$major" -eq 6 ] && [ "$minor" -le 4 ]; then
        good "Swift $version (the workbook is tested with 6.2, 6.3 and 6.4)"
    else
        good "Swift $version, newer than what the workbook is tested with: 6.2, 6.3 and 6.4"
    fi
}

look_for_nc() {
    if ! command -v nc >/dev/null; then
        bad "nc (Debian: apt install netcat-openbsd)"
        return
    fi
    case $(nc -h 2>&1) in
    *BusyBox*) good "nc is busybox's: where a page says nc -N, use nc" ;;
    *Ncat*) good "nc is nmap's: where a page says nc -N, use nc" ;;
    *"-N"*"hutdown"*) good "nc is OpenBSD's: nc -N as the pages say" ;;
    *"-q secs"*) good "nc is the original: where a page says nc -N, use nc -q 1" ;;
    *) good "nc (macOS's, it seems): where a page says nc -N, use nc" ;;
    esac
}

# The checks hold 300 clients at once, on both ends.
look_for_open_files() {
    local limit
    limit=$(ulimit -n)
    if [ "$limit" = unlimited ] || [ "$limit" -ge 1024 ]; then
        good "open files: $limit"
    else
        bad "open files: $limit, ulimit -n 1024 raises the limit in this shell"
    fi
}

look_for_port() {
    if nc -z 127.0.0.1 8080 2>/dev/null; then
        bad "port 8080 is taken (lsof -nP -iTCP:8080 -sTCP:LISTEN): end it, or give the stages another"
    else
        good "port 8080 is free"
    fi
}

# What chapters look through, none of which the stages or the checks need.
look_for_tools() {
    if [ "$(uname)" = Darwin ]; then
        look_for lsof "" "Chapters 1 to 4, 6: who holds a socket"
        look_for tcpdump "" "Chapters 1, 3: packets on their way"
        look_for xxd "" "Chapters 4, 5: bytes in hex"
        look_for sudo "" "For whatever asks for root: tcpdump"
        optional "ss, ip and strace are Linux's: a chapter says what to use here, or leave it out"
        return
    fi
    look_for ss iproute2 "Chapters 1 to 4, 6: connections and their queues"
    look_for lsof lsof "Chapters 1 to 4, 6: who holds a socket"
    look_for strace strace "Chapters 1 to 6: system calls; what the checks of 1.1, 2.1 and 6.1 see"
    look_for tcpdump tcpdump "Chapters 1, 3: packets on their way"
    look_for xxd xxd "Chapters 4, 5: bytes in hex"
    look_for ip iproute2 "Chapter 6: a small network"
    look_for sudo sudo "For whatever asks for root: tcpdump, ip (or be root)"
}

# look_for COMMAND PACKAGE "what it is for"
look_for() {
    if command -v "$1" >/dev/null; then
        good "$1"
    else
        optional "$1 is not here${2:+ (Debian: apt install $2)}. $3"
    fi
}

# Starts a mystery server, which listens until Ctrl-C.
command_mystery() {
    case "$#:${1-}:${2-8080}" in
    [12]:[1-9]:*[!0-9]*) usage mystery ;;
    [12]:[1-9]:*) ;;
    *) usage mystery ;;
    esac
    grep -qsw "mystery $1" docs/exercises/*.md ||
        fail "$exit_usage" "There is no mystery $1. They have the numbers 1 to $(grep -ho 'workbook mystery [1-9]' docs/exercises/*.md | sed 's/.* //' | sort -n | tail -n 1)."
    build_tests || exit "$exit_build"
    MYSTERY=$1 PORT=${2-8080} run_tests MysteryTests
}

# Sends texts as frames, each with its length in 4 bytes before it, and shows the reply in hex.
command_frame() {
    [ $# -gt 0 ] || usage frame
    # shellcheck disable=SC2046  # No word, or one or two.
    frames "$@" | nc $(nc_end) 127.0.0.1 "${PORT:-8080}" | in_hex
    # OpenBSD's nc says nothing if nobody listens.
    [ "${PIPESTATUS[1]}" -eq 0 ] || fail "$exit_trouble" \
        "nc has failed: does a server listen on port ${PORT:-8080}? In another terminal:" \
        "  swift run Stage4-Framing"
}

# How this nc is told to shut its write side when its input ends: README.md names the flavours.
nc_end() {
    case $(nc -h 2>&1) in
    *BusyBox* | *Ncat*) ;;
    *"-N"*"hutdown"*) say -N ;;
    *"-q secs"*) say -q 1 ;;
    esac
}

frames() {
    local text n
    for text in "$@"; do
        # The length counts bytes, not characters. `%b` makes a byte of \0 and three octal digits.
        n=$(printf %s "$text" | wc -c)
        printf %b "$(printf '\\0%03o' $((n >> 24)) $((n >> 16 & 255)) $((n >> 8 & 255)) $((n & 255)))"
        printf %s "$text"
    done
}

in_hex() { if command -v xxd >/dev/null; then xxd; else od -A d -t x1 -t c; fi; }

# The help of one command, or of all of them.
command_help() {
    [ $# -le 1 ] || usage help
    if [ $# -eq 0 ]; then
        sed -n '/^== /q;p' docs/.workbook/help.txt
    elif is_one_of "$1" "$commands"; then
        printf 'usage: '
        help_of "$1" | sed 's/^  //'
    else
        fail "$exit_usage" "There is no command \"$1\". Did you mean: docs/workbook help $(nearest "$1" "$commands")"
    fi
}

help_of() { awk -v command="$1" '/^== / { inside = $2 == command; next } inside' docs/.workbook/help.txt; }
