# shellcheck shell=bash
# A stage begun, put back, or solved: start, reset, solution.
# SPDX-License-Identifier: Apache-2.0

# Whether a stage, or the package's manifest, is as it was committed.
is_untouched() { [ -z "$(git status --porcelain -- "$1" Package.swift)" ]; }

# Ends unless the stage is untouched: what is not committed would be lost.
need_untouched() {
    local number=$1 folder=$2 last
    is_untouched "$folder" && return
    last=$(last_exercise "${number%%.*}")
    if [ "$last" = "$number" ]; then
        complain "$number has been begun: $folder or Package.swift has changes of yours."
    else
        complain "$folder or Package.swift has changes of yours${last:+, perhaps for $last}."
    fi
    fail "$exit_unsolved" "To go on with them:  docs/workbook watch ${last:-$number}" \
        "To put them aside:   docs/workbook reset ${last:-$number}    keeps them in a folder, and brings the" \
        "                     workbook's own back; then docs/workbook start $number"
}

# Gets a stage ready for an exercise.
command_start() {
    local number=${1-}
    # A stage's number alone stands for its Build exercise.
    case $number in
    [1-6]) number=$(build_exercise "$number") && shift && set -- "$number" "$@" ;;
    esac
    need_exercise start "$@"
    [ $# -eq 1 ] || usage start
    case $(fact "$number" kind) in
    Build) start_build "$number" ;;
    Diagnose) note_last "$number begun" ;;
    *)
        need_untouched "$number" "$(stage_folder "$number")"
        note_last "$number begun"
        say "$(stage_folder "$number") is the workbook's own: the place to work in."
        ;;
    esac
    say "The task:            docs/workbook task $number" \
        "What is missing:     docs/workbook check $number, or at every save: docs/workbook watch $number" \
        "The way back:        docs/workbook reset $number"
}

# Puts what a Build exercise starts from in the stage's place: the program of the stage before.
start_build() {
    local number=$1 stage=${1%%.*} to from what="a server for one word of one client" file
    to=$(stage_folder "$stage")
    need_untouched "$number" "$to"
    from=docs/exercises/start/$to
    # Stage 6 starts from stage 3, and nothing comes before stage 1.
    if [ "$stage" -gt 1 ]; then
        from=$((stage - 1))
        [ "$stage" -ne 6 ] || from=3
        what="stage $from's program"
        from=$(stage_folder "$from")
    fi
    take_away_what_is_new "$to" "$from"
    # Last, what the stage is handed besides: an empty codec, for stage 5.
    for file in "$from"/*.swift "docs/exercises/start/$to"/*.swift; do
        [ ! -e "$file" ] || cp "$file" "$to/"
    done
    # The check knows by the first that the work has begun, and by the second whether what it finds
    # is still, or again, the workbook's own.
    note_last "$number begun"
    note "$stage started"
    note "$stage own $(git rev-parse HEAD)"
    say "$to is now $what: turn it into stage $stage."
}

# Takes the files away that the stage before doesn't have; what is no lesson of the stage stays.
take_away_what_is_new() {
    local file
    for file in "$1"/*.swift; do
        case ${file##*/} in
        Quoted.swift | Frame.swift) ;;
        *) [ "$1" = Stage1-Sync ] || [ -e "$2/${file##*/}" ] || rm "$file" ;;
        esac
    done
}

# Puts the workbook's own stage back, and keeps what was there.
command_reset() {
    local number=${1-} folder kept
    case $number in
    [1-6]) number=$(build_exercise "$number") && shift && set -- "$number" "$@" ;;
    esac
    need_exercise reset "$@"
    [ $# -eq 1 ] || usage reset
    folder=$(stage_folder "$number")
    if is_untouched "$folder"; then
        say "$folder is as it was committed: nothing to put back."
        return
    fi
    kept=$(keep "$number" "$folder") || fail "$exit_trouble" "Your files cannot be kept: nothing was touched."
    put_back "$folder"
    say "$folder is the workbook's own again." "What was there: $kept"
}

