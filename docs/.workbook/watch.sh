# shellcheck shell=bash
# Checks at every save, and answers to keys.
# SPDX-License-Identifier: Apache-2.0

command_watch() {
    [ $# -gt 0 ] || set -- "$(last_exercise)"
    need_exercise watch "$@"
    [ $# -eq 1 ] || usage watch
    if [ ! -t 0 ] || [ ! -t 1 ]; then
        fail "$exit_usage" "watch needs a terminal. Without one: docs/workbook check $1"
    fi
    note_last "$1 begun"
    watched=$1 seen="" run="" result="" notice=""
    terminal=$(stty -g)
    trap 'stop_watching' EXIT
    trap 'exit 130' INT TERM HUP
    take_keys
    while :; do
        watch_files
        watch_run
        answer_key "$(dd bs=1 count=1 2>/dev/null)"
    done
}

# A key is there at once, or is waited for as long as 0.3 s: that is the clock of the loop.
take_keys() { stty -icanon -echo min 0 time 3; }

# Leaves nothing behind: no process, and the terminal as it was.
stop_watching() {
    trap - EXIT
    printf '\r\033[K'
    end_run
    stty "$terminal"
}

# What a check depends on, as one figure: the stage, the manifest, the answers.
fingerprint() {
    {
        find "$(stage_folder "$watched")" -name '*.swift' -exec cat {} +
        cat Package.swift docs/exercises/answers.txt 2>/dev/null
    } | cksum
}

# Begins to check when something has been saved, also in the middle of a check.
watch_files() {
    local now
    now=$(fingerprint)
    [ "$now" != "$seen" ] || return 0
    seen=$now notice=""
    check_again
}

check_again() {
    end_run
    clear_screen
    begin_run "$watched"
}

# Says how far the check is, or what came of it.
watch_run() {
    [ -n "$run" ] || return 0
    if has_run_ended; then
        finish_run
        result=$run_status
        show_result
    else
        printf '\r\033[K%s' "$(progress_line | fit)"
    fi
}

# Begins the screen anew: the heading, and what reset has said last, until something else is saved.
clear_screen() {
    printf '\033[2J\033[H%s\n' "${bold}$(heading "$watched" | fit)${plain}"
    [ -z "$notice" ] || say "$notice" ""
}

# Cuts a line to the width of the screen.
fit() { cut -c "1-$(($(text_width) - 1))"; }

# How many lines the notice takes, and the empty one behind it.
notice_height() {
    if [ -z "$notice" ]; then say 0; else say "$notice" "" | grep -c ''; fi
}

# Shows the message as far as it fits, its beginning and its end; with `all`, a screen at a time.
show_result() {
    clear_screen
    result_text "$watched" "$result" | fold -s -w "$(text_width)" |
        if [ "${1-}" = all ]; then page 1; else shorten; fi
    rows_line
    show_keys
}

# Leaves lines out in the middle if the screen has no room for all of them.
shorten() {
    awk -v most="$(($(screen_height) - 6 - $(notice_height)))" '
        { line[NR] = $0 }
        END {
            head = NR > most ? int(most / 2) : NR
            for (i = 1; i <= head; i++) print line[i]
            if (NR <= most) exit
            print "  … " NR - most + 1 " lines more, m shows them …"
            for (i = NR - (most - head) + 2; i <= NR; i++) print line[i]
        }'
}

show_keys() {
    local following
    if [ "$result" = 0 ]; then
        following=$(exercise_after "$watched")
        if [ -n "$following" ]; then following="n goes on to $following."; fi
        say "${green}Solved.${plain} ${following:-You have solved them all.}"
    fi
    ! asks_for_prediction || printf '%s' "${bold}p predict${plain}  "
    printf '%s' "${dim}h hint  t task  r run  m more  n next  x reset  q quit${plain}"
}

# Does what a key stands for.
answer_key() {
    case $1 in
    "") return 0 ;;
    q) exit 0 ;;
    r) check_again && return ;;
    m) [ -n "$run" ] || show_result all ;;
    p) watch_predict ;;
    n) watch_next && return ;;
    h) key_output command_hint "$watched" ;;
    t) key_output command_task "$watched" ;;
    x) watch_reset ;;
    esac
}

# Shows what a command says, and the keys again.
key_output() {
    printf '\r\033[K\n'
    "$@"
    show_keys
}

# Asks for what a Break exercise wants to know first; the answer is saved, and so checked.
watch_predict() {
    [ -z "$run" ] && asks_for_prediction || return 0
    printf '\r\033[K\n'
    stty "$terminal"
    result_text "$watched" "$result" | page
    ask_for_prediction "$watched" || show_keys
    take_keys
}

# Puts the workbook's own back, and checks that; where the learner's is stays on the screen.
watch_reset() {
    local now
    notice=$( (command_reset "$watched") 2>&1 | fold -s -w "$(text_width)")
    now=$(fingerprint)
    if [ "$now" = "$seen" ]; then
        key_output say "$notice"
    else
        seen=$now
        check_again
    fi
}

# Goes on to the next exercise; what was done for this one stays where it is, and is said.
watch_next() {
    local next
    next=$(exercise_after "$watched")
    [ -n "$next" ] || return 0
    watched=$next result="" notice=""
    note_last "$watched begun"
    is_untouched "$(stage_folder "$watched")" ||
        notice=$(say "$(stage_folder "$watched") or Package.swift has changes of yours. x keeps them in a folder, and" \
            "brings the workbook's own back." | fold -s -w "$(text_width)")
    seen=$(fingerprint)
    check_again
}
