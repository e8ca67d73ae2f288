# shellcheck shell=bash
# What all parts use: words on the screen, exit statuses, words that are nearly right.
# SPDX-License-Identifier: Apache-2.0

# What a script can tell from the exit status; docs/grading.md lists them.
exit_unsolved=1 exit_build=2 exit_trouble=3 exit_usage=64

if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then
    escape=$(printf '\033')
    bold="${escape}[1m" dim="${escape}[2m" red="${escape}[31m" green="${escape}[32m" plain="${escape}[0m"
else
    bold="" dim="" red="" green="" plain=""
fi

say() { printf '%s\n' "$@"; }

complain() { printf '%s\n' "$@" >&2; }

# Ends with lines on standard error:  fail STATUS LINE…
fail() {
    local status=$1
    shift
    complain "$@"
    exit "$status"
}

# How to call a command, from its help; ends with the status for that.
usage() {
    complain "usage: $(help_of "$1" | sed -n '1s/^ *//p')" "More: docs/workbook $1 --help"
    exit "$exit_usage"
}

# Whether a word is one of a list:  is_one_of start "start check"
is_one_of() {
    case " $2 " in
    *" $1 "*) [ -n "$1" ] ;;
    *) return 1 ;;
    esac
}

# The word of a list that needs the fewest changes to become this one, or begins like it.
nearest() {
    # shellcheck disable=SC2086  # A line for every word.
    printf '%s\n' $2 | awk -v typed="$1" '
        function least(a, b, c) { return a < b ? (a < c ? a : c) : (b < c ? b : c) }
        function distance(s, t,    i, j, d) {
            for (i = 0; i <= length(s); i++) d[i, 0] = i
            for (j = 0; j <= length(t); j++) d[0, j] = j
            for (i = 1; i <= length(s); i++)
                for (j = 1; j <= length(t); j++)
                    d[i, j] = least(d[i - 1, j] + 1, d[i, j - 1] + 1,
                        d[i - 1, j - 1] + (substr(s, i, 1) != substr(t, j, 1)))
            return d[length(s), length(t)]
        }
        {
            changes = index($0, typed) == 1 ? 0.5 : distance(typed, $0)
            if (NR == 1 || changes < fewest) { fewest = changes; word = $0 }
        }
        END { print word }'
}

# Asks a question that is answered with y or n; anything but y is no.
confirm() {
    local answer
    printf '%s [y/N] ' "$1" >&2
    read -r answer || answer=""
    case $answer in
    y | Y | yes | Yes) ;;
    *) return 1 ;;
    esac
}

# Shows the text on standard input: on a terminal a screen at a time, elsewhere all of it.
#   page 1   one line of the first screen is taken
page() {
    local room shown=${1-0} width line next key="" more=1
    if [ ! -t 1 ]; then
        cat
        return
    fi
    room=$(($(screen_height) - 1)) width=$(text_width)
    IFS= read -r line || more=""
    while [ -n "$more$line" ]; do
        next=""
        [ -z "$more" ] || IFS= read -r next || more=""
        # A line that is too wide takes more than one of the screen's.
        shown=$((shown + 1 + (${#line} > width ? (${#line} - 1) / width : 0)))
        # The last line may have the place where it would be asked whether to go on.
        if [ "$shown" -gt "$room" ] && [ -n "$more$next" ]; then
            printf '%s' "${dim}any key: more   q: enough${plain}"
            IFS= read -r -s -n 1 key </dev/tty || room=1000000
            printf '\r\033[K'
            shown=1
        fi
        [ "$key" != q ] || break
        say "$line"
        line=$next
    done
    # Whoever writes need not be told that nobody reads on.
    cat >/dev/null
}

# How many lines the screen has.
screen_height() {
    local height=${LINES-}
    case $height in
    "" | 0 | *[!0-9]*) height=$( { stty size </dev/tty | sed 's/ .*//'; } 2>/dev/null) ;;
    esac
    case $height in
    "" | 0 | *[!0-9]*) height=24 ;;
    esac
    say "$height"
}

# How wide the text on the screen may be: as wide as the terminal, but no wider than one can read.
text_width() {
    local width
    # Asked of the terminal itself: in a pipeline, tput sees none and says 80.
    width=$( { stty size </dev/tty | sed 's/.* //'; } 2>/dev/null)
    case $width in
    "" | 0 | *[!0-9]*) width=80 ;;
    esac
    if [ "${width:-80}" -gt 90 ]; then width=90; fi
    say "${width:-80}"
}