# Copies a stage and the manifest to a folder of their own, and says which.
keep() {
    local kept
    kept=.kept/$1-$(date +%Y%m%d-%H%M%S)
    while [ -e "$kept" ]; do kept=$kept-; done
    mkdir -p "$kept" && cp -R "$2" Package.swift "$kept/" && say "$kept"
}

# Restores a stage and the manifest as they were committed, without files that were added.
put_back() {
    git restore --staged --worktree -- "$1" Package.swift && git clean -fdq -- "$1"
}

# Shows the solution, and why it is so; asks first.
command_solution() {
    local number yes="" apply="" word
    case ${1-} in
    "" | --*) set -- "$(last_exercise)" "$@" ;;
    esac
    need_exercise solution "$@"
    number=$1
    shift
    for word in "$@"; do
        case $word in
        --yes) yes=1 ;;
        --apply) apply=1 ;;
        *) usage solution ;;
        esac
    done
    may_show_solution "$number" "$yes"
    note_last "$number solution"
    if [ -n "$apply" ]; then
        apply_solution "$number"
        show_reason "$number"
    else
        { show_solution "$number" && show_reason "$number"; } | page
    fi
}

# Why it is solved so.
show_reason() {
    [ -e "Tests/Solutions/$1.why.md" ] || return 0
    say "" "${bold}Why so${plain}"
    show_markdown <"Tests/Solutions/$1.why.md"
}

# Ends unless the learner wants to see it.
may_show_solution() {
    local number=$1
    [ -z "$2" ] || return 0
    [ -t 0 ] || fail "$exit_usage" "Without a terminal to ask in: docs/workbook solution $number --yes"
    confirm "The solution of $(heading "$number")? You have seen $(hints_seen "$number") of $(hint_count "$number") hints." ||
        exit "$exit_unsolved"
}

show_solution() {
    local number=$1 base=Tests/Solutions/$1 folder
    folder=$(stage_folder "$number")
    if [ "$(fact "$number" kind)" = Build ]; then
        say "The solution is the workbook's own stage, as it was committed:" \
            "  git show HEAD:$folder/main.swift" \
            "  git diff HEAD -- $folder           what is different in yours"
    fi
    [ ! -e "$base.from" ] || say "The program stands in $(cat "$base.from") already."
    [ ! -e "$base.patch" ] || colour_patch <"$base.patch"
    [ ! -e "$base.answers" ] || cat "$base.answers"
    [ "$(fact "$number" kind)" = Build ] || [ -e "$base.answers" ] ||
        say "" "To have it in place of yours, which is kept: docs/workbook solution $number --apply"
}

colour_patch() {
    awk -v red="$red" -v green="$green" -v bold="$bold" -v plain="$plain" '
        /^(---|\+\+\+|diff|index)/ { print bold $0 plain; next }
        /^-/ { print red $0 plain; next }
        /^\+/ { print green $0 plain; next }
        { print }'
}

# Puts the solution in the stage's place, and keeps what was there.
apply_solution() {
    local number=$1 base=Tests/Solutions/$1 folder
    folder=$(stage_folder "$number")
    [ ! -e "$base.answers" ] || fail "$exit_usage" "This solution is a list of answers, no program: docs/workbook solution $number"
    command_reset "$number"
    if [ -e "$base.from" ]; then
        # Some of them are links into the stage's own folder, so copied before anything is removed.
        local copy
        copy=$(mktemp -d)
        cp "$(cat "$base.from")"/*.swift "$copy"/
        rm "$folder"/*.swift
        mv "$copy"/*.swift "$folder"/
        rmdir "$copy"
    fi
    [ ! -e "$base.patch" ] || git apply "$base.patch" ||
        fail "$exit_trouble" "The patch does not apply to the stage as it was committed."
    say "$folder is the solution now. Back: docs/workbook reset $number"
}
