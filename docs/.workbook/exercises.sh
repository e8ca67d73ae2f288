# shellcheck shell=bash
# The exercises, as their pages tell them: docs/exercises/stageN.md is the one source.
# SPDX-License-Identifier: Apache-2.0

# A line for every exercise: number, title, grade, kind and minutes, between tabs.
all_exercises() {
    awk '
        /^## [0-9]+\.[0-9]+ / { number = $2; title = substr($0, length(number) + 5); next }
        number != "" && /^\*.*\*$/ {
            gsub(/\*/, "")
            split($0, facts, ", ")
            print number "\t" title "\t" facts[1] "\t" facts[2] "\t" facts[3] + 0
            number = ""
        }' docs/exercises/stage[1-6].md
}

# One fact of an exercise:  fact 4.2 title
fact() {
    local column
    case $2 in
    title) column=2 ;;
    grade) column=3 ;;
    kind) column=4 ;;
    *) column=5 ;;
    esac
    all_exercises | awk -F '\t' -v number="$1" -v column="$column" '$1 == number { print $column }'
}

# "4.2 A limit that comes late (warm-up, Break, about 10 minutes)"
heading() {
    all_exercises | awk -F '\t' -v number="$1" '$1 == number {
        print $1 " " $2 " (" $3 ", " $4 ($5 ? ", about " $5 " minutes" : "") ")"
    }'
}

# Ends unless the first word behind a command is an exercise, and no other word is:
#   need_exercise check 4.2
need_exercise() {
    local command=$1 number=${2-} stage other
    [ -n "$number" ] || say_which "$command"
    for other in "$@"; do
        case $command:$other in
        "$command:$number") ;;
        *:[1-6].[0-9]* | start:[1-6] | reset:[1-6]) fail "$exit_usage" "One exercise at a time: docs/workbook $command $number" \
            "Then the other:         docs/workbook $command $other" ;;
        esac
    done
    [ -z "$(fact "$number" title)" ] || return 0
    stage=${number%%.*}
    case $stage in
    [1-6]) fail "$exit_usage" "There is no exercise \"$number\". Stage $stage has these:" \
        "$(list_of_stage "$stage")" ;;
    esac
    fail "$exit_usage" "There is no exercise \"$number\". All of them: docs/workbook list"
}

# Ends with how to say which exercise is meant.
say_which() {
    local last
    last=$(last_exercise)
    if [ -n "$last" ]; then
        complain "Which exercise? You were at $last: docs/workbook $1 $last"
    else
        complain "Which exercise? None has been begun yet; all of them: docs/workbook list"
    fi
    usage "$1"
}

# The exercises of a stage, a line for each.
list_of_stage() {
    all_exercises | awk -F '\t' -v stage="$1" 'index($1, stage ".") == 1 { print "  " $1 "  " $2 }'
}

# The Build exercise of a stage:  build_exercise 3  says 3.2
build_exercise() {
    all_exercises | awk -F '\t' -v stage="$1" 'index($1, stage ".") == 1 && $4 == "Build" { print $1 }'
}

# The section of an exercise, without its heading.
section() {
    awk -v number="$1" '
        /^## / { inside = $2 == number; next }
        inside' "docs/exercises/stage${1%%.*}.md"
}

# What is to be done: the section up to its first hint.
task_text() { section "$1" | awk '/^<details>/ { exit } { print }'; }

# How many hints there are.
hint_count() { section "$1" | grep -c '^<summary>Hint '; }

# One hint:  hint_text 4.2 1
hint_text() {
    section "$1" | awk -v hint="<summary>Hint $2</summary>" '
        inside && /^<\/?details>/ { exit }
        inside
        $0 == hint { inside = 1 }'
}

# The folder of a stage:  stage_folder 4.2  says Stage4-Framing
stage_folder() {
    local folders
    folders=$(echo Stage"${1%%.*}"-*)
    say "${folders%% *}"
}
