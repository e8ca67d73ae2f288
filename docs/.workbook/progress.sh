# shellcheck shell=bash
# What the learner has done, from .progress, a file of lines: "4.2 tried", "4.2 solved", "4.2 hint 1",
# "4 started". The commands that show it: next, list, task, hint, solution.
# SPDX-License-Identifier: Apache-2.0

# Whether a line has been noted.
has_noted() { [ -e .progress ] && grep -qxF -- "$1" .progress; }

# Notes a line, once.
note() { has_noted "$1" || say "$1" >>.progress; }

# Notes a line as the last one, also if it has been noted before.
note_last() {
    local others=""
    [ ! -e .progress ] || others=$(grep -vxF -- "$1" .progress)
    say ${others:+"$others"} "$1" >.progress
}

# The exercise that was begun, checked or asked about last, of all or of one stage; solved or not.
last_exercise() {
    [ -e .progress ] || return 0
    awk -v stage="${1-}" '
        $1 ~ /^[1-6]\.[0-9]+$/ && (stage == "" || index($1, stage ".") == 1) { last = $1 }
        END { print last }' .progress
}

# How many hints of an exercise have been shown.
hints_seen() {
    [ -e .progress ] || { say 0 && return; }
    awk -v number="$1" '$1 == number && $2 == "hint" && $3 > most { most = $3 } END { print most + 0 }' \
        .progress
}

# "solved", "attempted", or nothing.
state_of() {
    if has_noted "$1 solved"; then
        say solved
    elif has_noted "$1 tried"; then
        say attempted
    fi
}

# All exercises with their state and hints: number, title, grade, kind, minutes, state, hints.
exercises_with_state() {
    local notes=/dev/null
    [ ! -e .progress ] || notes=.progress
    all_exercises | awk -F '\t' -v notes="$notes" '
        BEGIN {
            while ((getline line < notes) > 0) {
                split(line, words, " ")
                if (words[2] == "hint" && words[3] > hints[words[1]]) hints[words[1]] = words[3]
                if (words[2] == "tried" && state[words[1]] == "") state[words[1]] = "attempted"
                if (words[2] == "solved") state[words[1]] = "solved"
            }
        }
        { print $0 "\t" state[$1] "\t" hints[$1] + 0 }'
}

# The exercise that was attempted last, and is not solved.
current_exercise() {
    [ -e .progress ] || return 0
    awk '
        $2 == "tried" || $2 == "hint" || $2 == "begun" { last[$1] = NR }
        $2 == "solved" { solved[$1] = 1 }
        END {
            for (number in last)
                if (!(number in solved) && last[number] > best) { best = last[number]; current = number }
            print current
        }' .progress
}

# The first exercise behind another that is not solved; a stretch only if nothing else is left.
exercise_after() {
    exercises_with_state | awk -F '\t' -v from="${1-}" '
        $6 == "solved" { if ($1 == from) passed = 1; next }
        $1 == from { passed = 1; next }
        $3 == "stretch" { if (stretch == "") stretch = $1; next }
        passed || from == "" { print $1; found = 1; exit }
        first == "" { first = $1 }
        END { if (!found) print first != "" ? first : stretch }'
}

# Where you are, and what comes next.
command_next() {
    local current following
    [ $# -eq 0 ] || usage next
    say "$(summary)" ""
    current=$(current_exercise)
    if [ -z "$current" ] && [ ! -e .progress ]; then
        say "To begin:" \
            "  docs/workbook preflight    whether this machine has what the chapters use" \
            "  docs/1-sync.md             the first chapter; its exercises come after it" ""
    fi
    if [ -n "$current" ]; then
        say "${bold}You are at $(heading "$current")${plain}" \
            "  $(hints_seen "$current") of $(hint_count "$current") hints seen" \
            "  docs/workbook watch $current    to go on" ""
    fi
    following=$(exercise_after "$current")
    if [ -z "$following" ] || [ "$following" = "$current" ]; then
        [ -n "$current" ] || say "You have solved them all."
        return 0
    fi
    say "Next comes $(heading "$following")" "  docs/workbook task $following     what it is about"
    say "  docs/workbook start $following    to begin it"
}

# "3 of 45 exercises solved, 1 more attempted."
summary() {
    exercises_with_state | awk -F '\t' '
        $6 == "solved" { solved++ }
        $6 == "attempted" { tried++ }
        END { print solved + 0 " of " NR " exercises solved, " tried + 0 " more attempted." }'
}

# All exercises, or a card of progress that a trainer can collect.
command_list() {
    case "$#:${1-}" in
    0:) list_table | page ;;
    1:--card) list_card ;;
    1:[1-6]) list_table "$1" ;;
    *) usage list ;;
    esac
}

list_table() {
    local first=""
    say "$(summary) Minutes are estimates." ""
    exercises_with_state | awk -F '\t' -v only="${1-}" -v green="$green" -v bold="$bold" -v plain="$plain" '
        {
            stage = substr($1, 1, 1)
            if (only != "" && stage != only) next
            if (stage != last && last != "") print ""
            last = stage
            colour = $6 == "solved" ? green : $6 != "" ? bold : ""
            printf "%s%-4s %-28s %-8s %-8s %3s min  %s%s\n", colour, $1, $2, $3, $4, $5 ? $5 : "?",
                $6 ($7 ? ($6 ? ", " : "") $7 " hint" ($7 > 1 ? "s" : "") : ""), colour ? plain : ""
        }'
    first=$(current_exercise)
    first=${first:-$(exercise_after)}
    if [ -n "$first" ]; then say "" "To go on: docs/workbook watch $first"; else say "" "You have solved them all."; fi
}

# A card: a fixed head, then a line for every exercise, all of it easy to read for awk.
list_card() {
    say "workbook-card 1" \
        "name $(git config user.name || id -un)" \
        "date $(date -u +%Y-%m-%dT%H:%M:%SZ)" \
        "version $(git rev-parse --short HEAD 2>/dev/null || echo unknown)"
    exercises_with_state | awk -F '\t' '
        { print $1, $6 == "" ? "open" : $6, "hints=" $7 }
        $6 == "solved" { solved++ }
        END { print "solved " solved + 0 " of " NR }'
}

# The text of an exercise.
command_task() {
    local number
    [ $# -gt 0 ] || set -- "$(last_exercise)"
    need_exercise task "$@"
    [ $# -eq 1 ] || usage task
    number=$1
    {
        say "${bold}$number $(fact "$number" title)${plain}"
        task_text "$number" | show_markdown
        say "Hints: $(hint_count "$number"), docs/workbook hint $number"
    } | page
}

# One hint more each time.
command_hint() {
    local number wanted count
    [ $# -gt 0 ] || set -- "$(last_exercise)"
    need_exercise hint "$@"
    [ $# -le 2 ] || usage hint
    number=$1
    count=$(hint_count "$number")
    wanted=${2-$(($(hints_seen "$number") + 1))}
    case $wanted in
    *[!0-9]* | "" | 0) usage hint ;;
    esac
    if [ "$wanted" -gt "$count" ]; then
        say "There are no more hints: these were all $count. Here is the last one again; docs/workbook solution $number has the rest." ""
        wanted=$count
    fi
    note_last "$number hint $wanted"
    {
        say "${bold}Hint $wanted of $count for $number $(fact "$number" title)${plain}"
        hint_text "$number" "$wanted" | show_markdown
    } | page
}
